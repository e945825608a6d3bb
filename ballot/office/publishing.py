"""Publish what our own audit finds verified, and nothing else; once it is declared, with the declaration beside it.

Where they are kept, and by whom they are found, is said here once: `<id>.zip` and the folder of the same name, and
beside them the declaration on paper, the board's signature over it, and the evidence pack.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ballot.audit.catalogue import Stage
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable, open_source
from ballot.db.ballots import list_ballots
from ballot.db.session import reading, transaction
from ballot.declaration.as_pdf import to_pdf
from ballot.declaration.errors import NotDeclared, NotVerified
from ballot.declaration.evidence import write_evidence
from ballot.declaration.model import Declaration
from ballot.declaration.signature import sign_paper
from ballot.declaration.tell import tell_declaration
from ballot.office.activity import COMMAND_LINE, Place, RecordPublished, Who, note_act
from ballot.office.desk import Desk
from ballot.office.lifecycle import State
from ballot.office.publish import publish
from ballot.protocol.hashing import sha256_hex
from ballot.record.manifest import NAME
from ballot.record.times import whole_second

STAGES = {
    State.SEALED: Stage.VOTING,  # an archive without a ballot yet is "voting" too
    State.OPEN: Stage.VOTING,
    State.CLOSED: Stage.CLOSED,
    State.TALLIED: Stage.TALLIED,
    State.DECLARED: Stage.TALLIED,
}
PAPER, SIGNATURE, EVIDENCE = "declaration.pdf", "declaration.sig.json", "evidence.zip"


@dataclass(frozen=True, slots=True)
class Published:
    """What is published now: the record packed, what the audit said of it, and whether it declares anything."""

    folder: Path
    packed: Path
    verdict: str
    declares: bool


def beside(records: Path, programme_id: str, what: str) -> Path:
    """Where a file of a published programme is: `declaration.pdf` and so on."""
    return records / f"{programme_id}.{what}"


def publish_verified(desk: Desk, programme_id: str, records: Path, jobs: int = 1, who: Who = COMMAND_LINE) -> Published:
    """Publish, unless the auditor's code finds anything on the record or could not look at something.

    Raises: NotVerified, and what was published before stays as it was; Refused before sealing.
    """
    records.mkdir(parents=True, exist_ok=True)
    with _alone(records):
        return _publish(desk, programme_id, records, jobs, who)


def _publish(desk: Desk, programme_id: str, records: Path, jobs: int, who: Who) -> Published:
    folder = records / programme_id
    stage = _stage(desk, programme_id)
    reports: list[Report] = []

    def check(record: Path) -> None:
        report = audit(record, Options(stage=stage, since=folder if folder.exists() else None, jobs=jobs))
        if report.failed() or report.skipped():
            raise NotVerified(report)
        reports.append(report)

    packed = publish(desk, programme_id, folder, check)
    declares = _write_declaration(desk, programme_id, records, folder)
    with transaction(desk.engine) as session:
        manifest = sha256_hex((folder / NAME).read_bytes())
        note_act(session, whole_second(desk.clock()), who, RecordPublished(manifest), Place(programme_id))
    return Published(folder, packed, reports[0].conclusion, declares)


@contextmanager
def _alone(records: Path) -> Iterator[None]:
    """Two that publish at once would exchange each other's files: one waits, also in another process."""
    descriptor = os.open(records, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def find_declaration(records: Path, programme_id: str) -> Declaration | None:
    """What the published record declares; None before it is declared and published. It was verified before that."""
    packed = records / f"{programme_id}.zip"
    try:
        stat = packed.stat()
    except OSError:
        return None
    return _read(packed, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(packed: Path, _modified: int, _size: int) -> Declaration | None:
    """Made once for each record that is published."""
    try:
        with open_source(packed) as source:
            return tell_declaration(source)
    except (NotDeclared, Unreadable):
        return None


def _write_declaration(desk: Desk, programme_id: str, records: Path, folder: Path) -> bool:
    """Paper, signature and pack, those of an older record removed in any case; False before it is declared."""
    paths = [beside(records, programme_id, what) for what in (PAPER, SIGNATURE, EVIDENCE)]
    try:
        with open_source(folder) as source:
            declaration = tell_declaration(source)
    except NotDeclared:
        for path in paths:
            path.unlink(missing_ok=True)
        return False
    pdf = to_pdf(declaration)
    signature = sign_paper(declaration, pdf, desk.board)
    new = [path.with_name(f".{path.name}.new") for path in paths]
    new[0].write_bytes(pdf)
    new[1].write_bytes(signature)
    with new[2].open("wb") as target:
        write_evidence(target, declaration, folder, pdf, signature)
    for made, path in zip(new, paths, strict=True):
        made.replace(path)
    return True


def _stage(desk: Desk, programme_id: str) -> Stage | None:
    """The stage that all archives are at, those abandoned aside; None where they differ."""
    with reading(desk.engine) as session:
        stages = {STAGES.get(State(ballot.state)) for ballot in list_ballots(session, programme_id)} - {None}
    return stages.pop() if len(stages) == 1 else None
