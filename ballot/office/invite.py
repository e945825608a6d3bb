"""Invite: a message with its voting link to every practice that got none yet. May be called again; nobody gets two."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.outbox import hold_programme
from ballot.db.session import transaction
from ballot.db.tokens import LIVE, latest_token
from ballot.mail.kinds import Kind
from ballot.office.activity import COMMAND_LINE, MailQueued, Place, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.queueing import enqueue_for_each
from ballot.office.recipients import OneCcg, OnePractice, Queued, Whom, find_recipients
from ballot.record.times import whole_second


def invite(engine: Engine, clock: Clock, programme_id: str, whom: Whom, who: Who = COMMAND_LINE) -> Queued:
    """Queue the invitations; raises Refused before sealing, and once no ballot that is meant can be voted in."""
    with transaction(engine) as session:
        programme = hold_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        now = whole_second(clock())
        recipients = find_recipients(session, programme_id, whom)
        states = {
            recipient.ballot.id: state_at(
                State(recipient.ballot.state), recipient.ballot.opens_at, recipient.ballot.closes_at, now
            )
            for recipient in recipients
        }
        can_vote = [r for r in recipients if states[r.ballot.id] in (State.SEALED, State.OPEN)]
        if not can_vote:
            found = ", ".join(sorted({state.value for state in states.values()})) or "not there"
            raise Refused(
                Refusal.WRONG_STATE,
                f"You can send invitations only while a ballot is sealed or open. These are {found}.",
            )
        invited = [r for r in can_vote if _has_live_token(session, r.practice.id)]
        if isinstance(whom, OnePractice) and not invited:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"{whom.practice} has no working voting link.")
        queued = enqueue_for_each(session, programme, Kind.INVITATION, invited, now, "")
        if queued.messages:
            ccg = whom.ccg if isinstance(whom, OneCcg) else None
            note_act(session, now, who, MailQueued(Kind.INVITATION.value, queued.messages), Place(programme_id, ccg))
        return queued


def _has_live_token(session: Session, practice_id: int) -> bool:
    token = latest_token(session, practice_id)
    return token is not None and token.status == LIVE
