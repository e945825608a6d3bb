"""Accepted ballots, with the receipts as given out, so that a repeated request gets the same answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.db.practices import PracticeRow


class AcceptedRow(Base):
    """An accepted ballot. `once` is the credential if the first vote is final, so that a second cannot be stored."""

    __tablename__ = "accepted"
    __table_args__ = (
        UniqueConstraint("ballot_id", "payload"),
        UniqueConstraint("ballot_id", "once"),
        UniqueConstraint("ballot_id", "height"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ballot_id: Mapped[int] = mapped_column(ForeignKey("ballot.id"))
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), index=True)
    payload: Mapped[str]
    """SHA-256 of the ballot's bytes."""
    credential: Mapped[str]
    height: Mapped[int]
    time: Mapped[datetime]
    receipt: Mapped[bytes]
    once: Mapped[str | None]


def find_accepted(session: Session, ballot_id: int, payload: str) -> AcceptedRow | None:
    """This ballot's row, if it was accepted."""
    found = select(AcceptedRow).where(AcceptedRow.ballot_id == ballot_id, AcceptedRow.payload == payload)
    return session.scalar(found)


def has_voted(session: Session, practice_id: int) -> bool:
    """Whether the practice has a ballot."""
    found = select(AcceptedRow.id).where(AcceptedRow.practice_id == practice_id).limit(1)
    return session.scalar(found) is not None


def latest_accepted(session: Session, practice_id: int) -> AcceptedRow | None:
    """The practice's newest ballot, which counts unless another follows. None if it has none."""
    found = select(AcceptedRow).where(AcceptedRow.practice_id == practice_id).order_by(AcceptedRow.height.desc())
    return session.scalar(found.limit(1))


def list_accepted(session: Session, ballot_id: int) -> list[AcceptedRow]:
    """Every accepted ballot, by height."""
    found = select(AcceptedRow).where(AcceptedRow.ballot_id == ballot_id).order_by(AcceptedRow.height)
    return list(session.scalars(found))


def practices_returned(session: Session, ballot_id: int) -> list[PracticeRow]:
    """The practices that have a ballot, by practice code."""
    voted = select(AcceptedRow.practice_id).where(AcceptedRow.ballot_id == ballot_id)
    return list(session.scalars(select(PracticeRow).where(PracticeRow.id.in_(voted)).order_by(PracticeRow.ods)))


def count_returned(session: Session, ballot_id: int) -> int:
    """How many practices have a ballot."""
    found = select(func.count(AcceptedRow.practice_id.distinct())).where(AcceptedRow.ballot_id == ballot_id)
    return session.scalar(found) or 0


def returned_by_ballot(session: Session, programme_id: str) -> dict[int, int]:
    """How many practices have a ballot, by ballot id. Ballots without one are left out."""
    count = func.count(AcceptedRow.practice_id.distinct())
    found = select(AcceptedRow.ballot_id, count).join(BallotRow, BallotRow.id == AcceptedRow.ballot_id)
    rows = session.execute(found.where(BallotRow.programme_id == programme_id).group_by(AcceptedRow.ballot_id))
    return {row[0]: row[1] for row in rows}


def times_by_practice(session: Session, programme_id: str) -> dict[int, datetime]:
    """When each practice of a programme first had a ballot accepted, by practice id."""
    found = select(AcceptedRow.practice_id, func.min(AcceptedRow.time))
    found = found.join(BallotRow, BallotRow.id == AcceptedRow.ballot_id).where(BallotRow.programme_id == programme_id)
    return {row[0]: row[1] for row in session.execute(found.group_by(AcceptedRow.practice_id))}


def newest_time(session: Session, ballot_id: int) -> datetime | None:
    """When the newest ballot of an election was accepted; None if there is none."""
    return session.scalar(select(func.max(AcceptedRow.time)).where(AcceptedRow.ballot_id == ballot_id))


def last_height(session: Session, ballot_id: int, credential: str) -> int | None:
    """The height of the newest ballot under a credential, which is the one that counts. None if there is none."""
    found = select(func.max(AcceptedRow.height))
    return session.scalar(found.where(AcceptedRow.ballot_id == ballot_id, AcceptedRow.credential == credential))
