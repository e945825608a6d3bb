"""A receipt on one page of paper: what it proves in plain words, the numbers to compare, and the signed receipt itself.

The exact bytes of the receipt are attached to the file as receipt.json, so that the PDF is as good as the download. The
same receipt makes the same bytes. No practice is named: whoever knows a tracking number can ask for this page.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.paper.document import Paper
from ballot.paper.qr import qr_svg
from ballot.record.receipts import Receipt
from ballot.record.wall_times import exact_wall_time, utc_time

QR = 48
"""The side of the code with its quiet zone, in millimetres."""

PROVES = (
    "This receipt proves that the ballot with this tracking number was accepted, and its place in the chain of "
    "ballots. If the ballot is removed or changed later, the receipt proves that too. It does not show how the "
    "practice voted."
)
CHECK = (
    "Scan the code, or open the address, to see the ballot on the board. To check it without trusting the board, "
    "download the published record and run: python3 scripts/verify_tally.py RECORD --receipt receipt.json. The file "
    "receipt.json is attached to this PDF."
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
    paper = Paper(f"Receipt: {page.programme}", page.receipt.time)
    if page.rehearsal:
        paper.warn("REHEARSAL: no decision follows from it.")
    paper.heading("Receipt for a member practice's vote", 1)
    paper.say(page.programme, 13)
    paper.say(page.ccg, 13, after=4)
    paper.say(PROVES, after=4)
    receipt = page.receipt
    _fact(paper, "Accepted")
    paper.say(f"{exact_wall_time(receipt.time)} ({utc_time(receipt.time)})")
    _fact(paper, "Tracking number")
    paper.code(grouped(receipt.tracking_number))
    _fact(paper, "Place in the chain")
    paper.say(f"number {receipt.height}; the signed checkpoint of size {receipt.checkpoint_size}")
    _fact(paper, "Chain head")
    paper.code(receipt.chain_head)
    _fact(paper, "Programme fingerprint")
    paper.code(page.fingerprint)
    alt = f"QR code of {page.address}"
    paper.picture(qr_svg(page.address), alt, QR, beside=CHECK, code=page.address)
    paper.heading("The receipt itself, as the board signed it", 2)
    paper.code(page.data.decode(), 7)
    paper.attach("receipt.json", page.data, "The signed receipt")
    return paper.to_pdf()


def grouped(tracking_number: str) -> str:
    """In groups of six, to be read out."""
    return " ".join(tracking_number[at : at + 6] for at in range(0, len(tracking_number), 6))


def _fact(paper: Paper, name: str) -> None:
    paper.say(name, bold=True, after=2)
