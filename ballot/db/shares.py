"""Partial decryptions as they arrived, one for each owner. All were checked before they were stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class ShareRow(Base):
    """The share of `owner`, numbered from 1 over all keys. Owner 1 is the server."""

    __tablename__ = "share"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"), primary_key=True)
    owner: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes]
    received_at: Mapped[datetime]


def list_shares(session: Session, ballot_id: int) -> list[ShareRow]:
    """The shares that have arrived, by owner."""
    return list(session.scalars(select(ShareRow).where(ShareRow.ballot_id == ballot_id).order_by(ShareRow.owner)))
