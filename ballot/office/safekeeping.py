"""The backup of an installation: tables and programmes' files, in one file, while voting goes on; and back again.

    manifest.json              version of the tables, moment, rows and SHA-256 of every other member
    tables/<name>.jsonl        every row, of one moment of the database (db/copy.py)
    programmes/...             the programmes' folders
    keys/<name>.pub            public keys

It does not hold the registrar's vault, any private key, or the server's decryption keys: their own backup
(office/setup/server_keys.py) is kept apart. It does not hold records, which are public. It holds names and
addresses.

A backup is older than the board. Before it is used, votes that came afterwards must not be lost: `compare_with_mirror`
compares what was restored with a newer copy of the published record, a folder or a .zip, and refuses if that copy has
more.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.audit.source import RecordSource, Unreadable, open_source, read_file
from ballot.audit.source import reading as reading_file
from ballot.db.activity import verify_chain
from ballot.db.archive import archive_pieces, list_entries
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.copy import TABLES, InvalidCopy, advance_sequences, export_rows, import_rows, is_empty
from ballot.db.events import event_lines
from ballot.db.logs import find_log
from ballot.db.programmes import list_programmes
from ballot.db.session import reading, transaction
from ballot.db.upgrade import head
from ballot.office.desk import Clock
from ballot.protocol.hashing import sha256_hex
from ballot.record.times import time_text

FORMAT = 1
MANIFEST, SETTINGS, KEYS = "manifest.json", "programmes", "keys"
EVENTS = "events.jsonl"
NO_MIRRORS: Mapping[str, Path] = {}


class UnusableBackup(Exception):
    """A backup that cannot be used here. The message says why. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class CopySummary:
    """What was copied: the number of rows, and the moment that they show."""

    rows: int
    made_at: str


def make_backup(engine: Engine, clock: Clock, programmes: Path, keys: Path, to: IO[bytes]) -> CopySummary:
    """Write the backup. One transaction reads every table as of one moment, and blocks no one."""
    hashes: dict[str, str] = {}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        with reading(engine) as session:
            made_at = time_text(clock())
            for table in TABLES:
                name = f"tables/{table.name}.jsonl"
                digest, number = hashlib.sha256(), -1  # the first line names the columns
                with archive.open(name, "w", force_zip64=True) as member:
                    for line in export_rows(session, table):
                        member.write(line)
                        digest.update(line)
                        number += 1
                hashes[name], counts[table.name] = digest.hexdigest(), number
        for name, path in _files(programmes, keys):
            data = path.read_bytes()
            archive.writestr(name, data)
            hashes[name] = hashlib.sha256(data).hexdigest()
        manifest = {"format": FORMAT, "tables": head(), "made_at": made_at, "rows": counts, "sha256": hashes}
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return CopySummary(sum(counts.values()), made_at)


def _files(programmes: Path, keys: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(programmes.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"{SETTINGS}/{path.relative_to(programmes).as_posix()}", path
    for path in sorted(keys.glob("*.pub")):
        yield f"{KEYS}/{path.name}", path


def restore_backup(
    engine: Engine, backup: Path, programmes: Path, keys: Path, mirrors: Mapping[str, Path] = NO_MIRRORS
) -> CopySummary:
    """Fill an empty database of this version, then the folders. No file is overwritten.

    Before anything is written to disk, every member is compared with the manifest, every archive and the activity log
    with their own hashes, and every programme with its mirror if one is given. Raises: UnusableBackup.
    """
    with _opened(backup) as (archive, manifest):
        if manifest.get("tables") != head():
            raise UnusableBackup(
                f"The backup has tables of version {manifest.get('tables')}, and this program has {head()}: "
                "restore it with the program that made it, then run ballot db upgrade."
            )
        with transaction(engine) as session:
            if not is_empty(session):
                raise UnusableBackup("The database is not empty: a backup is restored into a new one only.")
            for table in TABLES:
                with archive.open(f"tables/{table.name}.jsonl") as member:
                    number = import_rows(session, table, member)
                if number != manifest["rows"].get(table.name):
                    raise UnusableBackup(f"The backup has not as many rows of {table.name} as it says.")
            advance_sequences(session)
            session.flush()
            if next(verify_chain(session), None) is not None:
                raise UnusableBackup("The activity log in the backup is not whole.")
            there = [programme.id for programme in list_programmes(session)]
            for programme_id in mirrors:
                if programme_id not in there:
                    raise UnusableBackup(
                        f"The backup has no programme {programme_id}; there are: {', '.join(there) or 'none'}."
                    )
            for programme in list_programmes(session):
                for ballot in list_ballots(session, programme.id):
                    _check_archive(session, ballot)
            for programme_id, mirror in mirrors.items():
                compare_with_mirror(session, programme_id, mirror)
        for name in archive.namelist():
            root = {SETTINGS: programmes, KEYS: keys}.get(name.partition("/")[0])
            if root is not None:
                _write(root, name.partition("/")[2], archive.read(name))
    return CopySummary(sum(manifest["rows"].values()), str(manifest["made_at"]))


def _check_archive(session: Session, ballot: BallotRow) -> None:
    number = 0
    for entry in list_entries(session, ballot.id):
        number += 1
        if sha256_hex(entry.body) != entry.hash:
            raise UnusableBackup(f"The archive of {ballot.election_name} in the backup is damaged.")
    log = find_log(session, ballot.programme_id, ballot.election_name)
    if number != (0 if log is None else log.members):
        raise UnusableBackup(f"The archive of {ballot.election_name} in the backup is not whole.")


@contextmanager
def _opened(backup: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, Any]]]:
    """Open the backup, after checking every member against the manifest's hash and that there are no other members."""
    try:
        with zipfile.ZipFile(backup) as archive:
            manifest = json.loads(archive.read(MANIFEST))
            if any(".." in name.split("/") or name.startswith("/") for name in archive.namelist()):
                raise UnusableBackup("The backup names a file outside its folder.")
            if manifest["format"] != FORMAT or {*archive.namelist()} != {MANIFEST, *manifest["sha256"]}:
                raise UnusableBackup("The backup has not the members that its manifest names.")
            for name, expected in manifest["sha256"].items():
                digest = hashlib.sha256()
                with archive.open(name) as member:
                    while piece := member.read(2**20):
                        digest.update(piece)
                if digest.hexdigest() != expected:
                    raise UnusableBackup(f"{name} in the backup is not what was written.")
            yield archive, manifest
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError, RecursionError):
        raise UnusableBackup("This is no backup of ours, or it is damaged.") from None
    except InvalidCopy as fault:
        raise UnusableBackup(str(fault)) from None


def _write(root: Path, name: str, data: bytes) -> None:
    path = root / name
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def compare_with_mirror(session: Session, programme_id: str, mirror: Path) -> None:
    """Raise UnusableBackup unless every archive and event of a record is in the database too.

    `mirror` is the record as a folder or a .zip: the published one, or the record so far of a ballot in progress.
    """
    try:
        with open_source(mirror) as source:
            if source.faults:
                raise UnusableBackup(f"The mirror cannot be used: {source.faults[0]}.")
            _compare(session, programme_id, source)
    except Unreadable as fault:
        raise UnusableBackup(f"The mirror cannot be used: {str(fault).rstrip('.')}.") from None


def _compare(session: Session, programme_id: str, source: RecordSource) -> None:
    names = set(source.names())
    if EVENTS not in names:
        raise UnusableBackup(f"The mirror cannot be used: it has no {EVENTS}, which every record has.")
    known = b"".join(line + b"\n" for line in event_lines(session, programme_id))
    if not known.startswith(read_file(source, EVENTS)):
        raise UnusableBackup("The mirror has events that the backup has not.")
    for ballot in list_ballots(session, programme_id):
        name = f"{ballot.election_name}.bel"
        if f"elections/{name}" not in names:
            continue
        if ballot.election is None:
            raise UnusableBackup(f"The mirror's {name} was sealed after the backup.")
        with reading_file(source, f"elections/{name}") as stream:
            for piece in archive_pieces(session, ballot):
                if not piece.startswith(stream.read(len(piece))):
                    raise UnusableBackup(f"The mirror's {name} is another one than the backup's.")
            if stream.read(1):
                raise UnusableBackup(
                    f"The mirror's {name} has ballots that came after the backup: restore a newer one, "
                    "or abandon that ballot and hold it again. Going on would break their receipts."
                )
