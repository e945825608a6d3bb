"""The people in the activity log, when their time is over: their names go, and the chain of entries stays as it is.

An entry keeps what was done, when, in which role, and the salted hash of who did it. While a programme has not ended,
the names in its entries stay, however old. An account that was disabled as long ago goes with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session

from ballot.db.activity import ActivityRow
from ballot.db.activity_names import ActivityNameRow, remove_names
from ballot.db.ballots import list_ballots
from ballot.db.programmes import list_programmes
from ballot.db.session import reading, transaction
from ballot.db.staff import delete_accounts_disabled_before
from ballot.office.activity import COMMAND_LINE, NamesRemoved, note_act
from ballot.office.desk import Clock
from ballot.office.lifecycle import State
from ballot.office.retention import ENDED
from ballot.record.times import whole_second


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a run took away."""

    names: int
    accounts: int


def names_due(engine: Engine, clock: Clock, after_days: int) -> int:
    """How many names a run would remove."""
    with reading(engine) as session:
        entries = _entries(session, clock, after_days)
        there = select(func.count()).select_from(ActivityNameRow).where(ActivityNameRow.position.in_(entries))
        return session.scalar(there) or 0


def forget_people(engine: Engine, clock: Clock, after_days: int) -> Forgotten:
    """Remove names from entries so many days old, and accounts disabled as long ago, in one transaction."""
    with transaction(engine) as session:
        entries = _entries(session, clock, after_days)
        last = select(func.max(ActivityNameRow.position)).where(ActivityNameRow.position.in_(entries))
        upto = session.scalar(last)
        names = remove_names(session, entries)
        now = whole_second(clock())
        accounts = delete_accounts_disabled_before(session, now - timedelta(days=after_days))
        if names or accounts:
            note_act(session, now, COMMAND_LINE, NamesRemoved(names, accounts, -1 if upto is None else upto))
    return Forgotten(names, accounts)


def _entries(session: Session, clock: Clock, after_days: int) -> Select[Any]:
    """The entries whose time is over."""
    running = [
        row.id
        for row in list_programmes(session)
        if not all(State(ballot.state) in ENDED for ballot in list_ballots(session, row.id))
    ]
    before = whole_second(clock()) - timedelta(days=after_days)
    old = select(ActivityRow.position).where(ActivityRow.time < before)
    return old.where(ActivityRow.programme.is_(None) | ActivityRow.programme.not_in(running))
