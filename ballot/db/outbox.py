"""The outbox: one row for each e-mail, written in the transaction of the act that causes it, and kept for ever.

A row says who gets what kind of message about which practices. It contains no secret and no text: the text is made at
sending, and the voting link comes from the registrar's vault. `state` is a word of mail.states.DeliveryState.

Two constraints prevent duplicates: `name` follows from what the message is about, and (`practice_id`, `once`) is
unique, whatever the address. `mark` identifies the message outside (mail/envelope.py). A message gets it when it is
first given to a channel.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ballot.db.base import Base
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow


class MessagePracticeRow(Base):
    """A practice that a message is about. It gets at most one message of each `once`."""

    __tablename__ = "message_practice"
    __table_args__ = (UniqueConstraint("practice_id", "once"),)

    message: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    once: Mapped[str]


class MessageRow(Base):
    """One message to one address."""

    __tablename__ = "message"
    __table_args__ = (Index(None, "state", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[str]
    to: Mapped[str]
    about: Mapped[str]
    """What else it is about: the hash of a receipt's ballot, the serial of a token, or a day."""
    name: Mapped[str] = mapped_column(unique=True)
    mark: Mapped[str | None] = mapped_column(unique=True)
    """The mark in its Message-ID and return path, from the first attempt on."""
    state: Mapped[str]
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """When it is due. While it is being sent: when the claim expires, because the sending process must have died."""
    dated_at: Mapped[datetime | None]
    """Its Date, fixed at the first attempt, so that a repeated message is the same message."""
    changed_at: Mapped[datetime]
    answer: Mapped[str]
    """The other side's last answer, shortened."""
    reference: Mapped[str | None] = mapped_column(index=True)
    """The channel's own id for it."""
    practices: Mapped[list[MessagePracticeRow]] = relationship(order_by=MessagePracticeRow.practice_id)


class ReportAsideRow(Base):
    """The hash of a message about our mail that was too large to read, so that it is not read again."""

    __tablename__ = "report_aside"

    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def was_set_aside(session: Session, digest: str) -> bool:
    """Whether a message with this hash was set aside before."""
    return session.get(ReportAsideRow, digest) is not None


def set_aside(session: Session, digest: str, now: datetime) -> None:
    """Remember that a message with this hash was too large."""
    session.merge(ReportAsideRow(digest=digest, at=now))


def hold_programme(session: Session, programme_id: str) -> ProgrammeRow | None:
    """Lock the programme, so that no other process queues for all its practices. Casting is not blocked."""
    found = select(ProgrammeRow).where(ProgrammeRow.id == programme_id)
    return session.scalar(found.with_for_update(key_share=True))


def has_message(session: Session, programme_id: str, kind: str) -> bool:
    """Whether a message of this kind was ever queued for the programme."""
    found = select(MessageRow.id).where(MessageRow.programme_id == programme_id, MessageRow.kind == kind).limit(1)
    return session.scalar(found) is not None


def practices_with(session: Session, practices: Collection[int], once: str) -> set[int]:
    """The practices for which this was queued already."""
    row = MessagePracticeRow
    return set(session.scalars(select(row.practice_id).where(row.practice_id.in_(practices), row.once == once)))


def claim_next(
    session: Session, states: Collection[str], kinds: Collection[str], now: datetime, sending: str, until: datetime
) -> MessageRow | None:
    """Claim the next message that is due: mark it as being sent until a moment when the claim expires.

    On PostgreSQL two workers never take the same one. On SQLite the write lock is held from the first statement.
    """
    row = MessageRow
    due = select(row).where(row.state.in_(states), row.kind.in_(kinds), row.next_at <= now)
    found = session.scalar(due.order_by(row.next_at, row.id).limit(1).with_for_update(skip_locked=True))
    if found is not None:
        found.state, found.attempts, found.next_at = sending, found.attempts + 1, until
        found.dated_at = found.dated_at or now
        found.changed_at = now
    return found


def hold_message(session: Session, id: int) -> MessageRow | None:
    """A message, locked until the transaction ends."""
    return session.scalar(select(MessageRow).where(MessageRow.id == id).with_for_update())


def release_claims(session: Session, sending: str, now: datetime) -> int:
    """Make every message that was being sent due at once; only for a single worker. Returns how many."""
    stale = update(MessageRow).where(MessageRow.state == sending, MessageRow.next_at > now)
    return int(session.execute(stale.values(next_at=now)).rowcount)  # type: ignore[attr-defined]


def note_waiting(session: Session, states: Collection[str], kinds: Collection[str], why: str) -> int:
    """Write on messages of these kinds what they wait for. Returns how many there are."""
    row = MessageRow
    waiting = update(row).where(row.state.in_(states), row.kind.in_(kinds)).values(answer=why)
    return int(session.execute(waiting).rowcount)  # type: ignore[attr-defined]


def count_due(session: Session, states: Collection[str], kinds: Collection[str], now: datetime) -> int:
    """How many messages are due."""
    row = MessageRow
    due = select(func.count()).select_from(row).where(row.state.in_(states), row.kind.in_(kinds), row.next_at <= now)
    return session.scalar(due) or 0


@dataclass(frozen=True, slots=True)
class UnsentFigures:
    """Messages that are to be sent and have the same state and answer: how many, and when the first of them is due."""

    state: str
    answer: str
    number: int
    next_at: datetime


def unsent_figures(session: Session, programme_id: str, due: Collection[str]) -> list[UnsentFigures]:
    """The messages of a programme that are still to be sent, by state and answer."""
    row = MessageRow
    found = select(row.state, row.answer, func.count(), func.min(row.next_at)).where(
        row.programme_id == programme_id, row.state.in_(due)
    )
    return [UnsentFigures(*figures) for figures in session.execute(found.group_by(row.state, row.answer))]


def last_tried(session: Session, programme_id: str, untried: str) -> datetime | None:
    """When a message of the programme last left the state `untried` or moved on. None if none did."""
    row = MessageRow
    return session.scalar(
        select(func.max(row.changed_at)).where(row.programme_id == programme_id, row.state != untried)
    )


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How many messages are due, since when the oldest of them is, and how many did not arrive."""

    due: int
    oldest: datetime | None
    undelivered: int


def queue_figures(session: Session, due: Collection[str], undelivered: Collection[str], now: datetime) -> QueueFigures:
    """The figures of the outbox of the whole installation."""
    row = MessageRow
    waiting = select(func.count(), func.min(row.next_at)).where(row.state.in_(due), row.next_at <= now)
    number, oldest = session.execute(waiting).one()
    lost = session.scalar(select(func.count()).select_from(row).where(row.state.in_(undelivered)))
    return QueueFigures(number, oldest, lost or 0)


def find_message(session: Session, mark: str) -> MessageRow | None:
    """The message with this mark, locked until the transaction ends.

    The database finds the first half of the mark. The whole is compared in constant time.
    """
    half = mark[: len(mark) // 2]
    row = MessageRow
    found = session.scalars(select(row).where(row.mark >= half, row.mark < f"{half}g").with_for_update())
    return next((each for each in found if hmac.compare_digest(str(each.mark), mark)), None)


def practices_of(session: Session, message: MessageRow) -> tuple[str, ...]:
    """The codes of the practices that a message is about."""
    ids = [each.practice_id for each in message.practices]
    return tuple(session.scalars(select(PracticeRow.ods).where(PracticeRow.id.in_(ids)).order_by(PracticeRow.ods)))


def practices_at(session: Session, addresses: Collection[str]) -> dict[str, list[str]]:
    """The practices with queued messages at each of these addresses. The keys are in lower case."""
    row, found = MessageRow, dict[str, list[str]]()
    asked = (
        select(func.lower(row.to), PracticeRow.ods)
        .join(MessagePracticeRow, MessagePracticeRow.message == row.id)
        .join(PracticeRow, PracticeRow.id == MessagePracticeRow.practice_id)
        .where(func.lower(row.to).in_(addresses))
        .distinct()
        .order_by(func.lower(row.to), PracticeRow.ods)
    )
    for address, ods in session.execute(asked):
        found.setdefault(address, []).append(ods)
    return found


def newest_recipient(session: Session) -> str | None:
    """The address of the newest message."""
    return session.scalar(select(MessageRow.to).order_by(MessageRow.id.desc()).limit(1))


def refused_by_relay(session: Session, states: Collection[str]) -> tuple[int, str]:
    """How many messages wait or failed because our own mail server refused them, and one of its answers.

    A message refused for its address is bounced at once, so it is in another state and does not count.
    """
    row = MessageRow
    refused = select(func.count(), func.max(row.answer)).where(row.state.in_(states), row.answer.like("5__ %"))
    number, answer = session.execute(refused).one()
    return number, answer or ""


def messages_with_reference(session: Session, state: str, after: int, limit: int) -> Sequence[MessageRow]:
    """Messages in a state for which the channel has an id, in order, from a number on."""
    row = MessageRow
    found = select(row).where(row.state == state, row.reference.is_not(None), row.id > after)
    return session.scalars(found.order_by(row.id).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class DeliveryFigures:
    """The delivery of one message, about the practice of this id."""

    practice_id: int
    ods: str
    to: str
    kind: str
    state: str
    changed_at: datetime
    next_at: datetime
    attempts: int
    answer: str


def list_deliveries(session: Session, programme_id: str) -> list[DeliveryFigures]:
    """The deliveries of a programme, in the order of `list_messages`, with few columns: there can be over 10,000."""
    row = MessageRow
    found = (
        select(
            PracticeRow.id,
            PracticeRow.ods,
            row.to,
            row.kind,
            row.state,
            row.changed_at,
            row.next_at,
            row.attempts,
            row.answer,
        )
        .join(MessagePracticeRow, MessagePracticeRow.message == row.id)
        .join(PracticeRow, PracticeRow.id == MessagePracticeRow.practice_id)
        .where(row.programme_id == programme_id)
        .order_by(PracticeRow.ods, PracticeRow.id, row.id)
    )
    return [DeliveryFigures(*figures) for figures in session.execute(found)]


def list_messages(session: Session, programme_id: str) -> list[tuple[MessageRow, PracticeRow]]:
    """Every message of a programme with each practice that it is about, by practice and then in order."""
    found = (
        select(MessageRow, PracticeRow)
        .join(MessagePracticeRow, MessagePracticeRow.message == MessageRow.id)
        .join(PracticeRow, PracticeRow.id == MessagePracticeRow.practice_id)
        .where(MessageRow.programme_id == programme_id)
        .order_by(PracticeRow.ods, PracticeRow.id, MessageRow.id)
    )
    return [(message, practice) for message, practice in session.execute(found)]
