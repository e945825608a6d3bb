"""The logs for machines: checkpoints, cosignatures and proofs in C2SP's forms, and data for watchers. GET only.

Every answer costs a few look-ups by key, whatever the size of the log. Only the lists and the record so far grow with
it, and the record is made at most once a minute.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from flask import Blueprint, Response, abort, jsonify, url_for
from sqlalchemy.orm import Session

from ballot.db.accepted import find_accepted
from ballot.db.ballots import find_ballot
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.transparency import list_cosignatures
from ballot.office.board import log_proofs
from ballot.office.board.log_proofs import LogSummary
from ballot.office.board.record_so_far import OpeningNotWritten
from ballot.office.desk import Desk
from ballot.office.errors import Refused
from ballot.office.sealed import sealed_files
from ballot.protocol.canonical import Json
from ballot.protocol.hashing import is_hash
from ballot.record.times import time_text
from ballot.record.tlog_proofs import ConsistencyProof, InclusionProof, SignedCheckpoint
from ballot.web.access import AccessRule, allow
from ballot.web.board.asset_list import asset_list
from ballot.web.board.views import LINES
from ballot.web.errors import refusal
from ballot.web.stage import surroundings

proofs = Blueprint("proofs", __name__)

TEXT = "text/plain; charset=utf-8"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


@proofs.get("/api/programmes/<programme>/logs")
@allow(AccessRule.PUBLIC)
def logs(programme: str) -> Response:
    """Every log: its origin and key for a witness, its size, and its cosigners."""
    with reading(surroundings().engine) as session:
        row = _programme(session, programme)
        return jsonify([_log(row.id, log) for log in log_proofs.log_summaries(session, row)])


@proofs.get("/api/programmes/<programme>/logs/<log>/checkpoint")
@allow(AccessRule.PUBLIC)
def newest(programme: str, log: str) -> Response:
    """The newest checkpoint, with its cosignatures so far."""
    with reading(surroundings().engine) as session:
        return _text(log_proofs.signed_checkpoint(session, programme, log, None))


@proofs.get("/api/programmes/<programme>/logs/<log>/checkpoint/<size>")
@allow(AccessRule.PUBLIC)
def checkpoint(programme: str, log: str, size: str) -> Response:
    """The checkpoint of one size, with its cosignatures so far."""
    with reading(surroundings().engine) as session:
        return _text(log_proofs.signed_checkpoint(session, programme, log, _number(size)))


@proofs.get("/api/programmes/<programme>/logs/<log>/cosigned")
@allow(AccessRule.PUBLIC)
def cosigned(programme: str, log: str) -> Response:
    """The newest checkpoint that a witness cosigned."""
    with reading(surroundings().engine) as session:
        return _text(log_proofs.newest_cosigned_checkpoint(session, programme, log))


@proofs.get("/api/programmes/<programme>/logs/<log>/inclusion/<index>/<size>")
@allow(AccessRule.PUBLIC)
def inclusion(programme: str, log: str, index: str, size: str) -> Response:
    """Proof that an event is among the first `size`: a tlog-proof."""
    with reading(surroundings().engine) as session:
        return _text(log_proofs.prove_inclusion(session, programme, log, _number(index), _number(size)))


@proofs.get("/api/programmes/<programme>/logs/<log>/consistency/<old>/<size>")
@allow(AccessRule.PUBLIC)
def consistency(programme: str, log: str, old: str, size: str) -> Response:
    """Proof that the first `size` events begin with the first `old`: the body of a witness's add-checkpoint."""
    with reading(surroundings().engine) as session:
        return _text(log_proofs.prove_consistency(session, programme, log, _number(old), _number(size)))


@proofs.get("/api/programmes/<programme>/<ccg>/receipts/<payload>.tlog-proof")
@allow(AccessRule.PUBLIC)
def of_receipt(programme: str, ccg: str, payload: str) -> Response:
    """The checkpoint that a receipt names, and the proof that it covers the ballot."""
    with reading(surroundings().engine) as session:
        ballot = (find_ballot(session, programme, ccg) if is_hash(payload) else None) or _missing()
        accepted = find_accepted(session, ballot.id, payload) or _missing()
        proof = log_proofs.prove_receipt(session, ballot.programme_id, ballot.election_name, accepted.height)
    response = _text(proof)
    name = f"receipt-{ballot.election_name}-{accepted.height}.tlog-proof"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@proofs.get("/api/programmes/<programme>/cosignatures.jsonl")
@allow(AccessRule.PUBLIC)
def cosignatures(programme: str) -> Response:
    """Every cosignature."""
    with reading(surroundings().engine) as session:
        lines = list_cosignatures(session, _programme(session, programme).id)
        return Response(b"".join(line.to_bytes() for line in lines), mimetype=LINES)


@proofs.get("/api/programmes/<programme>/files/<path:name>")
@allow(AccessRule.PUBLIC)
def file(programme: str, name: str) -> Response:
    """A file that the terms name by hash, or a public key, byte for byte; 404 before sealing."""
    with reading(surroundings().engine) as session:
        data = sealed_files(session, _programme(session, programme)).get(name) or _missing()
    return Response(data, mimetype="text/plain")


@proofs.get("/api/programmes/<programme>/assets.json")
@allow(AccessRule.PUBLIC)
def assets(programme: str) -> Response:
    """The hashes of every script, style, picture and booth page, signed by the board."""
    with reading(surroundings().engine) as session:
        return Response(asset_list(session, _programme(session, programme)), mimetype="application/json")


@proofs.get("/api/programmes/<programme>/record-so-far.zip")
@allow(AccessRule.PUBLIC)
def record_so_far(programme: str) -> Response:
    """The record as of less than a minute ago; unlike the published one, not audited here."""
    here = surroundings()
    with reading(here.engine) as session:
        id = _programme(session, programme).id
    try:
        path = here.records.take(Desk(here.engine, here.clock, secrets.randbelow, here.board), id)
    except Refused:
        return refusal(404, "not-published")
    except OpeningNotWritten:
        return refusal(503, "not-now")
    response = Response(_pieces(path), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{id}-so-far.zip"'
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            yield piece


def _log(programme: str, log: LogSummary) -> dict[str, Json]:
    return {
        "log": log.name,
        "origin": log.origin,
        "vkey": log.vkey,
        "size": log.size,
        "head": log.head,
        "time": time_text(log.time),
        "cosigned": log.cosigned,
        "witnesses": list(log.witnesses),
        "checkpoint": url_for("proofs.newest", programme=programme, log=log.name),
    }


def _text(found: SignedCheckpoint | InclusionProof | ConsistencyProof | None) -> Response:
    return Response((found or _missing()).to_text(), content_type=TEXT)


def _number(written: str) -> int:
    return int(written) if _NUMBER.fullmatch(written) else _missing()


def _programme(session: Session, programme: str) -> ProgrammeRow:
    return find_programme(session, programme) or _missing()


def _missing() -> NoReturn:
    abort(404)
