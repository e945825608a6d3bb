"""A receipt in public, by the SHA-256 of its ballot: on paper, and as a QR code. GET only."""

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
from ballot.paper.qr import qr_svg
from ballot.protocol.hashing import base64_of_hex, is_hash
from ballot.record.receipts import parse_receipt
from ballot.web.access import Rule, allow
from ballot.web.booth.receipt_pdf import Printed, receipt_pdf
from ballot.web.stage import surroundings

receipts = Blueprint("receipts", __name__)


@dataclass(frozen=True, slots=True)
class Found:
    """An accepted ballot and its place."""

    programme: ProgrammeRow
    ballot: BallotRow
    accepted: AcceptedRow


@receipts.get("/api/programmes/<programme>/<ccg>/receipts/<payload>.svg")
@allow(Rule.PUBLIC)
def qr(programme: str, ccg: str, payload: str) -> Response:
    """The address of the check, as a QR code."""
    with _found(programme, ccg, payload):
        return Response(qr_svg(_address(programme, payload)), mimetype="image/svg+xml")


@receipts.get("/api/programmes/<programme>/<ccg>/receipts/<payload>.pdf")
@allow(Rule.PUBLIC)
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
    """The whole address of a page of this board; plain http only on the machine itself, as in a demonstration."""
    host = board.partition(":")[0]
    return f"{'http' if host in ('127.0.0.1', 'localhost') else 'https'}://{board}{path}"


def _address(programme: str, payload: str) -> str:
    path = url_for("pages.find", programme=programme, number=base64_of_hex(payload))
    return check_address(surroundings().config.board, path)


@contextmanager
def _found(programme: str, ccg: str, payload: str) -> Iterator[Found]:
    if not is_hash(payload):
        abort(404)
    with reading(surroundings().engine) as session:
        ballot, row = find_ballot(session, programme, ccg), find_programme(session, programme)
        accepted = find_accepted(session, ballot.id, payload) if ballot else None
        if ballot is None or row is None or accepted is None:
            abort(404)
        yield Found(row, ballot, accepted)
