"""Remind: only practices that have not voted, only while they can, at most once a day each.

Whether a practice has voted by the time its reminder is sent is asked again then.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from ballot.constitution.zones import zone_named
from ballot.db.accepted import has_voted
from ballot.db.outbox import hold_programme
from ballot.db.session import transaction
from ballot.mail.kinds import Kind
from ballot.office.activity import COMMAND_LINE, MailQueued, Place, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.queueing import enqueue_for_each
from ballot.office.recipients import OneCcg, OnePractice, Queued, Recipient, Whom, find_recipients
from ballot.office.sealed import read_programme
from ballot.record.times import whole_second


def remind(engine: Engine, clock: Clock, programme_id: str, whom: Whom, who: Who = COMMAND_LINE) -> Queued:
    """Queue the reminders; raises Refused while no ballot that is meant is open, or if the one practice has voted."""
    with transaction(engine) as session:
        programme = hold_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        now = whole_second(clock())
        open_now = [r for r in find_recipients(session, programme_id, whom) if _is_open(r, now)]
        if not open_now:
            raise Refused(Refusal.WRONG_STATE, "You can send reminders only while voting is open.")
        missing = [r for r in open_now if not has_voted(session, r.practice.id)]
        if isinstance(whom, OnePractice) and not missing:
            raise Refused(Refusal.HAS_VOTED, f"{whom.practice} has voted, and needs no reminder.")
        day = reminder_day(now, read_programme(programme.toml).window.zone)
        queued = enqueue_for_each(session, programme, Kind.REMINDER, missing, now, day)
        if queued.messages:
            ccg = whom.ccg if isinstance(whom, OneCcg) else None
            note_act(session, now, who, MailQueued(Kind.REMINDER.value, queued.messages), Place(programme_id, ccg))
        return queued


def reminder_day(now: datetime, zone: str) -> str:
    """The day of a reminder: a practice gets one on each at most."""
    return now.astimezone(zone_named(zone)).date().isoformat()


def _is_open(recipient: Recipient, now: datetime) -> bool:
    ballot = recipient.ballot
    return state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now) is State.OPEN
