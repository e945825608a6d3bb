"""The member practices of a ballot: public columns, contact details, and the public credential. Nothing secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, case, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base, is_storable


class PracticeRow(Base):
    """A member practice. `weight` is None if each practice counts one. `struck_at` is set when it is struck."""

    __tablename__ = "practice"
    __table_args__ = (UniqueConstraint("ballot_id", "ods"), UniqueConstraint("ballot_id", "credential"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"))
    ods: Mapped[str]
    name: Mapped[str]
    """Of an organisation. Of a person it is the code again: `representative` has the person's name."""
    list_size: Mapped[int | None]
    weight: Mapped[int | None] = mapped_column(BigInteger)
    representative: Mapped[str | None]
    email: Mapped[str | None]
    notify: Mapped[str | None]
    """Further addresses that get a notice when it has voted, separated by spaces."""
    credential: Mapped[str | None]
    """The public credential, 64 hexadecimal digits."""
    struck_at: Mapped[datetime | None]
    salt: Mapped[str | None]
    """Of a person: the salt of the commitment to their name in the record, 64 hexadecimal digits. Private."""

    @property
    def called(self) -> str:
        """The name for the office and for the member: of a person, their own while it is kept."""
        return self.name if self.salt is None or self.representative is None else self.representative


def list_practices(session: Session, ballot_id: int) -> list[PracticeRow]:
    """The members of a ballot by practice code, including struck ones."""
    return list(
        session.scalars(select(PracticeRow).where(PracticeRow.ballot_id == ballot_id).order_by(PracticeRow.ods))
    )


def practices_by_ballot(session: Session, programme_id: str) -> dict[int, list[PracticeRow]]:
    """The members of every ballot of a programme, by ballot id, in one query; each list by practice code."""
    found = select(PracticeRow).join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
    by_ballot: dict[int, list[PracticeRow]] = {}
    for row in session.scalars(found.where(BallotRow.programme_id == programme_id).order_by(PracticeRow.ods)):
        by_ballot.setdefault(row.ballot_id, []).append(row)
    return by_ballot


def eligible_by_ballot(session: Session, programme_id: str) -> dict[int, int]:
    """How many members that are not struck each ballot has, by ballot id. Ballots without any are left out."""
    found = select(PracticeRow.ballot_id, func.count()).join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
    found = found.where(BallotRow.programme_id == programme_id, PracticeRow.struck_at.is_(None))
    return {row[0]: row[1] for row in session.execute(found.group_by(PracticeRow.ballot_id))}


def find_practice(session: Session, ballot_id: int, ods: str) -> PracticeRow | None:
    """The member with this code, if there is one."""
    if not is_storable(ods):
        return None
    return session.scalar(select(PracticeRow).where(PracticeRow.ballot_id == ballot_id, PracticeRow.ods == ods))


@dataclass(frozen=True, slots=True)
class SearchedPractice:
    """What a practice is searched by, and its ballot. Holds contact details, so it is not shown."""

    programme_id: str
    ccg: str
    ballot: str
    state: str
    opens_at: datetime
    closes_at: datetime
    ods: str
    name: str
    representative: str | None = field(repr=False)
    email: str | None = field(repr=False)
    notify: str | None = field(repr=False)
    struck_at: datetime | None


def practices_to_search(session: Session) -> list[SearchedPractice]:
    """Every practice of every ballot of this installation, with few columns: there can be tens of thousands."""
    found = select(
        BallotRow.programme_id,
        BallotRow.ccg,
        BallotRow.name,
        BallotRow.state,
        BallotRow.opens_at,
        BallotRow.closes_at,
        PracticeRow.ods,
        case((PracticeRow.salt.is_(None), PracticeRow.name), else_=PracticeRow.representative),
        PracticeRow.representative,
        PracticeRow.email,
        PracticeRow.notify,
        PracticeRow.struck_at,
    ).join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
    return [SearchedPractice(*tuple(columns)) for columns in session.execute(found)]
