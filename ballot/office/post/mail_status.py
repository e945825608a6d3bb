"""Who would get which message, before anything is sent, and how sending went for each practice. Reads only.

A bounced message, an abandoned one and a practice without an address are tasks, each with what to do about it. Nothing
here shows or asks how anyone voted. A reminder depends on whether a practice has voted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.accepted import has_voted, times_by_practice
from ballot.db.ballots import list_ballots
from ballot.db.outbox import last_tried, practices_with, unsent_figures
from ballot.db.practices import practices_by_ballot
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.tokens import latest_issues
from ballot.mail.messages import NEEDS_LINK, Kind
from ballot.mail.states import DUE, UNDELIVERED, DeliveryState
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.post.letters import LetterNote, letter_notes
from ballot.office.post.mailings import reminder_day
from ballot.office.post.outbox import Audience, Everyone, MessageStatus, Recipient, by_address, find_recipients, outbox
from ballot.office.post.send import WAITS
from ballot.office.sealed import read_programme
from ballot.record.times import wall_time, whole_second


@dataclass(frozen=True, slots=True)
class Addressed:
    """One message that would be queued: its address, and the practices with that address."""

    to: str
    practices: tuple[tuple[str, str, str], ...]
    """CCG, code and name of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending would do now. Each practice is in exactly one of the groups."""

    messages: tuple[Addressed, ...]
    without_address: tuple[str, ...]
    before: tuple[str, ...]
    voted: tuple[str, ...]
    not_open: tuple[str, ...]
    """Their ballot opens later."""
    ended: tuple[str, ...]
    """Their ballot is closed or was abandoned."""

    @property
    def not_due(self) -> tuple[str, ...]:
        """Those to whom it is not sent now."""
        return (*self.voted, *self.not_open, *self.ended)

    @property
    def why_not_due(self) -> str:
        """`10 have voted, 26 are not open yet`; empty if it is sent to all."""
        parts = [
            (self.voted, "has voted", "have voted"),
            (self.not_open, "is not open yet", "are not open yet"),
            (self.ended, "is in a ballot that has ended", "are in a ballot that has ended"),
        ]
        return ", ".join(f"{len(who)} {one if len(who) == 1 else many}" for who, one, many in parts if who)

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

        groups: dict[str, list[Recipient]] = {"due": [], "voted": [], "not_open": [], "ended": []}
        for recipient in recipients:
            ballot = recipient.ballot
            state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now)
            if state not in states:
                group = "not_open" if state in (State.DRAFT, State.SEALED) else "ended"
            else:
                reminded = kind is Kind.REMINDER and has_voted(session, recipient.practice.id)
                group = "voted" if reminded else "due"
            groups[group].append(recipient)
        due = groups["due"]
        before = practices_with(session, [recipient.practice.id for recipient in due], once)
    left = [recipient for recipient in due if recipient.practice.id not in before]
    return Plan(
        tuple(Addressed(to, tuple(_row(r) for r in group)) for to, group in by_address(left).items()),
        tuple(r.practice.ods for r in left if r.practice.email is None),
        tuple(r.practice.ods for r in due if r.practice.id in before),
        *(tuple(r.practice.ods for r in groups[name]) for name in ("voted", "not_open", "ended")),
    )


def _row(recipient: Recipient) -> tuple[str, str, str]:
    return recipient.ballot.ccg, recipient.practice.ods, recipient.practice.called


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
    name: str
    what: str
    posted: MessageStatus

    @property
    def why(self) -> str:
        """Why it was not delivered: the practice's address it went to, and the other server's answer."""
        return self.what if self.posted.kind is None else f"{self.what} at {self.posted.to}: {self.posted.answer}"


@dataclass(frozen=True, slots=True)
class MailStatus:
    """The state of a programme's e-mails, as one viewer may see it."""

    progress: tuple[MailProgress, ...]
    problems: tuple[DeliveryProblem, ...]
    posted: tuple[MessageStatus, ...]
    letters: Mapping[tuple[str, str], LetterNote]
    """The letters handed over whose link still works, by CCG and practice code."""


TELL_WHO_VOTED = (Kind.REMINDER, Kind.RECEIPT, Kind.HAS_VOTED)
"""The kinds that reveal whether a practice has voted."""


def _tells_who_voted(one: MessageStatus) -> bool:
    """Whether a message reveals that its practice has voted. A link that a final vote made needless does."""
    return one.kind in TELL_WHO_VOTED or (one.state is DeliveryState.DROPPED and "has-voted" in one.answer)


def mail_status(engine: Engine, programme_id: str, now: datetime, *, sees_who_voted: bool) -> MailStatus:
    """Everything about the e-mails that a viewer may see. Raises Refused if there is no such programme.

    A practice is a problem if the latest message to its present address did not arrive, or it has no address. A vote
    ends the problem, and so do the closing of its ballot and a letter that was handed over. A viewer who may not know
    who has voted sees no message that reveals it, and problems that a vote does not end.
    """
    posted = outbox(engine, programme_id, Everyone())
    counts: dict[Kind, Counter[DeliveryState]] = {}
    for one in posted:
        if one.kind is not None and one.state is not None:
            counts.setdefault(one.kind, Counter())[one.state] += 1
    progress = tuple(MailProgress(kind, dict(counts[kind])) for kind in Kind if kind in counts)
    shown = [one for one in posted if sees_who_voted or not _tells_who_voted(one)]
    with reading(engine) as session:
        ended, letters = _reached(session, programme_id, now, sees_who_voted)
        standing = {(each.ballot.ccg, each.practice.ods) for each in find_recipients(session, programme_id, Everyone())}
    by_practice: dict[tuple[str, str], list[MessageStatus]] = {}
    for one in shown:
        by_practice.setdefault((one.ccg, one.practice), []).append(one)
    problems = [
        problem
        for place, its in by_practice.items()
        if place in standing  # a struck practice needs no help
        for problem in _problems(its, place in ended or place in letters)
    ]
    return MailStatus(progress, tuple(problems), tuple(shown), letters)


def _reached(
    session: Session, programme_id: str, now: datetime, sees_who_voted: bool
) -> tuple[set[tuple[str, str]], dict[tuple[str, str], LetterNote]]:
    """The practices that no longer need a link, and the letters whose link is still the newest."""
    voted = times_by_practice(session, programme_id) if sees_who_voted else {}
    practices, issued = practices_by_ballot(session, programme_id), latest_issues(session, programme_id)
    notes, ended, letters = letter_notes(session, programme_id), set(), {}
    for ballot in list_ballots(session, programme_id):
        state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now)
        for practice in practices.get(ballot.id, []):
            place = (ballot.ccg, practice.ods)
            if practice.id in voted or state not in (State.DRAFT, State.SEALED, State.OPEN):
                ended.add(place)
            note = notes.get(place)
            if note is not None and practice.id in issued and note.at >= issued[practice.id]:
                letters[place] = note
    return ended, letters


def _problems(messages: list[MessageStatus], needs_no_link: bool) -> Iterator[DeliveryProblem]:
    """What one practice did not get, of the messages to its present addresses, in their order.

    A reminder may have no link. So it does not settle a link that did not arrive; only another link does.
    """
    present = [one for one in messages if one.is_present]
    for kinds in ((Kind.RESULT,), (Kind.HAS_VOTED,)):
        newest = {(one.to or "").lower(): one for one in present if one.kind in kinds}
        yield from (_problem(one) for one in newest.values() if one.state in UNDELIVERED)
    if needs_no_link:
        return
    if present and present[-1].to is None:
        yield DeliveryProblem(*_about(present[-1]), "has no e-mail address", present[-1])
    links = [one for one in present if one.kind in NEEDS_LINK]
    others = [one for one in present if one.kind in (Kind.REMINDER, Kind.CONTACT_CHANGED, *NEEDS_LINK)]
    lost = [each[-1] for each in (links, others) if each and each[-1].state in UNDELIVERED]
    yield from map(_problem, lost[:1])


def _about(one: MessageStatus) -> tuple[str, str, str]:
    return one.ccg, one.practice, one.name


def _problem(one: MessageStatus) -> DeliveryProblem:
    assert one.kind is not None
    assert one.state is not None
    return DeliveryProblem(*_about(one), f"{one.kind.value} {one.state.value}", one)


class HoldUpCause(Enum):
    """Why messages are not sent."""

    LOCKED = "locked"
    """They need a voting link, and the registrar's key is locked in the worker."""
    NO_WORKER = "no-worker"
    """They have been due for minutes, and none of the programme was sent since."""
    REFUSED = "refused"
    """The mail server did not accept them yet."""


@dataclass(frozen=True, slots=True)
class HoldUp:
    """Messages that are held up by one cause. `since` is when the first was due, or will be tried again."""

    cause: HoldUpCause
    messages: int
    since: datetime
    answer: str

    @property
    def sentence(self) -> str:
        """What holds them up, and what to do."""
        e_mails = "1 e-mail" if self.messages == 1 else f"{self.messages:,} e-mails"
        match self.cause:
            case HoldUpCause.LOCKED:
                return (
                    f"{e_mails} with voting links cannot be sent: the registrar's key is locked. The registrar unlocks "
                    "sending on a page of the office, or where the server runs with ballot worker --unlock."
                )
            case HoldUpCause.NO_WORKER:
                return (
                    f"{e_mails} should have been sent since {wall_time(self.since)}, and none was. Ask the person who "
                    "runs the server to start ballot worker."
                )
            case HoldUpCause.REFUSED:
                return (
                    f"{e_mails} could not be sent yet. The server tries again by itself, next at "
                    f"{wall_time(self.since)}. The last answer: {self.answer}."
                )

    @property
    def is_paused(self) -> bool:
        """Whether a person must do something before sending goes on."""
        return self.cause is not HoldUpCause.REFUSED


QUIET = timedelta(minutes=5)
"""A worker that runs looks for messages every few seconds."""


def hold_ups(session: Session, programme_id: str, now: datetime) -> tuple[HoldUp, ...]:
    """What holds up the e-mails of a programme. Empty if they are being sent, or none is to be sent."""
    unsent = unsent_figures(session, programme_id, [state.value for state in DUE])
    tried = last_tried(session, programme_id, DeliveryState.QUEUED.value)
    locked = [one for one in unsent if one.answer == WAITS]
    left = [one for one in unsent if one.answer != WAITS]
    overdue = [one for one in left if one.next_at < now - QUIET and (tried is None or tried < now - QUIET)]
    refused = [one for one in left if one.state == DeliveryState.DEFERRED.value and one not in overdue]
    found = ((HoldUpCause.LOCKED, locked), (HoldUpCause.NO_WORKER, overdue), (HoldUpCause.REFUSED, refused))
    return tuple(
        HoldUp(cause, sum(one.number for one in some), min(one.next_at for one in some), some[-1].answer)
        for cause, some in found
        if some
    )
