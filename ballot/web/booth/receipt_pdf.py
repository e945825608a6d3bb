"""A receipt on one page of paper: what it proves in plain words, the numbers to compare, and the signed receipt itself.

The exact bytes of the receipt are attached to the file as receipt.json, so that the PDF is as good as the download. The
same receipt makes the same bytes. No practice is named: whoever knows a tracking number can ask for this page.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpdf import FPDF
from fpdf.enums import WrapMode

from ballot.paper import MARGIN, WIDTH, latin, new_paper, write
from ballot.record.receipts import Receipt
from ballot.record.wall_times import exact_wall_time, utc_time
from ballot.web.booth.receipt_qr import qr_rows

QR = 42.0
"""Its side, in millimetres."""

PROVES = (
    "This receipt proves that the ballot with this tracking number was accepted, and where it stands in the chain of "
    "ballots. If it were dropped or changed later, the receipt would prove that too. It does not show how the practice "
    "voted, to anybody."
)
CHECK = (
    "Scan the code, or open the address, to see the ballot on the board. To check it without trusting the board, "
    "download the published record and run: python3 scripts/verify_tally.py RECORD --receipt receipt.json (the file is "
    "attached to this PDF)."
)


@dataclass(frozen=True, slots=True)
class Printed:
    """What is on the page."""

    data: bytes
    receipt: Receipt
    programme: str
    ccg: str
    fingerprint: str
    address: str
    rehearsal: bool


def receipt_pdf(page: Printed) -> bytes:
    """The page as a file."""
    pdf = new_paper(f"Receipt: {page.programme}", page.receipt.time)
    if page.rehearsal:
        write(pdf, "REHEARSAL: no decision follows from it.", 11, "B")
    write(pdf, "Receipt for a member practice's vote", 20, "B", after=3)
    write(pdf, page.programme, 13)
    write(pdf, page.ccg, 13, after=4)
    write(pdf, PROVES, 11, after=4)
    receipt = page.receipt
    _fact(pdf, "Accepted", f"{exact_wall_time(receipt.time)} ({utc_time(receipt.time)})")
    _fact(pdf, "Tracking number", grouped(receipt.tracking_number), code=True)
    place = f"number {receipt.height}; the signed checkpoint of size {receipt.checkpoint_size}"
    _fact(pdf, "Place in the chain", place)
    _fact(pdf, "Chain head", receipt.chain_head, code=True)
    _fact(pdf, "Programme fingerprint", page.fingerprint, code=True)
    top = pdf.get_y() + 2
    _qr(pdf, qr_rows(page.address), MARGIN, top)
    pdf.set_xy(MARGIN + QR + 6, top)
    pdf.set_font("Helvetica", size=11)
    pdf.multi_cell(WIDTH - QR - 6, 5.5, CHECK, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.set_x(MARGIN + QR + 6)
    pdf.set_font("Courier", size=9)
    pdf.multi_cell(WIDTH - QR - 6, 4.5, page.address, new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)
    pdf.set_y(max(pdf.get_y(), top + QR) + 6)
    write(pdf, "The receipt itself, as the board signed it", 11, "B", after=1)
    pdf.set_font("Courier", size=8)
    pdf.multi_cell(WIDTH, 4, latin(page.data.decode()), new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR)
    pdf.embed_file(basename="receipt.json", bytes=page.data, desc="The signed receipt", modification_date=receipt.time)
    return bytes(pdf.output())


def grouped(tracking_number: str) -> str:
    """In groups of six, to be read out."""
    return " ".join(tracking_number[at : at + 6] for at in range(0, len(tracking_number), 6))


def _fact(pdf: FPDF, name: str, value: str, *, code: bool = False) -> None:
    pdf.set_font("Helvetica", "B", 11)
    pdf.multi_cell(WIDTH, 5.5, name, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Courier" if code else "Helvetica", size=11 if not code else 10)
    pdf.multi_cell(
        WIDTH, 5.5, latin(value), new_x="LMARGIN", new_y="NEXT", wrapmode=WrapMode.CHAR if code else WrapMode.WORD
    )
    pdf.ln(1.5)


def _qr(pdf: FPDF, rows: list[list[bool]], x: float, y: float) -> None:
    side = QR / len(rows)
    pdf.set_fill_color(0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                pdf.rect(x + across * side, y + down * side, side, side, style="F")
