"""A programme: what it was prepared with, what sealing fixed, and what was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable


class ProgrammeRow(Base):
    """One programme. Sealing sets `terms`, `fingerprint` and `statement`; deciding sets `decision`."""

    __tablename__ = "programme"

    id: Mapped[str] = mapped_column(primary_key=True)
    toml: Mapped[bytes]
    roll: Mapped[bytes] = mapped_column(deferred=True)
    """roll.csv as published. Loaded only on demand: it can be long and casting never needs it."""
    roll_sources: Mapped[bytes]
    """JSON: the files that the roll was read from, by hash, with the date of the list sizes if a file gives it."""
    pedersen: Mapped[bytes]
    """The trustees' threshold parameters."""
    keys: Mapped[bytes]
    """The public keys of all roles, as JSON."""
    board: Mapped[str]
    keys_held: Mapped[str]
    """The roles of the people whose private keys the server holds, with a blank between two."""
    scrutineer: Mapped[str | None]
    """The scrutineer's public key, in hexadecimal, if the programme names a scrutineer."""
    backup_restored_at: Mapped[datetime | None]
    terms: Mapped[bytes | None]
    fingerprint: Mapped[str | None]
    statement: Mapped[str | None]
    """What voters confirm before casting, as sealed. None if they are not asked, and before sealing."""
    decision: Mapped[bytes | None]
    called: Mapped[str | None]
    """The CCGs for which a re-ballot was called, separated by spaces."""
    cites: Mapped[str | None] = mapped_column(ForeignKey("programme.id"), unique=True)
    """The programme that this is a re-ballot of. Unique: one re-ballot follows one programme."""


def find_programme(session: Session, programme_id: str) -> ProgrammeRow | None:
    """The programme with this id, if there is one."""
    return session.get(ProgrammeRow, programme_id) if is_storable(programme_id) else None


def find_reballot(session: Session, programme_id: str) -> ProgrammeRow | None:
    """The re-ballot that was prepared for a programme, if there is one."""
    return session.scalar(select(ProgrammeRow).where(ProgrammeRow.cites == programme_id))


def list_programmes(session: Session) -> list[ProgrammeRow]:
    """Every programme of this installation, by id."""
    return list(session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.id)))
