"""Put messages into the outbox, in the transaction of the act that causes them: both happen, or neither.

Recipients are always named in full: all practices of a programme, those of one CCG, or one practice. There is no
default, and a practice that is not on the roll is refused, so a message for one can never become a message for all.
Practices that share an address get one message that lists each of them. `outbox` shows the state of each message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.db.appending import NewRow
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.casting import Holder
from ballot.db.outbox import MessagePracticeRow, MessageRow, list_deliveries, practices_with
from ballot.db.practices import PracticeRow, list_practices, practices_by_ballot
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.mail.envelope import make_name
from ballot.mail.messages import Change, Kind
from ballot.mail.states import DUE, DeliveryState
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_programme
from ballot.record.times import time_text


@dataclass(frozen=True, slots=True)
class Everyone:
    """Every practice of the programme."""


@dataclass(frozen=True, slots=True)
class OneCcg:
    """The practices of one CCG, in all its ballots."""

    ccg: str


@dataclass(frozen=True, slots=True)
class OnePractice:
    """One practice, and no other that shares its address."""

    practice: str


Audience = Everyone | OneCcg | OnePractice


@dataclass(frozen=True, slots=True)
class Recipient:
    """A practice with the ballot in which it is a member."""

    ballot: BallotRow
    practice: PracticeRow


@dataclass(frozen=True, slots=True)
class Queued:
    """What an act put into the outbox, and the practices it had to leave out, by practice code."""

    messages: int
    practices: tuple[str, ...]
    without_address: tuple[str, ...] = ()
    """No address: these must be reached some other way."""
    before: tuple[str, ...] = ()
    """Queued for these before."""


def find_recipients(session: Session, programme_id: str, whom: Audience, *, struck: bool = False) -> list[Recipient]:
    """The practices meant, without struck ones or with them. Raises Refused if there is no such CCG or practice."""
    practices = practices_by_ballot(session, programme_id)
    found = [
        Recipient(ballot, practice)
        for ballot in list_ballots(session, programme_id)
        if not isinstance(whom, OneCcg) or ballot.ccg == whom.ccg
        for practice in practices.get(ballot.id, [])
        if not isinstance(whom, OnePractice) or practice.ods == whom.practice
    ]
    if not found:
        row = find_programme(session, programme_id)
        raise _nobody(programme_id, whom, DEFAULT_WORDS if row is None else read_programme(row.toml).words)
    standing = [recipient for recipient in found if struck or recipient.practice.struck_at is None]
    if isinstance(whom, OnePractice) and not standing:
        raise Refused(Refusal.ALREADY_STRUCK, f"{whom.practice} was struck off the roll, and gets no message.")
    return standing


def _nobody(programme_id: str, whom: Audience, words: Words) -> Refused:
    match whom:
        case OneCcg():
            return Refused(Refusal.NO_SUCH_BALLOT, f"{whom.ccg} is not one of the {words.body.many} of {programme_id}.")
        case OnePractice():
            sentence = f"{whom.practice} is not {words.full_member.a} in {programme_id}."
            return Refused(Refusal.NO_SUCH_PRACTICE, sentence)
    return Refused(Refusal.NO_SUCH_PRACTICE, f"{programme_id} has no {words.full_member.many}.")


def by_address(recipients: Iterable[Recipient]) -> dict[str, list[Recipient]]:
    """Group recipients by e-mail address, ignoring case. The key is the first form seen. Skips those without one."""
    form: dict[str, str] = {}
    groups: dict[str, list[Recipient]] = {}
    for recipient in recipients:
        if (address := recipient.practice.email) is not None:
            groups.setdefault(form.setdefault(address.lower(), address), []).append(recipient)
    return groups


def message_values(
    programme_id: str,
    kind: Kind,
    to: str,
    practices: Sequence[int],
    now: datetime,
    about: str = "",
    once: str | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The columns of one message to one address, and of its practices. A practice gets only one of each `once`."""
    only = once if once is not None else f"{kind.value} {about}".strip()
    ids = sorted(practices)
    message = {
        "programme_id": programme_id,
        "kind": kind.value,
        "to": to,
        "about": about,
        "name": make_name(kind, programme_id, to.lower(), only, *map(str, ids)),
        "mark": None,
        "state": DeliveryState.QUEUED.value,
        "attempts": 0,
        "queued_at": now,
        "next_at": now,
        "dated_at": None,
        "changed_at": now,
        "answer": "",
        "reference": None,
    }
    return message, [{"practice_id": id, "once": only} for id in ids]


def enqueue(
    session: Session,
    programme: ProgrammeRow,
    kind: Kind,
    to: str,
    practices: Sequence[int],
    now: datetime,
    about: str = "",
    once: str | None = None,
) -> None:
    """Queue one message to one address about these practices."""
    message, of = message_values(programme.id, kind, to, practices, now, about, once)
    session.add(MessageRow(**message, practices=[MessagePracticeRow(**practice) for practice in of]))


def enqueue_for_each(
    session: Session, programme: ProgrammeRow, kind: Kind, recipients: Sequence[Recipient], now: datetime, about: str
) -> Queued:
    """Queue one message for each address among the recipients that did not get this one before."""
    once = f"{kind.value} {about}".strip()
    before = practices_with(session, [recipient.practice.id for recipient in recipients], once)
    left = [recipient for recipient in recipients if recipient.practice.id not in before]
    groups = by_address(left)
    for address, group in groups.items():
        enqueue(session, programme, kind, address, [recipient.practice.id for recipient in group], now, about)
    session.flush()
    return Queued(
        len(groups),
        tuple(recipient.practice.ods for group in groups.values() for recipient in group),
        tuple(recipient.practice.ods for recipient in left if recipient.practice.email is None),
        tuple(recipient.practice.ods for recipient in recipients if recipient.practice.id in before),
    )


def receipt_messages(programme_id: str, holder: Holder, payload: str, now: datetime) -> list[NewRow]:
    """The receipt to the practice that has just voted, and a notice to each further address that it registered."""

    def message(kind: Kind, to: str, once: str | None = None) -> NewRow:
        values, practices = message_values(programme_id, kind, to, [holder.practice_id], now, payload, once)
        return NewRow(MessageRow, values, tuple(NewRow(MessagePracticeRow, practice) for practice in practices))

    messages = [] if holder.email is None else [message(Kind.RECEIPT, holder.email)]
    for address in (holder.notify or "").split():
        once = f"{Kind.HAS_VOTED.value} {payload} {address.lower()}"
        messages.append(message(Kind.HAS_VOTED, address, once))
    return messages


def queue_contact_changed(
    session: Session, programme: ProgrammeRow, practice: PracticeRow, before: str | None, serial: int, now: datetime
) -> None:
    """Queue a notice of the changed contact to the old and to the new address. Neither names the other."""
    addresses = {address.lower(): address for address in (before, practice.email) if address is not None}
    for address in addresses.values():
        once = f"{Kind.CONTACT_CHANGED.value} {serial} {address.lower()}"
        enqueue(session, programme, Kind.CONTACT_CHANGED, address, [practice.id], now, str(serial), once)


def queue_reissued(
    session: Session, programme: ProgrammeRow, practice: PracticeRow, serial: int, now: datetime
) -> None:
    """Queue the new link to the practice whose older link was just superseded, and to no one else."""
    if practice.email is not None:
        enqueue(session, programme, Kind.REISSUED, practice.email, [practice.id], now, str(serial))


def queue_change(
    session: Session,
    programme: ProgrammeRow,
    change: Change,
    ballot: BallotRow,
    now: datetime,
    struck: PracticeRow | None = None,
) -> None:
    """Tell the practices of a ballot what two officers changed; only the struck one if one was struck.

    An early opening is told only to those that were invited: an invitation that is still to come says it anyway.
    """
    practices = list_practices(session, ballot.id) if struck is None else [struck]
    recipients = [Recipient(ballot, each) for each in practices if each is struck or each.struck_at is None]
    if change is Change.OPENED:
        invited = practices_with(session, [each.practice.id for each in recipients], Kind.INVITATION.value)
        recipients = [each for each in recipients if each.practice.id in invited]
    about = f"{change.value} {time_text(ballot.closes_at)}" if change is Change.EXTENDED else change.value
    enqueue_for_each(session, programme, Kind.BALLOT_CHANGED, recipients, now, about)


def queue_results(session: Session, programme: ProgrammeRow, now: datetime, whom: Audience) -> Queued:
    """Queue the result to those of these practices that have not had it yet."""
    return enqueue_for_each(session, programme, Kind.RESULT, find_recipients(session, programme.id, whom), now, "")


@dataclass(frozen=True, slots=True)
class MessageStatus:
    """One message about one practice. `kind` is None for a practice without any message."""

    ccg: str
    practice: str
    name: str
    """The practice's name."""
    to: str | None
    is_present: bool
    """Whether `to` is an address that the practice has now, its own or a further one."""
    kind: Kind | None
    state: DeliveryState | None
    at: datetime | None
    next_at: datetime | None
    """When it is due, if it is still to be sent."""
    attempts: int
    answer: str


def outbox(engine: Engine, programme_id: str, whom: Audience) -> list[MessageStatus]:
    """Every message by CCG, practice and time, and every practice without one. Raises Refused for an unknown one.

    A practice that was struck off the roll is there only with what was written to it before.
    """
    with reading(engine) as session:
        recipients = find_recipients(session, programme_id, whom, struck=not isinstance(whom, OnePractice))
        messages = list_deliveries(session, programme_id)
    by_practice: dict[int, list[MessageStatus]] = {}
    places = {recipient.practice.id: recipient for recipient in recipients}
    for row in messages:
        if (of := places.get(row.practice_id)) is not None:
            state = DeliveryState(row.state)
            posted = MessageStatus(
                of.ballot.ccg,
                row.ods,
                of.practice.called if of.practice.struck_at is None else f"{of.practice.called}, struck off the roll",
                row.to,
                row.to.lower() in _addresses(of.practice),
                Kind(row.kind),
                state,
                row.changed_at,
                row.next_at if state in DUE else None,
                row.attempts,
                row.answer,
            )
            by_practice.setdefault(row.practice_id, []).append(posted)
    nothing = {
        of.practice.id: MessageStatus(
            of.ballot.ccg, of.practice.ods, of.practice.called, of.practice.email, True, None, None, None, None, 0, ""
        )
        for of in recipients
    }
    for of in recipients:
        if of.practice.struck_at is not None and of.practice.id not in by_practice:
            del nothing[of.practice.id]
    return [posted for id, none in nothing.items() for posted in by_practice.get(id, [none])]


def _addresses(practice: PracticeRow) -> set[str]:
    return {practice.email.lower() if practice.email else "", *(practice.notify or "").lower().split()}
