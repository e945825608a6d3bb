"""Attempts to sign in that were not proved right, by the hash of the login name given, and all together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class AttemptRow(Base):
    """So many in a row, and until when the next one has to wait."""

    __tablename__ = "staff_attempt"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    wait_until: Mapped[datetime]


def lock_attempts(session: Session, key: str, now: datetime) -> AttemptRow:
    """The attempts under this key, made if there were none, held until the transaction ends."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(AttemptRow).values(key=key, count=0, last_at=now, wait_until=now)
    session.execute(new.on_conflict_do_nothing())
    found = select(AttemptRow).where(AttemptRow.key == key).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def forget_attempts(session: Session, key: str) -> None:
    """Whoever got in need not wait any more."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == key))


def forget_attempts_before(session: Session, moment: datetime) -> None:
    """Attempts that were last made before this no longer count."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at < moment))
