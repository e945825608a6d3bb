"""Notices to the people of the office: one row for each step that waits for a person, and what became of its e-mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class NoticeRow(Base):
    """An e-mail to one account about one step. Its text is made when it is sent."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    programme_id: Mapped[str]
    """Of a programme or of a folder that is still being set up, so that it refers to no row."""
    name: Mapped[str] = mapped_column(unique=True)
    """The same for the same account, ballot and step, so that nobody is told of one step twice."""
    state: Mapped[str]
    """A word of mail.states.DeliveryState."""
    attempts: Mapped[int]
    queued_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """When it is due. While it is being sent: when the claim expires, because the sending process must have died."""
    answer: Mapped[str]
    """The other side's last answer, shortened."""


def list_notices(session: Session, programmes: Collection[str]) -> list[NoticeRow]:
    """Every notice of these programmes, locked until the transaction ends."""
    found = select(NoticeRow).where(NoticeRow.programme_id.in_(programmes)).order_by(NoticeRow.id)
    return list(session.scalars(found.with_for_update()))


def add_notice(session: Session, values: Mapping[str, object]) -> None:
    """Queue a notice, unless another worker has queued the same in the meantime."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(NoticeRow).values(**values).on_conflict_do_nothing())


def claim_notice(
    session: Session, names: Collection[str], states: Collection[str], now: datetime, sending: str, until: datetime
) -> NoticeRow | None:
    """Claim the next of these notices that is due, as `outbox.claim_next` does."""
    row = NoticeRow
    due = select(row).where(row.name.in_(names), row.state.in_(states), row.next_at <= now)
    found = session.scalar(due.order_by(row.next_at, row.id).limit(1).with_for_update(skip_locked=True))
    if found is not None:
        found.state, found.attempts, found.next_at = sending, found.attempts + 1, until
    return found


def hold_notice(session: Session, id: int) -> NoticeRow | None:
    """A notice, locked until the transaction ends."""
    return session.scalar(select(NoticeRow).where(NoticeRow.id == id).with_for_update())


def delete_notices_of(session: Session, account_id: int) -> None:
    """Delete an account's notices."""
    session.execute(delete(NoticeRow).where(NoticeRow.account_id == account_id))
