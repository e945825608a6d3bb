"""The heads that events carry: each must be in its archive, at the place and time that its event needs.

An event names the head of every archive, so its place among the ballots is signed too. Three rules follow. (1) Heads
never go back, and each is an event of its archive. (2) A move that ends something carries the right head: CLOSED the
EncryptedTally, TALLIED the Result, ABANDONED the last event of its archive. (3) By the times of the checkpoints, no
event above a head is older than the move, and no event up to it is newer. So no one can back-date a move, or add a
ballot after the move that ended voting. An opening may be written late; then its head is above some ballots.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import datetime

from ballot.audit.election_facts import ElectionFacts
from ballot.audit.files import RECORD
from ballot.audit.report import Report
from ballot.protocol.events import EventType
from ballot.record.programme_events import Head, Move, ProgrammeEvent
from ballot.record.times import time_text

Times = Mapping[str, Mapping[int, datetime]]
"""The times of the checkpoints, by archive and height."""

ENDS_WITH = {Move.CLOSED: EventType.ENCRYPTED_TALLY, Move.TALLIED: EventType.RESULT}
"""The type of the head of its own election that each of these moves must carry."""


def check_heads(events: list[ProgrammeEvent], facts: Mapping[str, ElectionFacts], times: Times, report: Report) -> None:
    """Check every head of every event of the log."""
    heights: dict[str, int] = {}
    sealed, every = False, set(facts)
    known = {name: sorted(found.items()) for name, found in times.items()}
    for number, event in enumerate(events):
        sealed = sealed or event.move is Move.SEALED
        if set(event.heads) != (every if sealed else set()):
            detail = f"event {number} does not carry the head of every archive"
            report.fault("events.heads", RECORD, detail, height=number)
        for name, head in event.heads.items():
            found = facts.get(name)
            there = found is not None and head.height < len(found.types) and found.event_hash(head.height) == head.hash
            if not there or head.height < heights.get(name, 0):
                detail = f"event {number}: {name} does not have this head, or had a later one before"
                report.fault("events.heads", RECORD, detail, election=name, height=number)
            for fault in _out_of_time(event, head, known.get(name, [])):
                where = f"event {number}, {event.move.value}: {name}"
                report.fault("events.heads", RECORD, fault, where=where, election=name, height=number)
            heights[name] = head.height
        for fault in _out_of_place(event, facts):
            where, own = f"event {number}, {event.move.value}", event.election_name
            report.fault("events.heads", RECORD, fault, where=where, election=own, height=number)
    report.ran("events.heads", RECORD, len(events))


def _out_of_place(event: ProgrammeEvent, facts: Mapping[str, ElectionFacts]) -> Iterator[str]:
    """Yield a fault if a move that ends something carries the wrong head of its own election."""
    name = event.election_name or ""
    found, head = facts.get(name), event.heads.get(name)
    if found is None or head is None:
        return
    type = ENDS_WITH.get(event.move)
    if type is not None and (head.height >= len(found.types) or found.types[head.height] is not type):
        yield f"the head of {name} is not its {type.value}"
    if event.move is Move.ABANDONED and head.height != len(found.types) - 1:
        yield f"{name} continues after the head at which it was abandoned"


def _out_of_time(event: ProgrammeEvent, head: Head, times: list[tuple[int, datetime]]) -> Iterator[str]:
    """Yield a fault if a head does not fit the event's time. Times never fall (another check), so two are enough."""
    at = bisect_right(times, head.height, key=lambda entry: entry[0])
    if at and times[at - 1][1] > event.time:
        height, time = times[at - 1]
        yield f"height {height} is not above its head, but its time {time_text(time)} is later than the event"
    if at < len(times) and times[at][1] < event.time:
        height, time = times[at]
        yield f"height {height} is above its head, but its time {time_text(time)} is before the event"
