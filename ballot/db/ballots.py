"""The ballot of a CCG or of one of its localities: state, window, rule, and its Belenios election once sealed.

All ballots of a CCG change state together. Only decryption is done one by one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from ballot.db.base import Base, is_storable
from ballot.db.programmes import ProgrammeRow


class BallotRow(Base):
    """The ballot of one CCG, or of one locality, in one programme. `state` is a word of office.lifecycle.State."""

    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("programme_id", "election_name"),
        UniqueConstraint("programme_id", "position"),
        CheckConstraint("opens_at <= closes_at", name="window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    position: Mapped[int]
    """Its position in the programme: CCGs as in the programme file, localities in text order."""
    ccg: Mapped[str]
    locality: Mapped[str | None]
    election_name: Mapped[str]
    """Its name in files, logs and addresses: record.elections. Never null, so that the unique constraint holds."""
    name: Mapped[str]
    uuid: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    constitution: Mapped[bytes]
    count: Mapped[str]
    """A word of record.counting.CountKind, and the base H if it is packed."""
    heads: Mapped[int | None] = mapped_column(BigInteger)
    single: Mapped[bytes]
    """The server's own public key with its proof of knowledge."""
    election: Mapped[bytes | None]
    timestamp: Mapped[int | None] = mapped_column(BigInteger)
    """The archive's time, in seconds since 1970."""
    programme: Mapped[ProgrammeRow] = relationship(viewonly=True, lazy="selectin")


def list_ballots(session: Session, programme_id: str) -> list[BallotRow]:
    """The programme's ballots, in its own order."""
    found = select(BallotRow).where(BallotRow.programme_id == programme_id).order_by(BallotRow.position)
    return list(session.scalars(found))


def find_ballot(session: Session, programme_id: str, election_name: str) -> BallotRow | None:
    """The ballot of the election with this name, if there is one."""
    if not is_storable(programme_id, election_name):
        return None
    of_programme = select(BallotRow).where(BallotRow.programme_id == programme_id)
    return session.scalar(of_programme.where(BallotRow.election_name == election_name))


def list_ballots_of(session: Session, programme_id: str, ccg: str) -> list[BallotRow]:
    """The ballots of one CCG: one, or one for each locality. Empty if there is no such CCG."""
    if not is_storable(programme_id, ccg):
        return []
    found = select(BallotRow).where(BallotRow.programme_id == programme_id, BallotRow.ccg == ccg)
    return list(session.scalars(found.order_by(BallotRow.position)))
