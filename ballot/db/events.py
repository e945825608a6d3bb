"""The programme's own events as published, and the private notes, of which events show only a salted hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base


class ProgrammeEventRow(Base):
    """A line of events.jsonl, without its newline."""

    __tablename__ = "programme_event"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    height: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    time: Mapped[datetime]
    line: Mapped[bytes]


class PrivateNoteRow(Base):
    """The free text behind the note of an event. The event has SHA-256(salt | text)."""

    __tablename__ = "private_note"
    __table_args__ = (
        ForeignKeyConstraint(["programme_id", "height"], ["programme_event.programme_id", "programme_event.height"]),
    )

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    height: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    text: Mapped[str]


def event_lines(session: Session, programme_id: str) -> list[bytes]:
    """events.jsonl, line by line, without newlines."""
    found = select(ProgrammeEventRow.line).where(ProgrammeEventRow.programme_id == programme_id)
    return list(session.scalars(found.order_by(ProgrammeEventRow.height)))


def private_notes(session: Session, programme_id: str) -> list[PrivateNoteRow]:
    """The private notes of a programme."""
    found = select(PrivateNoteRow).where(PrivateNoteRow.programme_id == programme_id).order_by(PrivateNoteRow.height)
    return list(session.scalars(found))
