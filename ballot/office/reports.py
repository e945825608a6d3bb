"""What is heard of messages after they were sent: bounces from a mailbox, and the channel's own word, asked or posted.

A report about a message that we do not know is counted, and changes nothing. The same report twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.outbox import MessageRow, find_message, messages_with_reference
from ballot.db.session import reading, transaction
from ballot.mail.bounces import Report, read_bounce
from ballot.mail.channel import Delivery, Tells
from ballot.mail.states import DeliveryState, can_become
from ballot.office.desk import Clock
from ballot.record.times import whole_second

_PAGE = 250


@dataclass
class Heard:
    """What a mailbox, or the channel, had to say."""

    changed: int = 0
    """Messages with a new state."""
    delayed: int = 0
    """Another server still tries."""
    known: int = 0
    """Said before, or nothing new."""
    unknown: int = 0
    """A bounce of no message of ours."""
    other: int = 0
    """No bounce at all: somebody should read it."""


def read_bounces(engine: Engine, clock: Clock, messages: Iterable[bytes]) -> Heard:
    """Take in every message of a mailbox."""
    heard = Heard()
    for data in messages:
        report = read_bounce(data)
        if report is None:
            heard.other += 1
            continue
        with transaction(engine) as session:
            _take(session, report, whole_second(clock()), heard)
    return heard


def _take(session: Session, report: Report, now: datetime, heard: Heard) -> None:
    row = find_message(session, report.message_id)
    if row is None:
        heard.unknown += 1
    elif report.delivery is None:
        heard.delayed += 1
        if row.state == DeliveryState.SENT.value:
            row.answer = report.answer
    elif apply(row, report.delivery, now):
        heard.changed += 1
    else:
        heard.known += 1


def apply(row: MessageRow, delivery: Delivery, now: datetime) -> bool:
    """Write what was heard beside a held message; answers whether it was news."""
    state, following = DeliveryState(row.state), delivery.outcome.value
    if state is following or not can_become(state, following):
        return False
    row.state, row.answer, row.changed_at = following.value, delivery.answer, now
    return True


def take_word(engine: Engine, clock: Clock, message_id: str, delivery: Delivery) -> bool:
    """The channel's final word on one message, posted to us; answers whether we know such a message."""
    with transaction(engine) as session:
        row = find_message(session, message_id)
        if row is not None:
            apply(row, delivery, whole_second(clock()))
        return row is not None


def ask_channel(engine: Engine, clock: Clock, channel: Tells) -> Heard:
    """Ask the channel about every message that it took and has not given its final word on."""
    heard, after = Heard(), 0
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
                held = find_message(session, row.message_id)
                heard.changed += held is not None and apply(held, delivery, whole_second(clock()))
        if len(page) < _PAGE:
            return heard
