"""A receipt in public, by the SHA-256 of its ballot: as a PDF and as a QR code. GET only.

One page says what the receipt proves, with the numbers to compare. Its exact bytes are attached as receipt.json, so the
PDF is as good as the download. The same receipt gives the same bytes. No practice is named, because anyone who knows a
tracking number can ask for this page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, Response, abort, url_for

from ballot.db.accepted import AcceptedRow, find_accepted
from ballot.db.ballots import BallotRow, find_ballot
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.office.sealed import read_programme
from ballot.pdf.document import Document
from ballot.pdf.qr import qr_svg
from ballot.protocol.hashing import base64_of_hex, is_hash
from ballot.record.receipts import Receipt, parse_receipt
from ballot.record.times import exact_wall_time, utc_time
from ballot.web.access import AccessRule, allow
from ballot.web.nouns import said
from ballot.web.stage import surroundings

QR = 48
"""The side of the code with its quiet zone, in millimetres."""

PROVES = (
    "This receipt proves that the ballot with this tracking number was accepted, and its place in the chain of "
    "ballots. If the ballot is removed or changed later, the receipt proves that too. It does not show how the "
    "{member} voted."
)
CHECK = (
    "Scan the code, or open the address, to see the ballot on the board. To check it without trusting the board, "
    "download the published record and run: python3 scripts/verify_tally.py RECORD --receipt receipt.json. The file "
    "receipt.json is attached to this PDF."
)


@dataclass(frozen=True, slots=True)
class Printed:
    """The contents of the page."""

    data: bytes
    receipt: Receipt
    programme: str
    ccg: str
    fingerprint: str
    address: str
    rehearsal: bool


def receipt_pdf(page: Printed) -> bytes:
    """Render the page as a PDF."""
    document = Document(f"Receipt: {page.programme}", page.receipt.time)
    if page.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    document.heading(said("Receipt for {a full_member}'s vote"), 1)
    document.say(page.programme, 13)
    document.say(page.ccg, 13, after=4)
    document.say(said(PROVES), after=4)
    receipt = page.receipt
    _fact(document, "Accepted")
    document.say(f"{exact_wall_time(receipt.time)} ({utc_time(receipt.time)})")
    _fact(document, "Tracking number")
    document.code(grouped(receipt.tracking_number))
    _fact(document, "Place in the chain")
    document.say(f"number {receipt.height}; the signed checkpoint of size {receipt.checkpoint_size}")
    _fact(document, "Chain head")
    document.code(receipt.chain_head)
    _fact(document, "Programme fingerprint")
    document.code(page.fingerprint)
    alt = f"QR code of {page.address}"
    document.picture(qr_svg(page.address), alt, QR, beside=CHECK, code=page.address)
    document.heading("The receipt itself, as the board signed it", 2)
    document.code(page.data.decode(), 7)
    document.attach("receipt.json", page.data, "The signed receipt")
    return document.to_pdf()


def grouped(tracking_number: str) -> str:
    """In groups of six, for reading aloud."""
    return " ".join(tracking_number[at : at + 6] for at in range(0, len(tracking_number), 6))


def _fact(document: Document, name: str) -> None:
    document.say(name, bold=True, after=2)


receipts = Blueprint("receipts", __name__)


@dataclass(frozen=True, slots=True)
class FoundReceipt:
    """An accepted ballot and its place in the chain."""

    programme: ProgrammeRow
    ballot: BallotRow
    accepted: AcceptedRow


@receipts.get("/api/programmes/<programme>/<ccg>/receipts/<payload>.svg")
@allow(AccessRule.PUBLIC)
def qr(programme: str, ccg: str, payload: str) -> Response:
    """A QR code with the address of the check."""
    with _found(programme, ccg, payload):
        return Response(qr_svg(_address(programme, payload)), mimetype="image/svg+xml")


@receipts.get("/api/programmes/<programme>/<ccg>/receipts/<payload>.pdf")
@allow(AccessRule.PUBLIC)
def pdf(programme: str, ccg: str, payload: str) -> Response:
    """The receipt on one page, with the signed bytes attached."""
    with _found(programme, ccg, payload) as found:
        data, read = found.accepted.receipt, read_programme(found.programme.toml)
        fingerprint, name = found.programme.fingerprint or "", found.ballot.name
    receipt, _, _ = parse_receipt(data)
    page = Printed(data, receipt, read.name, name, fingerprint, _address(programme, payload), rehearsal=read.rehearsal)
    response = Response(receipt_pdf(page), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{receipt.ccg}-{receipt.height}.pdf"'
    return response


def check_address(board: str, path: str) -> str:
    """The full address of a page on this board; plain http only on this machine, as in a demonstration."""
    host = board.partition(":")[0]
    return f"{'http' if host in ('127.0.0.1', 'localhost') else 'https'}://{board}{path}"


def _address(programme: str, payload: str) -> str:
    path = url_for("pages.find", programme=programme, number=base64_of_hex(payload))
    return check_address(surroundings().config.board, path)


@contextmanager
def _found(programme: str, ccg: str, payload: str) -> Iterator[FoundReceipt]:
    if not is_hash(payload):
        abort(404)
    with reading(surroundings().engine) as session:
        ballot, row = find_ballot(session, programme, ccg), find_programme(session, programme)
        accepted = find_accepted(session, ballot.id, payload) if ballot else None
        if ballot is None or row is None or accepted is None:
            abort(404)
        yield FoundReceipt(row, ballot, accepted)
