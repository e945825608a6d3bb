"""Audit the record so far with all of the auditor's checks; new ballots are checked in full.

A ballot that is at the same bytes in the older copy was checked when it was new. While voting continues, its proofs are
not checked again; chain, bytes, roots, signatures, roll, rules and keys are checked every time. Once an archive is
closed, everything is checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from ballot.audit import Fault, FaultKind, Options, Report, Status, open_source, read_record, sentence
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.elections import ElectionAudit, Work
from ballot.audit.foundations import Foundations
from ballot.audit.source import RecordSource, read_file, reading
from ballot.protocol.archive import ArchiveMember, read_header, read_members
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidArchive, InvalidMessage
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import parse_element
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.merkle import CompactRange
from ballot.watch.alarms import Alarm, Sighting

AT_THE_END = frozenset({EventType.END_BALLOTS, EventType.ENCRYPTED_TALLY, EventType.RESULT})
_OF_FILE = {"roll.csv": Alarm.CHANGED_ROLL, "programme.toml": Alarm.CHANGED_RULE, "terms.json": Alarm.CHANGED_RULE}
_OF_FOLDER = {"keys": Alarm.CHANGED_KEY, "constitutions": Alarm.CHANGED_RULE}
_OF_CHECK = {
    "events.signatures": Alarm.SIGNATURE,
    "checkpoints.signatures": Alarm.SIGNATURE,
    "record.manifest-signature": Alarm.SIGNATURE,
    "checkpoints.times": Alarm.BACK_DATED,
    "events.times": Alarm.BACK_DATED,
    "record.keys": Alarm.CHANGED_KEY,
    "record.roll": Alarm.CHANGED_ROLL,
    "trust.fingerprint": Alarm.UNTRUSTED,
}


class NewBallots(ElectionAudit):
    """Audits one archive whose first `known` bytes are those of `before`, the older copy, and were checked earlier."""

    def __init__(
        self, before: RecordSource | None, source: RecordSource, name: str, subject: str, report: Report, work: Work
    ) -> None:
        super().__init__(source, name, subject, report, work)
        self._before = before
        self.known = 0

    def read(self) -> None:
        if self._before is not None and self._name in self._before.names() and not _is_closed(self._source, self._name):
            self.known = _same_bytes(self._source, self._before, self._name)
        super().read()

    def _ballot(self, height: int, payload: ArchiveMember, twice: bool) -> None:
        if payload.offset >= self.known:
            super()._ballot(height, payload, twice)
            return
        try:
            self.facts.voted[height] = parse_element(parse_json(payload.body)["credential"])
        except (InvalidMessage, KeyError, TypeError):
            super()._ballot(height, payload, twice)


@dataclass(frozen=True, slots=True)
class AuditedRecord:
    """What was read of the record, for further comparisons; `events` has the hashes of each log's events."""

    sightings: list[Sighting]
    base: Foundations
    events: Mapping[str, bytes] = field(default_factory=dict)
    payloads: Mapping[str, Mapping[int, bytes]] = field(default_factory=dict)
    """The SHA-256 of each ballot, by election and height."""
    times: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)
    """The times of the checkpoints, by log and height."""

    def root(self, log: str, size: int) -> bytes | None:
        """The Merkle root of the first `size` events of a log in the record; None if it has fewer."""
        raw = self.events.get(log, b"")
        if not 0 < size <= len(raw) // 32:
            return None
        tree = CompactRange()
        for at in range(0, 32 * size, 32):
            tree = tree.append(raw[at : at + 32])
        return tree.root


def audit_record_so_far(record: Path, older: Path | None, trust: Path | None, jobs: int = 1) -> AuditedRecord:
    """Audit a record, new ballots in full, and compare it with the older copy; raises Unreadable."""
    options = Options(trust=trust, since=older, jobs=jobs)
    with open_source(record) as source, _older(older) as before:
        found, report = read_record(source, options, partial(NewBallots, before))
        sightings = [*_faults(report), *_unchecked(report), *(_lost(source, before) if before is not None else ())]
    events = {name: bytes(facts.event_hashes) for name, facts in found.facts.items()}
    events[EVENTS_LOG] = b"".join(bytes.fromhex(hash) for hash in found.log.hashes)
    payloads = {name: _ballots(facts) for name, facts in found.facts.items()}
    return AuditedRecord(sightings, found.base, events, payloads, found.times)


@contextmanager
def _older(older: Path | None) -> Iterator[RecordSource | None]:
    if older is None:
        yield None
        return
    with open_source(older) as source:
        yield source


def _same_bytes(source: RecordSource, before: RecordSource, path: str) -> int:
    """The number of bytes from its start in which the archive equals the older copy."""
    with reading(source, path) as new, reading(before, path) as old:
        at = 0
        while piece := old.read(2**20):
            other = new.read(len(piece))
            if other != piece:
                return at + next((i for i, (a, b) in enumerate(zip(piece, other, strict=False)) if a != b), len(other))
            at += len(piece)
    return at


def _is_closed(source: RecordSource, path: str) -> bool:
    return any(event in AT_THE_END for event, _ in _events_of(source, path))


def _events_of(source: RecordSource, path: str) -> Iterator[tuple[EventType, str | None]]:
    """The type and payload of every readable event; the audit reports faults."""
    with reading(source, path) as stream:
        try:
            for member in read_members(stream, read_header(stream, _pass_over), _pass_over):
                if member.kind == "event":
                    event = parse_event(member.body)
                    yield event.type, event.payload
        except InvalidMessage:
            return


def _pass_over(_: InvalidArchive) -> None:
    """Ignore the fault, which the audit reports."""


def _ballots(facts: ElectionFacts) -> dict[int, bytes]:
    return {height: facts.payload(height) for height, type in enumerate(facts.types) if type is EventType.BALLOT}


def _faults(report: Report) -> Iterator[Sighting]:
    """Every fault of the audit as an alarm, except changes of an archive, which `_lost` reports in detail."""
    for row in report.rows():
        for fault in row.faults[:20]:
            kind = alarm_of(fault)
            if kind is not None:
                yield Sighting(kind, f"{fault.check}: {sentence(fault)}")


def _unchecked(report: Report) -> Iterator[Sighting]:
    """One alarm for all checks that were skipped: no one knows what they would find."""
    skipped = [row for row in report.rows() if row.status is Status.SKIPPED]
    if skipped:
        ids, why = ", ".join(row.check.id for row in skipped), skipped[0].found
        yield Sighting(Alarm.UNCHECKED, f"checks that were not made: {ids}; the first because: {why}")


def alarm_of(fault: Fault) -> Alarm | None:
    """The alarm for a fault of the audit, by its fields; None for a changed archive, which `_lost` reports."""
    if fault.check != "since.prefix":
        return _OF_CHECK.get(fault.check, Alarm.INVALID)
    file, is_removed = fault.file or "", fault.kind is FaultKind.REMOVED
    if file.endswith(".bel") and not is_removed:
        return None
    folder = file.partition("/")[0]
    return _OF_FILE.get(file) or _OF_FOLDER.get(folder) or (Alarm.REMOVED if is_removed else Alarm.REWRITTEN)


def _lost(source: RecordSource, before: RecordSource) -> Iterator[Sighting]:
    """What happened to the older copy's ballots in each archive that does not begin with its older copy."""
    names = set(source.names())
    for path in before.names():
        if not path.endswith(".bel") or path not in names:
            continue
        if _same_bytes(source, before, path) == before.size(path):
            continue
        old, new = _ballots_of(before, path), _ballots_of(source, path)
        missing = [payload for payload in old if payload not in set(new)]
        if missing and len(new) < len(old):
            yield Sighting(
                Alarm.REMOVED, f"{path}: {len(missing)} of {len(old)} ballots are gone; the first is {missing[0]}"
            )
        elif missing:
            yield Sighting(
                Alarm.REPLACED, f"{path}: {len(missing)} of {len(old)} ballots were replaced; the first is {missing[0]}"
            )
        elif new[: len(old)] != old:
            yield Sighting(Alarm.REORDERED, f"{path}: the ballots are there, but in another order")
        else:
            yield Sighting(Alarm.REWRITTEN, f"{path}: the ballots are there, but other bytes changed")


def _ballots_of(source: RecordSource, path: str) -> list[str]:
    return [payload or "" for type, payload in _events_of(source, path) if type is EventType.BALLOT]


def read_member(record: Path, name: str) -> bytes:
    """The bytes of one file of a record; raises Unreadable."""
    with open_source(record) as source:
        return read_file(source, name)
