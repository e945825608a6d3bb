"""Publish the record, once our own audit has verified it: a folder and the same as a .zip, at any stage after sealing.

The files are those of one moment. Every log is held while that moment is chosen, so no checkpoint is half written, and
later publications only add to this one. This module alone says where published files are: `<id>.zip`, the folder of
the same name, and, once declared, the declaration as PDF, the board's signature over it, and the evidence pack.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy.orm import Session

from ballot.audit.catalogue import Stage
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable, open_source
from ballot.constitution.programme import Returned
from ballot.db.accepted import practices_returned
from ballot.db.archive import archive_pieces
from ballot.db.ballots import list_ballots
from ballot.db.events import event_lines
from ballot.db.logs import list_checkpoints
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.db.tokens import token_lines
from ballot.db.transparency import list_cosignatures
from ballot.declaration.as_pdf import to_pdf
from ballot.declaration.errors import NotDeclared, NotVerified
from ballot.declaration.evidence import write_evidence
from ballot.declaration.model import Declaration
from ballot.declaration.signature import sign_paper
from ballot.declaration.tell import tell_declaration
from ballot.office.activity import COMMAND_LINE, ActPlace, RecordPublished, Who, note_act
from ballot.office.casting.archives import read_closing
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import read_keys, read_programme
from ballot.office.tally import read_decryptions
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record import manifest
from ballot.record.checkpoints import checkpoint_line
from ballot.record.decryptions import decryptions_path
from ballot.record.keys import Role, SigningKey
from ballot.record.manifest import NAME, Manifest, sign_manifest
from ballot.record.packing import members_below, write_zip
from ballot.record.public_roll import write_returned
from ballot.record.reballots import FOLDER
from ballot.record.times import whole_second

Audit = Callable[[Path], None]
"""Raises unless the record at a path, a .zip, is verified."""


def publish(desk: Desk, programme_id: str, folder: Path, audit: Audit) -> Path:
    """Write the record to `folder` and to the .zip next to it, and return its path. Raises Refused before sealing.

    What `audit` raises is passed on, and the earlier publication stays as it was.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        record, packed = temporary / "record", temporary / "record.zip"
        with one_moment(desk, programme_id) as session:
            write_record(session, programme_id, record, desk.board)
        with packed.open("wb") as target:
            write_zip(target, members_below(record))
        audit(packed)  # the public downloads the .zip; the folder has the same files
        return _put_in_place(record, packed, folder, temporary / "older")
    finally:
        shutil.rmtree(temporary)


@contextmanager
def one_moment(desk: Desk, programme_id: str) -> Iterator[Session]:
    """Open a session on a moment when nothing is being appended and every due opening is written."""
    while True:
        with reading(desk.engine) as session:
            with transaction(desk.engine) as holder:
                written = open_chronicle(holder, desk, programme_id).open_all_due()
                find_programme(session, programme_id)  # the first query fixes what this session sees
            if not written:
                yield session
                return


def write_record(session: Session, programme_id: str, folder: Path, board: SigningKey) -> None:
    """Write every file of the record, the manifest last. A re-ballot's record includes all of the record it cites."""
    programme = find_programme(session, programme_id)
    if programme is None or programme.terms is None or programme.fingerprint is None:
        raise Refused(Refusal.WRONG_STATE, f"{programme_id} is not sealed yet, so there is nothing to publish.")
    if read_keys(programme.keys)[Role.BOARD] != board.public:
        raise Refused(Refusal.FOREIGN_KEY, f"This is not the key of the board of {programme_id}.")
    fingerprint = Hash(programme.fingerprint)
    files: dict[str, Hash] = {}
    for name, pieces in _files(session, programme):
        files[name] = _write(folder / name, pieces)
    if programme.cites is not None:
        cited = folder / FOLDER
        write_record(session, programme.cites, cited, board)
        for path in sorted(path for path in cited.rglob("*") if path.is_file()):
            files[path.relative_to(folder).as_posix()] = Hash(hashlib.sha256(path.read_bytes()).hexdigest())
    signed = sign_manifest(Manifest(programme_id, fingerprint, files), board)
    (folder / manifest.NAME).write_bytes(signed.to_bytes())


def _files(session: Session, programme: ProgrammeRow) -> Iterator[tuple[str, Iterator[bytes]]]:
    id = programme.id
    keys, decision = read_keys(programme.keys), programme.decision
    returned = read_programme(programme.toml).returned is Returned.AFTER_CLOSING
    yield "programme.toml", iter([programme.toml])
    yield "terms.json", iter([programme.terms or b""])
    yield "roll.csv", iter([programme.roll])
    if decision is not None:
        yield "decision.json", iter([decision])
    for role in Role:
        yield f"keys/{role.value}.pub", iter([keys[role].to_pem()])
    yield "events.jsonl", (line + b"\n" for line in event_lines(session, id))
    yield "checkpoints.jsonl", (checkpoint_line(log, note) for log, note in list_checkpoints(session, id))
    if cosignatures := list_cosignatures(session, id):
        yield "cosignatures.jsonl", (line.to_bytes() for line in cosignatures)
    yield "tokens.jsonl", iter(token_lines(session, id))
    ballots = list_ballots(session, id)
    closed = [ballot for ballot in ballots if read_closing(session, ballot) is not None]
    if returned and closed:
        rows = [
            (ballot.ccg, practice.ods, practice.name)
            for ballot in closed
            for practice in practices_returned(session, ballot.id)
        ]
        yield "returned.csv", iter([write_returned(rows)])
    for ccg, constitution in {ballot.ccg: ballot.constitution for ballot in ballots}.items():
        yield f"constitutions/{ccg}.toml", iter([constitution])
    for ballot in ballots:
        yield f"elections/{ballot.election_name}.bel", archive_pieces(session, ballot)
        closing = read_closing(session, ballot)
        if closing is not None and closing.result is not None:
            yield decryptions_path(ballot.election_name), iter([read_decryptions(session, ballot, closing.owners)])


def _write(path: Path, pieces: Iterator[bytes]) -> Hash:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for piece in pieces:
            stream.write(piece)
            digest.update(piece)
    return Hash(digest.hexdigest())


def _put_in_place(record: Path, packed: Path, folder: Path, older: Path) -> Path:
    published_path = folder.with_name(f"{folder.name}.zip")
    if folder.exists():
        folder.rename(older)
    record.rename(folder)
    packed.replace(published_path)
    return published_path


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
    """What is published now: the packed record, its audit verdict, and whether it contains a declaration."""

    folder: Path
    packed: Path
    verdict: str
    declares: bool


def published_path(records: Path, programme_id: str, what: str) -> Path:
    """The path of a published file of a programme, for example `declaration.pdf`."""
    return records / f"{programme_id}.{what}"


def publish_verified(desk: Desk, programme_id: str, records: Path, jobs: int = 1, who: Who = COMMAND_LINE) -> Published:
    """Publish the record, unless our audit finds a fault or could not check something.

    Raises: NotVerified, and the earlier publication stays as it was; Refused before sealing.
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
        note_act(session, whole_second(desk.clock()), who, RecordPublished(manifest), ActPlace(programme_id))
    return Published(folder, packed, reports[0].conclusion, declares)


@contextmanager
def _alone(records: Path) -> Iterator[None]:
    """Let only one process publish at a time, so that two do not mix their files. The other waits."""
    descriptor = os.open(records, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def find_declaration(records: Path, programme_id: str) -> Declaration | None:
    """What the published, verified record declares. None before the declaration is published."""
    packed = records / f"{programme_id}.zip"
    try:
        stat = packed.stat()
    except OSError:
        return None
    return _read(packed, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read(packed: Path, _modified: int, _size: int) -> Declaration | None:
    """Read the declaration; cached until the packed record changes."""
    try:
        with open_source(packed) as source:
            return tell_declaration(source)
    except (NotDeclared, Unreadable):
        return None


def _write_declaration(desk: Desk, programme_id: str, records: Path, folder: Path) -> bool:
    """Write the PDF, signature and evidence pack, after removing older ones. Returns False before the declaration."""
    paths = [published_path(records, programme_id, what) for what in (PAPER, SIGNATURE, EVIDENCE)]
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
    """The stage of all archives, without abandoned ones. None if they differ."""
    with reading(desk.engine) as session:
        stages = {STAGES.get(State(ballot.state)) for ballot in list_ballots(session, programme_id)} - {None}
    return stages.pop() if len(stages) == 1 else None
