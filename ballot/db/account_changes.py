"""Changes to accounts that one officer asked for on a page, until the other confirms or refuses them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable


class AccountChangeRow(Base):
    """A change that waits. The row is deleted when the change is made, refused or too old: the log remembers it."""

    __tablename__ = "account_change"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Random and never used again, so that no one confirms another change than the page showed."""
    kind: Mapped[str]
    login: Mapped[str]
    name: Mapped[str | None]
    """Of a new account."""
    role: Mapped[str | None]
    """Of a new account, or the new role."""
    programme_id: Mapped[str | None]
    number: Mapped[int | None]
    """Which trustee of the programme."""
    asked_by: Mapped[str]
    asked_role: Mapped[str]
    asked_at: Mapped[datetime]


def list_account_changes(session: Session) -> list[AccountChangeRow]:
    """What waits, oldest first."""
    return list(session.scalars(select(AccountChangeRow).order_by(AccountChangeRow.asked_at, AccountChangeRow.id)))


def take_account_change(session: Session, id: str) -> AccountChangeRow | None:
    """Delete the change and return what it was. Of two at once, only one gets it."""
    if not is_storable(id):
        return None
    return session.scalar(delete(AccountChangeRow).where(AccountChangeRow.id == id).returning(AccountChangeRow))


def delete_account_changes_before(session: Session, moment: datetime) -> None:
    """Delete what was asked for before this."""
    session.execute(delete(AccountChangeRow).where(AccountChangeRow.asked_at < moment))
