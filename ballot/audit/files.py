"""The files of a record, and whether the manifest has the hash of each."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ballot.audit.faults import FaultKind
from ballot.audit.report import Report
from ballot.audit.source import RecordSource, Unreadable, read_file, reading
from ballot.constitution.codes import ANY
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash
from ballot.record.decryptions import election_of_decryptions
from ballot.record.elections import is_election_name
from ballot.record.keys import Role
from ballot.record.manifest import NAME, Manifest, parse_manifest
from ballot.record.reballots import FOLDER

RECORD = "record"
"""The subject of checks that look at the record as a whole."""


def key_path(role: Role) -> str:
    """The path of a role's public key."""
    return f"keys/{role.value}.pub"


REQUIRED = frozenset(
    {"programme.toml", "terms.json", "roll.csv", "events.jsonl", "checkpoints.jsonl", "tokens.jsonl"}
    | {key_path(role) for role in Role}
)
OPTIONAL = frozenset({"returned.csv", "decision.json", "cosignatures.jsonl"})
MAX_ELECTIONS = 2000
"""England had about two hundred CCGs, each with a dozen localities at most."""

_CONSTITUTION = re.compile(rf"constitutions/{ANY}\.toml")
_ARCHIVE = re.compile(r"elections/(.*)\.bel")


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a record: their source, their manifest, their names."""

    source: RecordSource
    manifest: Manifest
    names: frozenset[str]

    def has(self, name: str) -> bool:
        return name in self.names

    def read(self, name: str) -> bytes | None:
        """A whole file; None if it is missing or damaged, which `check_files` reports."""
        try:
            return read_file(self.source, name) if self.has(name) else None
        except Unreadable:
            return None

    def elections(self) -> dict[str, str]:
        """The archives, by the election's name."""
        found = {name: path for path in sorted(self.names) if (name := _election_of(path)) is not None}
        return dict(list(found.items())[:MAX_ELECTIONS])

    def constitutions(self) -> list[str]:
        """The rule files, by path."""
        return sorted(name for name in self.names if name.startswith("constitutions/"))[:MAX_ELECTIONS]


def open_files(source: RecordSource) -> Files:
    """The files of the record; raises Unreadable if there is no readable manifest."""
    if NAME not in source.names():
        raise Unreadable(f"there is no {NAME}: this is not a published record, nor a .bel archive")
    try:
        return Files(source, parse_manifest(read_file(source, NAME)), frozenset(source.names()))
    except InvalidMessage as fault:
        raise Unreadable(f"{NAME} cannot be read: {fault}") from None


def check_files(files: Files, report: Report) -> None:
    """Check that every file belongs to a record, is there once, and has its hash in the manifest."""
    names = set(files.names) - {NAME}
    for fault in files.source.faults:
        report.fault("record.files", RECORD, fault)
    for name in sorted(REQUIRED - names):
        report.fault("record.files", RECORD, f"{name} is missing", FaultKind.MISSING, file=name)
    for name in sorted(names - REQUIRED - OPTIONAL):
        if name.startswith(FOLDER):
            continue  # the cited record, audited separately
        known = _election_of(name) or election_of_decryptions(name)
        if not _CONSTITUTION.fullmatch(name) and known is None:
            report.fault("record.files", RECORD, f"{name[:200]} does not belong in a record", file=name)
    for folder in ("constitutions/", "elections/", "decryptions/"):
        if sum(name.startswith(folder) for name in names) > MAX_ELECTIONS:
            detail = f"more than {MAX_ELECTIONS} files in {folder}; the rest was not read"
            report.fault("record.files", RECORD, detail)
    report.ran("record.files", RECORD, len(names))
    for name in sorted(names | set(files.manifest.files)):
        expected = files.manifest.files.get(name)
        found = _hash(files.source, name) if name in names else None
        if expected is None:
            report.fault("record.manifest", RECORD, f"{name[:200]} is not in the manifest", file=name)
        elif found is None:
            detail = f"{name[:200]} is in the manifest, but cannot be read"
            report.fault("record.manifest", RECORD, detail, FaultKind.MISSING, file=name)
        elif expected != found:
            report.fault("record.manifest", RECORD, f"expected {expected}, found {found}", where=name, file=name)
    report.ran("record.manifest", RECORD, len(names))


def _election_of(path: str) -> str | None:
    """The name of the election whose archive has this path; None for another file."""
    found = _ARCHIVE.fullmatch(path)
    return found[1] if found is not None and is_election_name(found[1]) else None


def _hash(source: RecordSource, name: str) -> Hash | None:
    digest = hashlib.sha256()
    try:
        with reading(source, name) as stream:
            while piece := stream.read(2**20):
                digest.update(piece)
    except Unreadable:
        return None
    return Hash(digest.hexdigest())
