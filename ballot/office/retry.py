"""Try again what bounced or was given up, once a person has found out why: the same message, by its Message-ID."""

from __future__ import annotations

from sqlalchemy import Engine

from ballot.db.outbox import hold_message, list_messages
from ballot.db.session import transaction
from ballot.mail.states import UNDELIVERED, DeliveryState
from ballot.office.activity import COMMAND_LINE, MailQueued, Place, Who, note_act
from ballot.office.desk import Clock
from ballot.office.recipients import Everyone, Whom, find_recipients
from ballot.record.times import whole_second


def retry(engine: Engine, clock: Clock, programme_id: str, whom: Whom, who: Who = COMMAND_LINE) -> int:
    """Put undelivered messages back into the queue, and answer how many; raises Refused for nobody there is.

    The log entry names the kinds of these messages, and the CCG where one CCG or practice is meant.
    """
    with transaction(engine) as session:
        recipients = find_recipients(session, programme_id, whom)
        meant = {recipient.practice.id for recipient in recipients}
        undelivered = {state.value for state in UNDELIVERED}
        found = {
            message.id
            for message, practice in list_messages(session, programme_id)
            if practice.id in meant and message.state in undelivered
        }
        now = whole_second(clock())
        kinds = set()
        for id in sorted(found):
            row = hold_message(session, id)
            if row is not None:
                row.state, row.attempts = DeliveryState.QUEUED.value, 0
                row.next_at = row.changed_at = now
                kinds.add(row.kind)
        if found:
            ccg = None if isinstance(whom, Everyone) else recipients[0].ballot.ccg
            what = MailQueued(" and ".join(sorted(kinds)), len(found))
            note_act(session, now, who, what, Place(programme_id, ccg))
        return len(found)
