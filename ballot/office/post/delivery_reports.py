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
from ballot.mail.channel import Delivery, DeliveryLookup, SendOutcome
from ballot.mail.envelope import mark_of
from ballot.mail.report_limits import LARGEST, ReportTooLarge
from ballot.mail.states import DeliveryState, can_become
from ballot.office.desk import Clock
from ballot.record.times import whole_second

_PAGE = 250
_SHOWN_ADDRESSES = 10
_OUTCOMES = {Fate.FAILED: SendOutcome.BOUNCED, Fate.DELIVERED: SendOutcome.DELIVERED}


@dataclass(frozen=True, slots=True)
class StateChange:
    """A message with a new state: its practices, and the address it was sent to."""

    practices: tuple[str, ...]
    kind: str
    to: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class UnmatchedReport:
    """A report without one of our marks: the addresses it names, and the practices that have them."""

    addresses: tuple[str, ...]
    practices: Mapping[str, list[str]]
    fate: str
    answer: str


@dataclass
class ReportSummary:
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
    news: list[StateChange] = field(default_factory=list)
    shown: list[UnmatchedReport] = field(default_factory=list)


def read_bounces(engine: Engine, clock: Clock, messages: Iterable[bytes]) -> ReportSummary:
    """Process every message of a mailbox."""
    summary = ReportSummary()
    for data in messages:
        digest = hashlib.sha256(data[:LARGEST]).hexdigest()
        with reading(engine) as session:
            if was_set_aside(session, digest):
                summary.skipped += 1
                continue
        try:
            report = read_bounce(data)
        except ReportTooLarge:
            with transaction(engine) as session:
                set_aside(session, digest, whole_second(clock()))
            summary.aside += 1
            continue
        if report is None:
            summary.other += 1
            continue
        with transaction(engine) as session:
            _apply_report(session, report, whole_second(clock()), summary)
    return summary


def _apply_report(session: Session, report: BounceReport, now: datetime, summary: ReportSummary) -> None:
    row = next((row for mark in report.marks if (row := find_message(session, mark)) is not None), None)
    status = None if row is None else report.fate_of(row.to)
    if row is None or status is None:
        summary.shown.append(_unmatched(session, report, row))
        return
    answer = _answer(status, row.to)
    outcome = _OUTCOMES.get(status.fate)
    if outcome is None:
        summary.delayed += 1
        if row.state == DeliveryState.SENT.value:
            row.answer = answer
    elif apply_delivery(row, Delivery(outcome, answer), now):
        summary.changed += 1
        summary.news.append(StateChange(practices_of(session, row), row.kind, row.to, row.state, answer))
    else:
        summary.known += 1


def _answer(status: RecipientStatus, to: str) -> str:
    """The answer, with the address it is about if that is not the one we wrote to: mail may be forwarded to many."""
    said = status.reason if status.fate in (Fate.FAILED, Fate.DELAYED) else _SAID[status.fate]
    others = [address for address in status.addresses if address != to.lower()]
    return f"{others[-1]}: {said}" if others else said


_SAID = {
    Fate.DELIVERED: "the recipient's server says that it was delivered",
    Fate.PASSED_ON: "passed on to a server that does not report further",
}


def _unmatched(session: Session, report: BounceReport, row: MessageRow | None) -> UnmatchedReport:
    if row is not None:  # its mark is known, but the report was not understood
        to = row.to.lower()
        return UnmatchedReport(
            (to,), {to: list(practices_of(session, row))}, "not understood", "a mail server reported something"
        )
    addresses = report.addresses[:_SHOWN_ADDRESSES]
    status = report.fate_of("")
    fate, answer = ("not understood", "") if status is None else (status.fate.value, status.reason)
    return UnmatchedReport(addresses, practices_at(session, addresses), fate, answer)


def apply_delivery(row: MessageRow, delivery: Delivery, now: datetime) -> bool:
    """Apply a report to a locked message. Returns whether it changed anything."""
    state, following = DeliveryState(row.state), delivery.outcome.value
    if state is following or not can_become(state, following):
        return False
    row.state, row.answer, row.changed_at = following.value, delivery.answer, now
    return True


def take_report(engine: Engine, clock: Clock, message_id: str, delivery: Delivery) -> bool:
    """Apply the channel's final report on one message, posted to us. Returns whether we know the message.

    The channel has proved who it is, so this also accepts messages from before marks were keyed.
    """
    mark = mark_of(message_id)
    with transaction(engine) as session:
        row = None if mark is None else find_message(session, mark)
        if row is not None:
            apply_delivery(row, delivery, whole_second(clock()))
        return row is not None


def ask_channel(engine: Engine, clock: Clock, channel: DeliveryLookup) -> ReportSummary:
    """Ask the channel about every message that it accepted and has not finally reported on."""
    summary, after = ReportSummary(), 0
    while True:
        with reading(engine) as session:
            page = messages_with_reference(session, DeliveryState.SENT.value, after, _PAGE)
        for row in page:
            after = row.id
            delivery = channel.delivery_of(row.reference or "")
            if delivery is None:
                summary.known += 1
                continue
            with transaction(engine) as session:
                held = hold_message(session, row.id)
                summary.changed += held is not None and apply_delivery(held, delivery, whole_second(clock()))
        if len(page) < _PAGE:
            return summary
