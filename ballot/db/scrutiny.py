"""The scrutineer's signed reports: added, never changed or removed. A newer report stands beside the older ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class ScrutinyRow(Base):
    """One report with its signature, as the bytes of its file."""

    __tablename__ = "scrutiny"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), index=True)
    report: Mapped[bytes]
    signed_at: Mapped[datetime]


def newest_scrutiny(session: Session, programme_id: str) -> ScrutinyRow | None:
    """The report that was signed last; None if there is none."""
    found = select(ScrutinyRow).where(ScrutinyRow.programme_id == programme_id).order_by(ScrutinyRow.id.desc())
    return session.scalar(found.limit(1))
