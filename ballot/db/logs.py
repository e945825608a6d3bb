"""The head of every hash chain: one row for each election, by its name, and one named "events". This row is locked.

The holder of the lock appends. A process that waits for the lock reads the time afterwards. Acts that write an event
lock every log of the programme in the order of their names; a cast locks one. So there is no deadlock.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable, table_of


class LogRow(Base):
    """The length of a log, its compact Merkle range, its last event's hash, and its last time."""

    __tablename__ = "log"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    compact: Mapped[str]
    head: Mapped[str]
    last_time: Mapped[datetime]
    """When it was last appended to, or an event cited its head. Nothing appended later has an earlier date."""
    members: Mapped[int]
    """How many members its `.bel` has, data and events. 0 for "events"."""


class CheckpointRow(Base):
    """A signed checkpoint. `id` is the order of checkpoints.jsonl, which only grows at its end.

    A number is drawn under the lock of its log. So a holder of every log sees no gap that could fill later.
    """

    __tablename__ = "checkpoint"
    __table_args__ = (UniqueConstraint("programme_id", "log", "size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    log: Mapped[str]
    size: Mapped[int]
    note: Mapped[str]
    nodes: Mapped[bytes]
    """The roots of the perfect subtrees that the last event completed, from its leaf up: 32 bytes each."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """The row of a log as a value: as it was read, or as it will be stored."""

    programme_id: str
    name: str
    size: int
    compact: str
    head: str
    last_time: datetime
    members: int

    def columns(self) -> dict[str, Any]:
        """Every column by its name."""
        return {name: getattr(self, name) for name in HEAD}


HEAD = tuple(field.name for field in fields(LogHead))
"""The columns of a log, in the order of LogHead."""
_select_locked = select(*(table_of(LogRow).c[name] for name in HEAD)).with_for_update()


def lock_log(session: Session, programme_id: str, name: str) -> LogHead | None:
    """The log, locked until the transaction ends."""
    row = session.execute(_select_locked.where(LogRow.programme_id == programme_id, LogRow.name == name)).first()
    return None if row is None else LogHead(*row)


def lock_logs(session: Session, programme_id: str) -> dict[str, LogHead]:
    """Every log of a programme by name, locked until the transaction ends."""
    if not is_storable(programme_id):
        return {}
    rows = session.execute(_select_locked.where(LogRow.programme_id == programme_id).order_by(LogRow.name))
    return {log.name: log for log in (LogHead(*row) for row in rows)}


def begin_log(session: Session, programme_id: str, name: str, now: datetime) -> LogHead:
    """Make an empty log. Its programme is stored already."""
    log = LogHead(programme_id, name, size=0, compact="", head="", last_time=now, members=0)
    session.connection().execute(insert(table_of(LogRow)), log.columns())
    return log


def date_logs(session: Session, programme_id: str, now: datetime) -> None:
    """Let nothing have a date before `now` in any log of a programme. The caller holds them all."""
    log = table_of(LogRow)
    session.connection().execute(update(log).where(log.c.programme_id == programme_id).values(last_time=now))


def find_log(session: Session, programme_id: str, name: str) -> LogRow | None:
    """The log as it is now, not locked."""
    return session.get(LogRow, (programme_id, name))


def list_checkpoints(session: Session, programme_id: str) -> list[tuple[str, str]]:
    """The log and the note of every checkpoint, in the order of checkpoints.jsonl."""
    found = select(CheckpointRow.log, CheckpointRow.note).where(CheckpointRow.programme_id == programme_id)
    return [(log, note) for log, note in session.execute(found.order_by(CheckpointRow.id))]


def find_checkpoint(session: Session, programme_id: str, log: str, size: int) -> str | None:
    """The checkpoint note of one size."""
    row = CheckpointRow
    found = select(row.note).where(row.programme_id == programme_id, row.log == log, row.size == size)
    return session.scalar(found)


def list_logs(session: Session, programme_id: str) -> list[LogRow]:
    """Every log of a programme by name, as it is now, not locked."""
    return list(session.scalars(select(LogRow).where(LogRow.programme_id == programme_id).order_by(LogRow.name)))
