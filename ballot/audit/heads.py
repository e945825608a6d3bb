"""The heads that events carry: each stands in its archive, and at the place and time that its event needs.

An event names the head of every archive, so that its place among the ballots is signed with it. Three things follow.
(1) Heads never go back, and each is an event of its archive. (2) What an event ends stands under its head: CLOSED
carries the EncryptedTally, TALLIED the Result, ABANDONED the last event that its archive ever has. (3) What stands
above a head is not older than the event, and what stands under it is not younger, by the times of the checkpoints. So
nobody can date an event back, and no ballot can be put behind one that ended voting. An opening may be written late:
then ballots that came before it stand under its head.
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
"""What the checkpoints say, by archive and height."""

ENDS_WITH = {Move.CLOSED: EventType.ENCRYPTED_TALLY, Move.TALLIED: EventType.RESULT}
"""The event of the archive that each of these moves must carry as the head of its own election."""


def check_heads(events: list[ProgrammeEvent], facts: Mapping[str, ElectionFacts], times: Times, report: Report) -> None:
    """Every head of every event of the log."""
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
                detail = f"event {number}: {name} never had this head, or only before"
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
    """What a move that ends something carries as the head of its own election, where that is another event."""
    name = event.election_name or ""
    found, head = facts.get(name), event.heads.get(name)
    if found is None or head is None:
        return
    type = ENDS_WITH.get(event.move)
    if type is not None and (head.height >= len(found.types) or found.types[head.height] is not type):
        yield f"the head of {name} is not its {type.value}"
    if event.move is Move.ABANDONED and head.height != len(found.types) - 1:
        yield f"{name} goes on behind the head at which it was abandoned"


def _out_of_time(event: ProgrammeEvent, head: Head, times: list[tuple[int, datetime]]) -> Iterator[str]:
    """Times that never fall are another check; so the last under the head and the first above it say enough."""
    at = bisect_right(times, head.height, key=lambda entry: entry[0])
    if at and times[at - 1][1] > event.time:
        height, time = times[at - 1]
        yield f"height {height} stands under its head, and came at {time_text(time)}, later than the event"
    if at < len(times) and times[at][1] < event.time:
        height, time = times[at]
        yield f"height {height} stands above its head, and came at {time_text(time)}, before the event"
