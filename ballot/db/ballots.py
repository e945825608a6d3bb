"""One CCG's ballot: its state and window, the rule it is decided by, and its Belenios election once sealed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, can_be_named


class BallotRow(Base):
    """The ballot of one CCG in one programme. `state` is a word of office.lifecycle.State."""

    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("programme_id", "ccg"),
        UniqueConstraint("programme_id", "position"),
        CheckConstraint("opens_at <= closes_at", name="window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    position: Mapped[int]
    """Its place in the programme file."""
    ccg: Mapped[str]
    name: Mapped[str]
    uuid: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    constitution: Mapped[bytes]
    count: Mapped[str]
    """A word of record.counting.CountKind, and H where it is packed."""
    heads: Mapped[int | None] = mapped_column(BigInteger)
    single: Mapped[bytes]
    """The server's own public key with its proof of knowledge."""
    election: Mapped[bytes | None]
    timestamp: Mapped[int | None] = mapped_column(BigInteger)
    """Of the archive: seconds since 1970."""


def list_ballots(session: Session, programme_id: str) -> list[BallotRow]:
    """The programme's ballots, in its own order."""
    found = select(BallotRow).where(BallotRow.programme_id == programme_id).order_by(BallotRow.position)
    return list(session.scalars(found))


def find_ballot(session: Session, programme_id: str, ccg: str) -> BallotRow | None:
    """The ballot of a CCG, if there is one."""
    if not can_be_named(programme_id, ccg):
        return None
    return session.scalar(select(BallotRow).where(BallotRow.programme_id == programme_id, BallotRow.ccg == ccg))
