"""Tell every practice the declared result. Declaring queues it; this is for whoever had no address then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.outbox import hold_programme
from ballot.db.programmes import ProgrammeRow
from ballot.db.session import transaction
from ballot.mail.kinds import Kind
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.queueing import enqueue_for_each
from ballot.office.recipients import Everyone, Queued, Whom, find_recipients
from ballot.record.times import whole_second


def announce(engine: Engine, clock: Clock, programme_id: str, whom: Whom) -> Queued:
    """Queue the result for those who were not told yet; raises Refused before it is declared."""
    with transaction(engine) as session:
        programme = hold_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        recipients = find_recipients(session, programme_id, Everyone())
        if not any(State(recipient.ballot.state) is State.DECLARED for recipient in recipients):
            raise Refused(Refusal.NOT_READY, "The result is not declared yet.")
        return queue_results(session, programme, whole_second(clock()), whom)


def queue_results(session: Session, programme: ProgrammeRow, now: datetime, whom: Whom) -> Queued:
    """The result, in the transaction that declares it."""
    return enqueue_for_each(session, programme, Kind.RESULT, find_recipients(session, programme.id, whom), now, "")
