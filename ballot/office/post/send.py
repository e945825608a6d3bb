"""The worker's task: send what is due, one message at a time, so that a crash repeats at most one message.

For each message: (1) it gets its mark and is marked as being sent, on disk; (2) its text is made, with its link from
the vault; (3) the channel gets it; (4) the outcome is written to disk. A crash before 3 loses nothing: the claim
expires and the message is due again. A crash between 3 and 4 repeats the message with the same Message-ID and Date,
so mail programs recognise it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from ballot.db.outbox import MessageRow, claim_next, count_due, hold_message, note_waiting
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.mail.channel import Channel, Delivery, SendOutcome
from ballot.mail.envelope import Envelope, From, MailKey, make_message_id
from ballot.mail.messages import NEEDS_LINK, Kind
from ballot.mail.render import render
from ballot.mail.settings import MailSettings
from ballot.mail.states import DUE, DeliveryState, short_reason
from ballot.office.desk import Clock
from ballot.office.errors import Refused
from ballot.office.post.compose import MailContext, NotDue, compose
from ballot.office.post.voting_links import PracticeLink, VotingLinks
from ballot.record.times import whole_second

CLAIM_LASTS = timedelta(minutes=15)
"""Longer than any channel needs for one message, whatever its timeouts. A claim this old belongs to a dead process."""
MOST_ATTEMPTS = 20
LONGEST_PAUSE = 240
"""In minutes. With 20 attempts, a message is tried for about two days."""
WAITS = "waits until the registrar is unlocked"


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What sending needs: the outbox, a channel, whom messages come from, and the voting links if they are unlocked."""

    engine: Engine
    clock: Clock
    channel: Channel
    settings: MailSettings
    key: MailKey
    """Makes the messages' marks."""
    board: str
    """The board's name. Links begin with it unless the settings give another address."""
    links: VotingLinks | None
    wait: Callable[[timedelta], object]
    """Waits for a time. In service it sleeps."""
    doubts: Callable[[], bool] = lambda: False
    """Whether the clock is in doubt at the moment. If so, no message is dropped because of the time."""

    @property
    def base(self) -> str:
        return self.settings.links or f"https://{self.board}"

    def sender(self, mark: str) -> From:
        """The sender of the message with this mark, and where its bounces go."""
        mine = self.settings
        return From(mine.name, mine.address, mine.reply_to, mine.return_path_of(mark))


@dataclass
class SendRound:
    """What one call of `send_due` did."""

    states: Counter[DeliveryState] = field(default_factory=Counter)
    waiting: int = 0
    """Messages that wait for the registrar."""
    stopped: str | None = None
    """Why the round ended early: the channel's answer."""


def due_now(room: Mailroom) -> int:
    """How many messages are due, without those that wait for the registrar."""
    with reading(room.engine) as session:
        return count_due(session, _DUE, _kinds(room), whole_second(room.clock()))


def send_due(
    room: Mailroom, progress: Callable[[], object] = lambda: None, ended: Callable[[], bool] = lambda: False
) -> SendRound:
    """Send until nothing is due, the channel says stop, or `ended` is True. Raises Refused for a wrong key or vault."""
    done = SendRound()
    if room.links is None:
        with transaction(room.engine) as session:
            done.waiting = note_waiting(session, _DUE, [kind.value for kind in NEEDS_LINK], WAITS)
    pause = timedelta(minutes=1) / room.settings.rate
    free_at: datetime | None = None
    while not ended():
        if free_at is not None and (ahead := free_at - room.clock()) > timedelta(0):
            room.wait(ahead)
        row = _claim(room)
        if row is None:
            break
        delivery = _try(room, row)
        done.states[_record(room, row, delivery)] += 1
        progress()
        if isinstance(delivery, Delivery):
            free_at = room.clock() + pause
            if delivery.stop:
                done.stopped = delivery.answer
                break
    return done


_DUE = [state.value for state in DUE]


def _kinds(room: Mailroom) -> list[str]:
    return [kind.value for kind in Kind if room.links is not None or kind not in NEEDS_LINK]


def _claim(room: Mailroom) -> MessageRow | None:
    """Step 1: claim the next message."""
    with transaction(room.engine) as session:
        now = whole_second(room.clock())
        row = claim_next(session, _DUE, _kinds(room), now, DeliveryState.SENDING.value, now + CLAIM_LASTS)
        if row is not None:
            row.mark = row.mark or room.key.mark(row.name)
            _ = row.practices  # load them while the session is open
        return row


def _try(room: Mailroom, row: MessageRow) -> Delivery | NotDue:
    """Steps 2 and 3. A message that cannot be made is deferred like one that cannot be sent: the next must not wait."""
    try:
        envelope = _make(room, row)
    except NotDue as gone:
        return Delivery(SendOutcome.DEFERRED, "the server's clock was changed", stop=True) if room.doubts() else gone
    except Refused as refusal:
        _record(room, row, Delivery(SendOutcome.DEFERRED, short_reason(refusal.sentence)))
        raise
    except Exception as fault:  # a fault in one message must not delay the others; its class name is no secret
        return Delivery(SendOutcome.DEFERRED, f"the message could not be made: {type(fault).__name__}")
    return room.channel.send(envelope)


def _make(room: Mailroom, row: MessageRow) -> Envelope:
    used: list[PracticeLink] = []
    with reading(room.engine) as session:
        programme = find_programme(session, row.programme_id)
        if programme is None or row.dated_at is None or row.mark is None:
            raise NotDue("no-such-programme")

        def link_of(practice_id: int) -> str | None:
            link = None if room.links is None else room.links.of(session, row.programme_id, practice_id)
            if link is None:
                return None
            used.append(link)
            return link.url(room.base)

        now = whole_second(room.clock())
        occasion = MailContext(session, programme, room.settings.reply_to, f"{room.base}/", now)
        to = (room.settings.rehearsal_to if occasion.rules.rehearsal else None) or row.to
        message = compose(occasion, row, None if room.links is None else link_of)
        message_id = make_message_id(row.kind, row.mark, programme.board)
    secrets = tuple(part for link in used for part in (link.token, str(link.credential)))
    return Envelope(
        kind=message.kind,
        to=to,
        message_id=message_id,
        date=row.dated_at,
        sender=room.sender(row.mark),
        rendered=render(message, attaches=room.channel.attaches),
        attempt=row.attempts,
        secrets=secrets,
    )


def _record(room: Mailroom, row: MessageRow, found: Delivery | NotDue) -> DeliveryState:
    """Step 4. If the claim expired and another process has the message, or a bounce came first, that state stays."""
    with transaction(room.engine) as session:
        held = hold_message(session, row.id)
        if held is None:
            return DeliveryState.DROPPED
        if held.state != DeliveryState.SENDING.value or held.attempts != row.attempts:
            return DeliveryState(held.state)
        now = whole_second(room.clock())
        state, held.answer = _state(found, held.attempts), _answer(found)
        held.state, held.changed_at, held.next_at = state.value, now, now
        if isinstance(found, Delivery):
            held.reference = found.reference or held.reference
        if state is DeliveryState.DEFERRED:
            held.next_at = (held.queued_at if room.doubts() else now) + pause_after(held.attempts)
        return state


def _state(found: Delivery | NotDue, attempts: int) -> DeliveryState:
    if isinstance(found, NotDue):
        return DeliveryState.DROPPED
    if found.outcome is SendOutcome.DEFERRED and attempts >= MOST_ATTEMPTS:
        return DeliveryState.FAILED
    return found.outcome.value


def _answer(found: Delivery | NotDue) -> str:
    return found.answer if isinstance(found, Delivery) else str(found)


def pause_after(attempts: int) -> timedelta:
    """How long to wait before the next attempt: one minute, two, four, ... and at most four hours."""
    return timedelta(minutes=min(2 ** (attempts - 1), LONGEST_PAUSE))
