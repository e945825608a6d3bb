"""Who would get which message, before anything is sent, and how sending went for each practice. Reads only.

A bounced message, an abandoned one and a practice without an address are tasks, each with what to do about it. Nothing
here shows or asks how anyone voted. A reminder depends on whether a practice has voted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Engine

from ballot.db.accepted import has_voted
from ballot.db.outbox import practices_with
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.messages import Kind
from ballot.mail.states import UNDELIVERED, DeliveryState
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.post.mailings import reminder_day
from ballot.office.post.outbox import Audience, Everyone, MessageStatus, Recipient, by_address, find_recipients, outbox
from ballot.office.sealed import read_programme
from ballot.record.times import whole_second


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message that would be queued: its address, and the practices with that address."""

    to: str
    practices: tuple[tuple[str, str, str], ...]
    """CCG, code and name of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending would do now. Each practice is in exactly one of the four groups."""

    messages: tuple[Addressed, ...]
    without_address: tuple[str, ...]
    before: tuple[str, ...]
    not_due: tuple[str, ...]
    """They have voted, or their ballot is not open for voting now."""

    @property
    def practices(self) -> int:
        return sum(len(message.practices) for message in self.messages)


def plan(engine: Engine, clock: Clock, programme_id: str, kind: Kind, whom: Audience) -> Plan:
    """Whom `invite` or `remind` would write to. Raises Refused if there is no such CCG or practice."""
    with reading(engine) as session:
        programme = find_programme(session, programme_id)
        if programme is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        now = whole_second(clock())
        states = (State.SEALED, State.OPEN) if kind is Kind.INVITATION else (State.OPEN,)
        zone = read_programme(programme.toml).window.zone
        once = kind.value if kind is Kind.INVITATION else f"{kind.value} {reminder_day(now, zone)}"
        recipients = find_recipients(session, programme_id, whom)

        def is_due(recipient: Recipient) -> bool:
            ballot = recipient.ballot
            if state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now) not in states:
                return False
            return kind is not Kind.REMINDER or not has_voted(session, recipient.practice.id)

        due = [recipient for recipient in recipients if is_due(recipient)]
        before = practices_with(session, [recipient.practice.id for recipient in due], once)
    left = [recipient for recipient in due if recipient.practice.id not in before]
    return Plan(
        tuple(Addressed(to, tuple(_row(r) for r in group)) for to, group in by_address(left).items()),
        tuple(r.practice.ods for r in left if r.practice.email is None),
        tuple(r.practice.ods for r in due if r.practice.id in before),
        tuple(r.practice.ods for r in recipients if r not in due),
    )


def _row(recipient: Recipient) -> tuple[str, str, str]:
    return recipient.ballot.ccg, recipient.practice.ods, recipient.practice.name


@dataclass(frozen=True, slots=True)
class MailProgress:
    """How many messages of one kind are in each state."""

    kind: Kind
    states: dict[DeliveryState, int]

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def arrived(self) -> int:
        """Accepted by the next server at least. A bounce may still come."""
        return self.states.get(DeliveryState.SENT, 0) + self.states.get(DeliveryState.DELIVERED, 0)


@dataclass(frozen=True, slots=True)
class DeliveryProblem:
    """A practice that a message did not reach. `why` names an address: show it only to those who may see it."""

    ccg: str
    practice: str
    what: str
    posted: MessageStatus

    @property
    def why(self) -> str:
        """Why it was not delivered: the practice's address it went to, and the other server's answer."""
        return self.what if self.posted.kind is None else f"{self.what} at {self.posted.to}: {self.posted.answer}"


@dataclass(frozen=True, slots=True)
class MailStatus:
    """The state of a programme's e-mails."""

    progress: tuple[MailProgress, ...]
    problems: tuple[DeliveryProblem, ...]
    posted: tuple[MessageStatus, ...]


def mail_status(engine: Engine, programme_id: str) -> MailStatus:
    """Everything about the e-mails that an officer needs. Raises Refused if there is no such programme."""
    posted = outbox(engine, programme_id, Everyone())
    counts: dict[Kind, Counter[DeliveryState]] = {}
    for one in posted:
        if one.kind is not None and one.state is not None:
            counts.setdefault(one.kind, Counter())[one.state] += 1
    progress = tuple(MailProgress(kind, dict(counts[kind])) for kind in Kind if kind in counts)
    return MailStatus(progress, tuple(_problems(posted)), tuple(posted))


TELL_WHO_VOTED = (Kind.REMINDER, Kind.RECEIPT, Kind.HAS_VOTED)
"""The kinds that reveal whether a practice has voted."""


def without_who_voted(posted: Iterable[MessageStatus]) -> tuple[MessageStatus, ...]:
    """Leave out the messages that reveal who has voted, for viewers who may not know."""
    return tuple(one for one in posted if one.kind not in TELL_WHO_VOTED)


_TO_SEVERAL = (Kind.HAS_VOTED, Kind.CONTACT_CHANGED)
"""Kinds that go to several addresses of one practice at once. Each address counts separately."""


def _problems(posted: list[MessageStatus]) -> list[DeliveryProblem]:
    """The newest message of each kind counts: a delivered retry cancels an earlier bounce."""
    newest: dict[tuple[str, str, Kind | None, str | None], MessageStatus] = {}
    for one in posted:
        to = one.to.lower() if one.to and one.kind in _TO_SEVERAL else None
        newest[one.ccg, one.practice, one.kind, to] = one
    found = []
    for (ccg, practice, _, _), one in newest.items():
        if one.kind is None and one.to is None:
            found.append(DeliveryProblem(ccg, practice, "has no e-mail address", one))
        elif one.kind is not None and one.state is not None and one.state in UNDELIVERED:
            found.append(DeliveryProblem(ccg, practice, f"{one.kind.value} {one.state.value}", one))
    return found
