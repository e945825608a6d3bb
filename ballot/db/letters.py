"""Letters: a practice's voting code, sealed under a code that is printed on its letter and kept nowhere else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base, is_storable
from ballot.db.practices import PracticeRow


class LetterRow(Base):
    """The newest letter of a practice. Without the code on the paper, `sealed` cannot be opened."""

    __tablename__ = "letter"

    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    lookup: Mapped[str] = mapped_column(unique=True)
    """Derived from the code; says nothing about it."""
    sealed: Mapped[bytes]
    made_at: Mapped[datetime]


def find_letter(session: Session, programme_id: str, lookup: str) -> LetterRow | None:
    """The letter with this lookup id, in whichever CCG of the programme: its token says where it is valid."""
    if not is_storable(programme_id, lookup):
        return None
    of = select(LetterRow).join(PracticeRow, PracticeRow.id == LetterRow.practice_id)
    of = of.join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
    return session.scalar(of.where(BallotRow.programme_id == programme_id, LetterRow.lookup == lookup))


def replace_letter(session: Session, letter: LetterRow) -> None:
    """Keep this letter instead of the practice's older one."""
    remove_letter(session, letter.practice_id)
    session.add(letter)


def remove_letter(session: Session, practice_id: int) -> None:
    """Forget the practice's letter, if it has one: the code on the paper opens nothing any more."""
    session.execute(delete(LetterRow).where(LetterRow.practice_id == practice_id))


def remove_letters(session: Session, programme_id: str) -> int:
    """Forget every letter of the programme. Returns how many."""
    members = select(PracticeRow.id).join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
    gone = delete(LetterRow).where(LetterRow.practice_id.in_(members.where(BallotRow.programme_id == programme_id)))
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
