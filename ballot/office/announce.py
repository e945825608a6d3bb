"""Tell every practice the declared result. Declaring queues it; this is for whoever had no address then."""

from __future__ import annotations

from sqlalchemy import Engine

from ballot.db.outbox import hold_programme
from ballot.db.session import transaction
from ballot.mail.kinds import Kind
from ballot.office.activity import COMMAND_LINE, MailQueued, Place, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.queueing import queue_results
from ballot.office.recipients import Everyone, OneCcg, Queued, Whom, find_recipients
from ballot.record.times import whole_second


def announce(engine: Engine, clock: Clock, programme_id: str, whom: Whom, who: Who = COMMAND_LINE) -> Queued:
    """Queue the result for those who were not told yet; raises Refused before it is declared."""
    with transaction(engine) as session:
        programme = hold_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        recipients = find_recipients(session, programme_id, Everyone())
        if not any(State(recipient.ballot.state) is State.DECLARED for recipient in recipients):
            raise Refused(Refusal.NOT_READY, "The result is not declared yet.")
        now = whole_second(clock())
        queued = queue_results(session, programme, now, whom)
        if queued.messages:
            ccg = whom.ccg if isinstance(whom, OneCcg) else None
            note_act(session, now, who, MailQueued(Kind.RESULT.value, queued.messages), Place(programme_id, ccg))
        return queued
