"""One look at one programme of a board.

(1) The newest checkpoint of every log must be signed, and proved to continue the newest seen before. (2) The record so
far is audited. Nothing of the older copy may be lost, and no ballot may be dated before a look that did not find it.
(3) Every checkpoint ever seen, here or by others, is compared with the record. (4) So are the board's other addresses.
(5) Pages and scripts are checked. A record without an alarm is kept; the subject of an alarm is saved as evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from ballot.audit.source import Unreadable
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import EVENTS_LOG, origin_of
from ballot.record.keys import Role
from ballot.record.terms import ReadTerms, parse_terms
from ballot.record.times import time_text
from ballot.watch.addresses import ARCHIVE_SECONDS, MAX_FILE, compare_addresses
from ballot.watch.alarms import Alarm, Sighting, Trouble
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.keeping import LogSize, WatchFolder
from ballot.watch.pages import check_pages
from ballot.watch.pauses import in_any_order
from ballot.watch.records import AuditedRecord, audit_record_so_far
from ballot.watch.seen import (
    MAX_NOTE,
    SeenCheckpoint,
    check_growth,
    compare_with_record,
    newest_of,
    open_seen,
    unreadable,
)

CLOCKS_DIFFER_BY = timedelta(minutes=2)
"""A ballot may be dated this much before a look that did not find it: clocks differ, and casting takes a moment."""


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to look. `others` has the checkpoints of other watchers: a name, and their logs and notes."""

    site: BoardSite
    rng: Callable[[int], int]
    trust: Path | None = None
    expected: Mapping[str, Hash] | None = None
    others: tuple[tuple[str, list[tuple[str, str]]], ...] = ()
    largest: int = 2**30
    jobs: int = 1


@dataclass(slots=True)
class Look:
    """One look at one programme, while it runs."""

    watch: WatchOptions
    kept: WatchFolder
    programme: str
    now: datetime
    sightings: list[Sighting] = field(default_factory=list)

    @property
    def api(self) -> str:
        return f"/api/programmes/{self.programme}"

    def run(self) -> list[Sighting]:
        """Look, and return alarms and troubles; none means that everything was read and is in order."""
        terms = self._terms()
        if terms is None:
            return self.sightings
        board = terms.keys[Role.BOARD]
        logs = [EVENTS_LOG, *(election.election_name for election in terms.elections)]
        origins = {log: origin_of(terms.board, terms.programme, log) for log in logs}
        before = self._open(self.kept.seen(), origins, terms)
        found = list(self._checkpoints(origins, newest_of(before), terms))
        watched = self._record()
        if watched is not None:
            self.sightings += compare_with_record([*before, *found], watched, "seen here")
            for whose, notes in self.watch.others:
                self.sightings += self._compare(whose, self._open(notes, origins, terms), found, watched, terms)
            self.sightings += self._dated_back(watched)
            self.sightings += compare_addresses(self.watch.site, self.api, self._fetched, watched, self.watch.largest)
        self.sightings += check_pages(self.watch.site, self.api, board, self.kept, self.watch.expected, self.watch.rng)
        self._keep(before, found, watched)
        return self.sightings

    # -- (0) Whose keys --------------------------------------------------------------------------------------------

    def _terms(self) -> ReadTerms | None:
        """The terms as first seen; None if there are none. Changed terms are an alarm; the first ones are used."""
        path = self.kept.folder / "terms.json"
        try:
            served = self.watch.site.get(f"{self.api}/terms.json", MAX_FILE)
            terms = parse_terms(served)
        except NotFetched as fault:
            gone = fault.trouble is Trouble.NOT_FOUND and path.exists()
            self.sightings.append(Sighting(Alarm.REMOVED if gone else fault.trouble, fault.detail))
            return None
        except InvalidMessage as fault:
            self.sightings.append(Sighting(Trouble.UNREADABLE, f"terms.json: {fault}"))
            return None
        if not path.exists():
            self.kept.write("terms.json", served)
            return terms
        first = path.read_bytes()
        if first == served:
            return terms
        (self.kept.evidence(self.now) / "terms.json").write_bytes(served)
        first_terms = parse_terms(first)
        self.sightings += _changed_terms(first_terms, terms)
        return first_terms

    # -- (1) Checkpoints -------------------------------------------------------------------------------------------

    def _checkpoints(
        self, origins: Mapping[str, str], newest: Mapping[str, SeenCheckpoint], terms: ReadTerms
    ) -> Iterator[SeenCheckpoint]:
        board = terms.keys[Role.BOARD]
        for log in in_any_order(list(origins), self.watch.rng):
            try:
                note = self.watch.site.get(f"{self.api}/logs/{log}/checkpoint", MAX_NOTE).decode()
                one = open_seen(log, note, origins[log], board)
            except NotFetched as fault:
                self.sightings.append(Sighting(fault.trouble, fault.detail))
                continue
            except (InvalidMessage, ValueError) as fault:
                self.sightings.append(unreadable(log, fault))
                continue
            yield one
            if log in newest:
                wrong = check_growth(self.watch.site, self.api, newest[log], one, board)
                if wrong is not None:
                    self._put_aside(f"{log}-seen-before.note", newest[log].note)
                    self._put_aside(f"{log}-now.note", one.note)
                    self.sightings.append(wrong)

    def _open(self, notes: list[tuple[str, str]], origins: Mapping[str, str], terms: ReadTerms) -> list[SeenCheckpoint]:
        """The checkpoints that the board signed; the others are sightings."""
        found = []
        for log, note in notes:
            try:
                found.append(open_seen(log, note, origins[log], terms.keys[Role.BOARD]))
            except KeyError:
                self.sightings.append(Sighting(Trouble.UNREADABLE, f"a checkpoint of the unknown log {log[:100]}"))
            except (InvalidMessage, ValueError) as fault:
                self.sightings.append(unreadable(log, fault))
        return found

    def _compare(
        self,
        whose: str,
        theirs: list[SeenCheckpoint],
        ours: list[SeenCheckpoint],
        watched: AuditedRecord,
        terms: ReadTerms,
    ) -> Iterator[Sighting]:
        """Compare another watcher's checkpoints with the record; the board must prove that longer ones follow."""
        yield from compare_with_record(theirs, watched, f"seen by {whose}")
        mine = newest_of(ours)
        for log, one in newest_of(theirs).items():
            if log in mine and one.checkpoint.size > mine[log].checkpoint.size:
                wrong = check_growth(self.watch.site, self.api, mine[log], one, terms.keys[Role.BOARD])
                if wrong is not None:
                    self._put_aside(f"{log}-of-{whose}.note", one.note)
                    self._put_aside(f"{log}-now.note", mine[log].note)
                    yield Sighting(Alarm.TWO_FACES, f"compared with {whose}: {wrong.detail}")

    # -- (2) The record --------------------------------------------------------------------------------------------

    @property
    def _fetched(self) -> Path:
        return self.kept.folder / ".record.zip.new"

    def _record(self) -> AuditedRecord | None:
        older = self.kept.record if self.kept.record.exists() else None
        try:
            path = f"{self.api}/record-so-far.zip"
            self.watch.site.save(path, self._fetched, self.watch.largest, ARCHIVE_SECONDS)
            watched = audit_record_so_far(self._fetched, older, self.watch.trust, self.watch.jobs)
        except NotFetched as fault:
            self.sightings.append(Sighting(fault.trouble, fault.detail))
            return None
        except Unreadable as fault:
            self.sightings.append(Sighting(Trouble.UNREADABLE, str(fault)))
            return None
        if watched.sightings:
            self.sightings += watched.sightings
            self._put_aside("record.zip", self._fetched.read_bytes())
        return watched

    def _dated_back(self, watched: AuditedRecord) -> Iterator[Sighting]:
        """Yield an alarm for a new ballot that is dated before a look that did not find it."""
        for log, last in self.kept.log_sizes().items():
            for height, time in watched.times.get(log, {}).items():
                if height >= last.size and time < last.at - CLOCKS_DIFFER_BY:
                    detail = f"{log}: height {height} is dated {time_text(time)}"
                    yield Sighting(Alarm.BACK_DATED, f"{detail}, but was not there at {time_text(last.at)}")

    # -- Keeping ---------------------------------------------------------------------------------------------------

    def _keep(self, before: list[SeenCheckpoint], found: list[SeenCheckpoint], watched: AuditedRecord | None) -> None:
        """Keep checkpoints always, but the record only without an alarm: the older one is needed for comparing."""
        had = {one.note for one in before}
        self.kept.add_seen([(one.log, one.note) for one in found if one.note not in had])
        looked = self.kept.log_sizes()
        for one in found:
            if one.log not in looked or one.checkpoint.size >= looked[one.log].size:
                looked[one.log] = LogSize(one.checkpoint.size, self.now)
        self.kept.write_log_sizes(looked)
        if watched is not None and not any(sighting.is_alarm for sighting in self.sightings):
            self._fetched.replace(self.kept.record)
        else:
            self._fetched.unlink(missing_ok=True)

    def _put_aside(self, name: str, data: str | bytes) -> None:
        raw = data.encode() if isinstance(data, str) else data
        (self.kept.evidence(self.now) / name).write_bytes(raw)


def _changed_terms(first: ReadTerms, now: ReadTerms) -> Iterator[Sighting]:
    if first.keys != now.keys:
        yield Sighting(Alarm.CHANGED_KEY, "terms.json names other keys than when it was first seen")
    if first.files.get("roll.csv") != now.files.get("roll.csv"):
        yield Sighting(Alarm.CHANGED_ROLL, "terms.json names another roll than when it was first seen")
    yield Sighting(Alarm.CHANGED_RULE, f"terms.json differs from when it was first seen: {now.hash}")
