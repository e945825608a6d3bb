"""Reminders by themselves: on certain days before closing, from nine in the morning, to those who have not voted.

`remind` sees to it that a practice gets one on a day at most, however often this runs; so it needs no memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ballot.constitution.zones import zone_named
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.office.activity import Who
from ballot.office.desk import Clock
from ballot.office.lifecycle import State, state_at
from ballot.office.recipients import OneCcg
from ballot.office.remind import remind
from ballot.office.sealed import read_programme
from ballot.record.times import whole_second

FROM_HOUR = 9
TIMETABLE = Who("timetable")


def remind_on_days(engine: Engine, clock: Clock, days_before: Sequence[int]) -> list[tuple[str, str, int]]:
    """Queue what is due today; each programme and CCG with the number of messages, where there are any."""
    now = whole_second(clock())
    with reading(engine) as session:
        due = [
            (row.id, ballot.ccg)
            for row in list_programmes(session)
            for ballot in list_ballots(session, row.id)
            if _is_due(ballot, read_programme(row.toml).window.zone, now, days_before)
        ]
    queued = []
    for id, ccg in dict.fromkeys(due):
        done = remind(engine, lambda: now, id, OneCcg(ccg), TIMETABLE)
        if done.messages:
            queued.append((id, ccg, done.messages))
    return queued


def _is_due(ballot: BallotRow, zone: str, now: datetime, days_before: Sequence[int]) -> bool:
    if state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now) is not State.OPEN:
        return False
    here = now.astimezone(zone_named(zone))
    last = ballot.closes_at.astimezone(zone_named(zone)).date()
    return here.hour >= FROM_HOUR and any(here.date() == last - timedelta(days=days) for days in days_before)
