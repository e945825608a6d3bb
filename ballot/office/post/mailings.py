"""Queue messages for many practices: invitations, reminders, results, and repeated attempts; and send a trial message.

Each can run again safely. An invitation goes to practices that have none yet. A reminder goes to practices that have
not voted, at most once a day each; whether a practice has voted is checked again when it is sent. Reminders by
themselves go out on certain days before closing, from nine in the morning. Declaring queues the results; `announce` is
for practices that had no address then. `send_link_again` is for one practice that cannot find its link. `retry` sends
the same message again, with its Message-ID. A trial message is sent at once, outside the outbox, with a link that says
that it cannot vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.window import zone_named
from ballot.db.accepted import has_voted
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.outbox import hold_message, hold_programme, list_messages, practices_with
from ballot.db.programmes import list_programmes
from ballot.db.session import reading, transaction
from ballot.db.tokens import LIVE, latest_token
from ballot.mail.channel import Channel, Delivery
from ballot.mail.envelope import Envelope, From, make_message_id
from ballot.mail.messages import NEEDS_LINK, Kind
from ballot.mail.render import Rendered
from ballot.mail.settings import MailSettings
from ballot.mail.states import DUE, UNDELIVERED, DeliveryState
from ballot.office.activity import COMMAND_LINE, ActPlace, MailQueued, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.post.outbox import (
    Audience,
    Everyone,
    OneCcg,
    OnePractice,
    Queued,
    Recipient,
    enqueue,
    enqueue_for_each,
    find_recipients,
    queue_results,
)
from ballot.office.sealed import read_programme
from ballot.record.times import time_text, whole_second


def invite(engine: Engine, clock: Clock, programme_id: str, whom: Audience, who: Who = COMMAND_LINE) -> Queued:
    """Queue the invitations. Raises Refused before sealing, and once none of these ballots can be voted in."""
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
            note_act(session, now, who, MailQueued(Kind.INVITATION.value, queued.messages), ActPlace(programme_id, ccg))
        return queued


def send_link_again(
    engine: Engine, clock: Clock, programme_id: str, ccg: str, practice: str, who: Who = COMMAND_LINE
) -> None:
    """Queue another message with the link that a practice has, to the address that it has; nothing else changes.

    Raises Refused without a working link, an address, or an open or coming ballot; or while its link still waits to be
    sent. Whether it has voted is not said here: the worker drops what a final vote makes needless.
    """
    with transaction(engine) as session:
        programme = hold_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        now = whole_second(clock())
        named = find_recipients(session, programme_id, OnePractice(practice))
        found = next((each for each in named if each.ballot.ccg == ccg), None)
        if found is None:
            raise Refused(Refusal.NO_SUCH_PRACTICE, f"{practice} is not a member of {ccg}.")
        member, ballot = found.practice, found.ballot
        state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now)
        if state not in (State.SEALED, State.OPEN):
            raise Refused(
                Refusal.WRONG_STATE,
                f"A link can be sent only while a ballot is sealed or open. This one is {state.value}.",
            )
        if not _has_live_token(session, member.id):
            raise Refused(Refusal.NO_LIVE_TOKEN, f"{practice} has no working voting link.")
        if member.email is None:
            raise Refused(Refusal.NO_ADDRESS, f"{practice} has no e-mail address.")
        waiting = [
            message
            for message, of in list_messages(session, programme_id)
            if of.id == member.id and Kind(message.kind) in NEEDS_LINK and DeliveryState(message.state) in DUE
        ]
        if any(message.to.lower() == member.email.lower() for message in waiting):
            sentence = f"An e-mail with its link to {practice} is already waiting to be sent, and goes out by itself."
            raise Refused(Refusal.NOTHING_CHANGES, sentence)
        first = not practices_with(session, [member.id], Kind.INVITATION.value)
        once = Kind.INVITATION.value if first else f"{Kind.INVITATION.value} again {time_text(now)}"
        enqueue(session, programme, Kind.INVITATION, member.email, [member.id], now, once=once)
        note_act(session, now, who, MailQueued(Kind.INVITATION.value, 1), ActPlace(programme_id, ccg))


def _has_live_token(session: Session, practice_id: int) -> bool:
    token = latest_token(session, practice_id)
    return token is not None and token.status == LIVE


def remind(engine: Engine, clock: Clock, programme_id: str, whom: Audience, who: Who = COMMAND_LINE) -> Queued:
    """Queue the reminders. Raises Refused while none of these ballots is open, or if the one practice has voted."""
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
            note_act(session, now, who, MailQueued(Kind.REMINDER.value, queued.messages), ActPlace(programme_id, ccg))
        return queued


def reminder_day(now: datetime, zone: str) -> str:
    """The date of a reminder in the programme's zone. A practice gets at most one reminder a day."""
    return now.astimezone(zone_named(zone)).date().isoformat()


def _is_open(recipient: Recipient, now: datetime) -> bool:
    ballot = recipient.ballot
    return state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now) is State.OPEN


FROM_HOUR = 9
TIMETABLE = Who("timetable")


def remind_on_days(engine: Engine, clock: Clock, days_before: Sequence[int]) -> list[tuple[str, str, int]]:
    """Queue what is due today. Returns each programme and CCG with messages, and their number."""
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


def announce(engine: Engine, clock: Clock, programme_id: str, whom: Audience) -> Queued:
    """Queue the result for those who have not had it yet. Raises Refused before it is declared."""
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
            note_act(
                session, now, COMMAND_LINE, MailQueued(Kind.RESULT.value, queued.messages), ActPlace(programme_id, ccg)
            )
        return queued


def retry(engine: Engine, clock: Clock, programme_id: str, whom: Audience, who: Who = COMMAND_LINE) -> int:
    """Queue undelivered messages again, and return how many. Raises Refused if there is no such CCG or practice.

    The log entry names the kinds of these messages, and the CCG if they are for one CCG or one practice.
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
            note_act(session, now, who, what, ActPlace(programme_id, ccg))
        return len(found)


def send_trial_message(
    channel: Channel,
    settings: MailSettings,
    board: str,
    mark: str,
    kind: Kind | None,
    to: str,
    rendered: Rendered,
    now: datetime,
) -> Delivery:
    """Send a trial message, close the channel, and return what the channel says.

    `board` is the installation's name. `mark` was drawn for this message, and no message in the outbox has it. So a
    later report about it is shown to a person.
    """
    sender = From(settings.name, settings.address, settings.reply_to, settings.return_path_of(mark))
    try:
        return channel.send(Envelope(kind, to, make_message_id("trial", mark, board), now, sender, rendered))
    finally:
        channel.close()
