"""Who cast each accepted vote, and by what authority: personal data that is never published (record/authority.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.accepted import AcceptedRow
from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.db.practices import PracticeRow


class AuthorityRow(Base):
    """The statement that came with an accepted ballot. Retention removes name and salt; the hash then says nothing."""

    __tablename__ = "authority"

    accepted_id: Mapped[int] = mapped_column(ForeignKey("accepted.id"), primary_key=True)
    capacity: Mapped[str]
    name: Mapped[str | None]
    salt: Mapped[bytes | None]
    hash: Mapped[bytes]
    """The salted hash of name, capacity, the sealed statement, practice and ballot."""


@dataclass(frozen=True, slots=True)
class CastBy:
    """One accepted vote with the statement that came with it. `name` and `salt` are None once they were removed."""

    ballot_id: int
    practice_id: int
    practice: str
    practice_name: str
    payload: str
    height: int
    time: datetime
    capacity: str
    name: str | None
    salt: bytes | None
    hash: bytes


_parts = (
    AcceptedRow.ballot_id,
    PracticeRow.id,
    PracticeRow.ods,
    PracticeRow.name,
    AcceptedRow.payload,
    AcceptedRow.height,
    AcceptedRow.time,
    AuthorityRow.capacity,
    AuthorityRow.name,
    AuthorityRow.salt,
    AuthorityRow.hash,
)
_statements = (
    select(*_parts)
    .join(AcceptedRow, AcceptedRow.id == AuthorityRow.accepted_id)
    .join(PracticeRow, PracticeRow.id == AcceptedRow.practice_id)
    .order_by(AcceptedRow.ballot_id, AcceptedRow.height)
)


def list_statements(session: Session, ballot_id: int) -> list[CastBy]:
    """Every statement of an election, in the order of its ballots."""
    return [CastBy(*row) for row in session.execute(_statements.where(AcceptedRow.ballot_id == ballot_id))]


def statements_of_practices(session: Session, practices: Sequence[int]) -> list[CastBy]:
    """The statements that were made for these practices."""
    return [CastBy(*row) for row in session.execute(_statements.where(AcceptedRow.practice_id.in_(practices)))]


def find_statement(session: Session, ballot_id: int, payload: str) -> CastBy | None:
    """The statement that came with one accepted ballot, by the ballot's SHA-256."""
    found = _statements.where(AcceptedRow.ballot_id == ballot_id, AcceptedRow.payload == payload)
    row = session.execute(found).first()
    return None if row is None else CastBy(*row)


def statement_hashes(session: Session, ballot_id: int) -> list[bytes]:
    """The salted hashes of an election's statements, in the order of its ballots: the leaves of the published root."""
    found = select(AuthorityRow.hash).join(AcceptedRow, AcceptedRow.id == AuthorityRow.accepted_id)
    return list(session.scalars(found.where(AcceptedRow.ballot_id == ballot_id).order_by(AcceptedRow.height)))


def count_capacities(session: Session, ballot_id: int) -> dict[str, int]:
    """In what capacity the votes that count were cast: how many practices, by capacity. Stays after retention."""
    last = select(func.max(AcceptedRow.height)).where(AcceptedRow.ballot_id == ballot_id)
    last = last.group_by(AcceptedRow.practice_id)
    found = select(AuthorityRow.capacity, func.count()).join(AcceptedRow, AcceptedRow.id == AuthorityRow.accepted_id)
    found = found.where(AcceptedRow.ballot_id == ballot_id, AcceptedRow.height.in_(last))
    return {row[0]: row[1] for row in session.execute(found.group_by(AuthorityRow.capacity))}


def remove_statements(session: Session, programme_id: str) -> int:
    """Remove every name and salt of a programme. Capacities and hashes stay. Returns how many names there were."""
    accepted = select(AcceptedRow.id).join(BallotRow, BallotRow.id == AcceptedRow.ballot_id)
    mine = AuthorityRow.accepted_id.in_(accepted.where(BallotRow.programme_id == programme_id))
    gone = update(AuthorityRow).where(mine, AuthorityRow.name.is_not(None)).values(name=None, salt=None)
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
