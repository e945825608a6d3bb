"""A programme: what it was prepared with, what sealing fixed, what was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, can_be_named


class ProgrammeRow(Base):
    """One programme; `terms` and `fingerprint` come with sealing, `decision` with deciding."""

    __tablename__ = "programme"

    id: Mapped[str] = mapped_column(primary_key=True)
    toml: Mapped[bytes]
    roll: Mapped[bytes] = mapped_column(deferred=True)
    """roll.csv as published; read only where it is asked for, since it can be long and casting never needs it."""
    roll_sources: Mapped[bytes]
    """The files that it was read from, by hash, with the day of the list sizes where one says it: JSON."""
    pedersen: Mapped[bytes]
    """The trustees' threshold parameters."""
    keys: Mapped[bytes]
    """The public keys of all roles, as JSON."""
    board: Mapped[str]
    separate: Mapped[bool]
    backup_restored_at: Mapped[datetime | None]
    terms: Mapped[bytes | None]
    fingerprint: Mapped[str | None]
    decision: Mapped[bytes | None]


def find_programme(session: Session, programme_id: str) -> ProgrammeRow | None:
    """The programme of this id, if there is one."""
    return session.get(ProgrammeRow, programme_id) if can_be_named(programme_id) else None


def list_programmes(session: Session) -> list[ProgrammeRow]:
    """Every programme of this installation, by id."""
    return list(session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id)))
