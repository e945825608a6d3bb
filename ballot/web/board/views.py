"""The public board as data: programmes, elections, ballots in the chain, receipts, downloads. GET only.

`board.pages` shows the same to people.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from flask import Blueprint, Response, abort, jsonify, send_file
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from ballot.constitution.programme import Programme
from ballot.db.accepted import find_accepted
from ballot.db.ballots import BallotRow, find_ballot
from ballot.db.events import event_lines
from ballot.db.logs import list_checkpoints
from ballot.db.programmes import ProgrammeRow, find_programme, list_programmes
from ballot.db.session import reading
from ballot.office.board.election_status import ElectionStatus, election_statuses, list_board
from ballot.office.casting.archives import read_archive
from ballot.office.sealed import read_programme
from ballot.protocol.canonical import Json
from ballot.record.checkpoints import checkpoint_line
from ballot.record.times import time_text
from ballot.web.access import AccessRule, allow
from ballot.web.errors import refusal
from ballot.web.stage import surroundings

board = Blueprint("board", __name__)


LINES = "application/jsonl"


@board.get("/api/programmes")
@allow(AccessRule.PUBLIC)
def programmes() -> Response:
    """Every programme of this installation."""
    with reading(surroundings().engine) as session:
        return jsonify([describe(row) for row in list_programmes(session)])


@board.get("/api/programmes/<programme>")
@allow(AccessRule.PUBLIC)
def programme(programme: str) -> Response:
    """One programme and the state of each election: one for each CCG, or for each of its localities."""
    here = surroundings()
    with reading(here.engine) as session:
        row = _programme(session, programme)
        ccgs = [_standing(standing) for standing in election_statuses(session, row.id, here.clock())]
        return jsonify({**describe(row), "ccgs": ccgs})


@board.get("/api/programmes/<programme>/terms.json")
@allow(AccessRule.PUBLIC)
def terms(programme: str) -> Response:
    """The terms, byte for byte."""
    with reading(surroundings().engine) as session:
        return Response(_programme(session, programme).terms or _missing(), mimetype="application/json")


@board.get("/api/programmes/<programme>/events.jsonl")
@allow(AccessRule.PUBLIC)
def events(programme: str) -> Response:
    """The programme's own log."""
    with reading(surroundings().engine) as session:
        lines = event_lines(session, _programme(session, programme).id)
        return Response(b"".join(line + b"\n" for line in lines), mimetype=LINES)


@board.get("/api/programmes/<programme>/checkpoints.jsonl")
@allow(AccessRule.PUBLIC)
def checkpoints(programme: str) -> Response:
    """Every signed checkpoint of every log."""
    with reading(surroundings().engine) as session:
        notes = list_checkpoints(session, _programme(session, programme).id)
        return Response(b"".join(checkpoint_line(log, note) for log, note in notes), mimetype=LINES)


@board.get("/api/programmes/<programme>/record.zip")
@allow(AccessRule.PUBLIC)
def record(programme: str) -> BaseResponse:
    """The published record, as it was verified before publishing."""
    here = surroundings()
    with reading(here.engine) as session:
        path = here.config.instance / "records" / f"{_programme(session, programme).id}.zip"
    if not path.is_file():
        return refusal(404, "not-published")
    return send_file(path.resolve(), "application/zip", as_attachment=True)


@board.get("/api/programmes/<programme>/<ccg>/election.json")
@allow(AccessRule.PUBLIC)
def election(programme: str, ccg: str) -> Response:
    """The election that ballots are made for, byte for byte: every ballot contains its hash."""
    with reading(surroundings().engine) as session:
        return Response(_ballot(session, programme, ccg).election or _missing(), mimetype="application/json")


@board.get("/api/programmes/<programme>/<ccg>/election.bel")
@allow(AccessRule.PUBLIC)
def archive(programme: str, ccg: str) -> Response:
    """The archive as it is now; every earlier download is a prefix of it."""
    engine = surroundings().engine
    with reading(engine) as session:
        if _ballot(session, programme, ccg).timestamp is None:
            abort(404)

    def pieces() -> Iterator[bytes]:
        with reading(engine) as session:
            yield from read_archive(session, _ballot(session, programme, ccg))

    return Response(pieces(), mimetype="application/x-tar")


@board.get("/api/programmes/<programme>/<ccg>/board")
@allow(AccessRule.PUBLIC)
def ballots(programme: str, ccg: str) -> Response:
    """Every accepted ballot by height: tracking number, time, and whether a later one counts instead."""
    with reading(surroundings().engine) as session:
        listed = list_board(session, _ballot(session, programme, ccg))
    return jsonify(
        [
            {
                "height": entry.height,
                "tracking_number": entry.tracking_number,
                "time": time_text(entry.time),
                "superseded_at": entry.superseded_at,
            }
            for entry in listed
        ]
    )


@board.get("/api/programmes/<programme>/<ccg>/receipts/<payload>")
@allow(AccessRule.PUBLIC)
def receipt(programme: str, ccg: str, payload: str) -> Response:
    """The receipt of the ballot with this SHA-256 (the tracking number, in hexadecimal), exactly as issued."""
    with reading(surroundings().engine) as session:
        accepted = find_accepted(session, _ballot(session, programme, ccg).id, payload)
    return Response(accepted.receipt if accepted else _missing(), mimetype="application/json")


def describe(row: ProgrammeRow) -> dict[str, Json]:
    """The public data of a programme."""
    read: Programme = read_programme(row.toml)
    return {
        "programme": row.id,
        "name": read.name,
        "rehearsal": read.rehearsal,
        "policy": read.policy.value,
        "fingerprint": row.fingerprint,
        "questions": [{"id": q.id, "text": q.text, "answers": list(q.answers)} for q in read.questions],
    }


def _standing(standing: ElectionStatus) -> dict[str, Json]:
    return {
        "election": standing.election_name,
        "ccg": standing.ccg,
        "locality": standing.locality,
        "name": standing.name,
        "uuid": standing.uuid,
        "state": standing.state.value,
        "opens": time_text(standing.opens_at),
        "closes": time_text(standing.closes_at),
        "eligible": standing.eligible,
        "returned": standing.returned,
        "height": standing.height,
        "head": standing.head,
    }


def _programme(session: Session, programme: str) -> ProgrammeRow:
    return find_programme(session, programme) or _missing()


def _ballot(session: Session, programme: str, ccg: str) -> BallotRow:
    """The ballot at an address: `<ccg>`, or the election's name `<ccg>.<locality>` if there are localities."""
    return find_ballot(session, programme, ccg) or _missing()


def _missing() -> NoReturn:
    abort(404)
