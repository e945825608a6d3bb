"""What we learn about messages after sending: bounces from a mailbox, and the channel's reports, polled or posted.

A report changes only the state of the message whose mark it contains. A message gets its mark when it is first given to
a channel, so no report can refer to an unsent message. A report without one of our marks is shown to a person, with the
practices that have its addresses, and changes nothing. The same report twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.outbox import (
    MessageRow,
    find_message,
    hold_message,
    messages_with_reference,
    practices_at,
    practices_of,
    set_aside,
    was_set_aside,
)
from ballot.db.session import reading, transaction
from ballot.mail.bounces import BounceReport, Fate, RecipientStatus, read_bounce
from ballot.mail.channel import Delivery, SendOutcome, Tells
from ballot.mail.envelope import mark_of
from ballot.mail.measure import LARGEST, TooMuch
from ballot.mail.states import DeliveryState, can_become
from ballot.office.desk import Clock
from ballot.record.times import whole_second

_PAGE = 250
_SHOWN_ADDRESSES = 10
_OUTCOMES = {Fate.FAILED: SendOutcome.BOUNCED, Fate.DELIVERED: SendOutcome.DELIVERED}


@dataclass(frozen=True, slots=True)
class News:
    """A message with a new state: its practices, and the address it was sent to."""

    practices: tuple[str, ...]
    kind: str
    to: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A report without one of our marks: the addresses it names, and the practices that have them."""

    addresses: tuple[str, ...]
    practices: Mapping[str, list[str]]
    fate: str
    answer: str


@dataclass
class DeliveryNews:
    """What the reports of a mailbox, or of the channel, said."""

    changed: int = 0
    """Messages with a new state."""
    delayed: int = 0
    """Another server is still trying, or passed the message on to a server that sends no reports."""
    known: int = 0
    """Reported before, or nothing new."""
    aside: int = 0
    """Too large for a report: set aside now."""
    skipped: int = 0
    """Set aside in an earlier run."""
    other: int = 0
    """Not a report: a person should read it."""
    news: list[News] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)


def read_bounces(engine: Engine, clock: Clock, messages: Iterable[bytes]) -> DeliveryNews:
    """Process every message of a mailbox."""
    heard = DeliveryNews()
    for data in messages:
        digest = hashlib.sha256(data[:LARGEST]).hexdigest()
        with reading(engine) as session:
            if was_set_aside(session, digest):
                heard.skipped += 1
                continue
        try:
            report = read_bounce(data)
        except TooMuch:
            with transaction(engine) as session:
                set_aside(session, digest, whole_second(clock()))
            heard.aside += 1
            continue
        if report is None:
            heard.other += 1
            continue
        with transaction(engine) as session:
            _take(session, report, whole_second(clock()), heard)
    return heard


def _take(session: Session, report: BounceReport, now: datetime, heard: DeliveryNews) -> None:
    row = next((row for mark in report.marks if (row := find_message(session, mark)) is not None), None)
    status = None if row is None else report.fate_of(row.to)
    if row is None or status is None:
        heard.shown.append(_shown(session, report, row))
        return
    answer = _answer(status, row.to)
    outcome = _OUTCOMES.get(status.fate)
    if outcome is None:
        heard.delayed += 1
        if row.state == DeliveryState.SENT.value:
            row.answer = answer
    elif apply(row, Delivery(outcome, answer), now):
        heard.changed += 1
        heard.news.append(News(practices_of(session, row), row.kind, row.to, row.state, answer))
    else:
        heard.known += 1


def _answer(status: RecipientStatus, to: str) -> str:
    """The answer, with the address it is about if that is not the one we wrote to: mail may be forwarded to many."""
    said = status.reason if status.fate in (Fate.FAILED, Fate.DELAYED) else _SAID[status.fate]
    others = [address for address in status.addresses if address != to.lower()]
    return f"{others[-1]}: {said}" if others else said


_SAID = {
    Fate.DELIVERED: "the recipient's server says that it was delivered",
    Fate.PASSED_ON: "passed on to a server that does not report further",
}


def _shown(session: Session, report: BounceReport, row: MessageRow | None) -> Shown:
    if row is not None:  # its mark is known, but the report was not understood
        to = row.to.lower()
        return Shown(
            (to,), {to: list(practices_of(session, row))}, "not understood", "a mail server reported something"
        )
    addresses = report.addresses[:_SHOWN_ADDRESSES]
    status = report.fate_of("")
    fate, answer = ("not understood", "") if status is None else (status.fate.value, status.reason)
    return Shown(addresses, practices_at(session, addresses), fate, answer)


def apply(row: MessageRow, delivery: Delivery, now: datetime) -> bool:
    """Apply a report to a locked message. Returns whether it changed anything."""
    state, following = DeliveryState(row.state), delivery.outcome.value
    if state is following or not can_become(state, following):
        return False
    row.state, row.answer, row.changed_at = following.value, delivery.answer, now
    return True


def take_word(engine: Engine, clock: Clock, message_id: str, delivery: Delivery) -> bool:
    """Apply the channel's final report on one message, posted to us. Returns whether we know the message.

    The channel has proved who it is, so this also accepts messages from before marks were keyed.
    """
    mark = mark_of(message_id)
    with transaction(engine) as session:
        row = None if mark is None else find_message(session, mark)
        if row is not None:
            apply(row, delivery, whole_second(clock()))
        return row is not None


def ask_channel(engine: Engine, clock: Clock, channel: Tells) -> DeliveryNews:
    """Ask the channel about every message that it accepted and has not finally reported on."""
    heard, after = DeliveryNews(), 0
    while True:
        with reading(engine) as session:
            page = messages_with_reference(session, DeliveryState.SENT.value, after, _PAGE)
        for row in page:
            after = row.id
            delivery = channel.delivery_of(row.reference or "")
            if delivery is None:
                heard.known += 1
                continue
            with transaction(engine) as session:
                held = hold_message(session, row.id)
                heard.changed += held is not None and apply(held, delivery, whole_second(clock()))
        if len(page) < _PAGE:
            return heard
