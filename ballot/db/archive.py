"""The members of each `.bel`, in order, only ever added to. `archive_pieces` makes the file from them, in a stream."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.protocol.archive import Entry, write_header

PAGE = 300
"""Members fetched at a time: enough to be quick, few enough to be nothing in memory."""

DATA, EVENT = "data", "event"


class ArchiveEntryRow(Base):
    """One member: a data file or an event."""

    __tablename__ = "archive_entry"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    hash: Mapped[str]
    body: Mapped[bytes]


def list_entries(session: Session, ballot_id: int) -> Iterator[ArchiveEntryRow]:
    """Every member in order, a page at a time."""
    position = -1
    while True:
        found = (
            select(ArchiveEntryRow)
            .where(ArchiveEntryRow.ballot_id == ballot_id, ArchiveEntryRow.position > position)
            .order_by(ArchiveEntryRow.position)
            .limit(PAGE)
        )
        page = session.scalars(found).all()
        yield from page
        if len(page) < PAGE:
            return
        position = page[-1].position
        session.expunge_all()


def archive_pieces(session: Session, ballot: BallotRow) -> Iterator[bytes]:
    """The `.bel` as it is now, piece by piece; every older one is a prefix. Raises ValueError before sealing."""
    timestamp, ballot_id = ballot.timestamp, ballot.id
    if timestamp is None:
        raise ValueError("a ballot has no archive before it is sealed")
    yield write_header(timestamp)
    for row in list_entries(session, ballot_id):
        yield Entry(row.kind, row.body).to_member(timestamp)


def last_members(session: Session, ballot_id: int, count: int) -> list[ArchiveEntryRow]:
    """The newest `count` members, oldest of them first."""
    found = select(ArchiveEntryRow).where(ArchiveEntryRow.ballot_id == ballot_id)
    rows = session.scalars(found.order_by(ArchiveEntryRow.position.desc()).limit(count)).all()
    return list(reversed(rows))


def member_at(session: Session, ballot_id: int, position: int) -> bytes | None:
    """The body of one member."""
    row = session.get(ArchiveEntryRow, (ballot_id, position))
    return None if row is None else row.body
