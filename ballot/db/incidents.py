"""What went wrong during a ballot: incidents that the office noted, and counts of the ballots that were refused.

An incident is added and never changed. Retention removes it, because its text may name people. A refused ballot is only
counted, by election and reason: nothing is stored about who sent it, or when.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class IncidentRow(Base):
    """One incident. Without `ccg` it concerns the whole ballot; `practice` is a code on the roll of that CCG."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), index=True)
    ccg: Mapped[str | None]
    practice: Mapped[str | None]
    happened_at: Mapped[datetime]
    what: Mapped[str]
    done: Mapped[str]
    """What was done about it; empty if nothing yet."""
    role: Mapped[str]
    """The role of who noted it. The activity log says who that was."""
    noted_at: Mapped[datetime]


class RefusedCastRow(Base):
    """How many ballots one election refused for one reason."""

    __tablename__ = "refused_cast"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    election: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    """A word of errors.Refusal or of protocol.errors.Reason."""
    count: Mapped[int]


def list_incidents(session: Session, programme_id: str) -> list[IncidentRow]:
    """The incidents of a programme, in the order in which they happened."""
    found = select(IncidentRow).where(IncidentRow.programme_id == programme_id)
    return list(session.scalars(found.order_by(IncidentRow.happened_at, IncidentRow.id)))


def add_refused_cast(session: Session, programme_id: str, election: str, reason: str) -> None:
    """Count one more refused ballot, in one statement, so that two at the same moment are both counted."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = RefusedCastRow
    first = insert(row).values(programme_id=programme_id, election=election, reason=reason, count=1)
    key = [row.programme_id, row.election, row.reason]
    session.execute(first.on_conflict_do_update(index_elements=key, set_={"count": row.count + 1}))


def list_refused_casts(session: Session, programme_id: str) -> list[RefusedCastRow]:
    """The counts of a programme, by election and reason."""
    found = select(RefusedCastRow).where(RefusedCastRow.programme_id == programme_id)
    return list(session.scalars(found.order_by(RefusedCastRow.election, RefusedCastRow.reason)))
