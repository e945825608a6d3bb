"""The members of each `.bel`, in order, only ever added to. `archive_pieces` streams the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.protocol.archive import Entry, write_header

PAGE = 300
"""Members fetched at a time: enough to be quick, few enough to need little memory."""

DATA, EVENT = "data", "event"


class ArchiveEntryRow(Base):
    """One member: a data file or an event."""

    __tablename__ = "archive_entry"

    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    hash: Mapped[str]
    body: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class StoredMember:
    """A member read from a stream. It is not a row of the session, so even a long archive needs little memory."""

    position: int
    kind: str
    hash: str
    body: bytes


def list_entries(session: Session, ballot_id: int) -> Iterator[StoredMember]:
    """Every member in order, read one page at a time."""
    position = -1
    row = ArchiveEntryRow
    columns = select(row.position, row.kind, row.hash, row.body).where(row.ballot_id == ballot_id)
    while True:
        page = session.execute(columns.where(row.position > position).order_by(row.position).limit(PAGE)).all()
        for found in page:
            yield StoredMember(*found)
        if len(page) < PAGE:
            return
        position = page[-1][0]


def archive_pieces(session: Session, ballot: BallotRow) -> Iterator[bytes]:
    """The `.bel` as it is now, in pieces. Every older one is a prefix of it. Raises ValueError before sealing."""
    timestamp = ballot.timestamp
    if timestamp is None:
        raise ValueError("a ballot has no archive before it is sealed")
    yield write_header(timestamp)
    for row in list_entries(session, ballot.id):
        yield Entry(row.kind, row.body).to_member(timestamp)


def last_members(session: Session, ballot_id: int, count: int) -> list[ArchiveEntryRow]:
    """The newest `count` members, the oldest of them first."""
    found = select(ArchiveEntryRow).where(ArchiveEntryRow.ballot_id == ballot_id)
    rows = session.scalars(found.order_by(ArchiveEntryRow.position.desc()).limit(count)).all()
    return list(reversed(rows))
