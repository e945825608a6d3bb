"""Tokens, by hash only. Ed25519 is deterministic, so the registrar can sign the same token again from its serial."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.db.practices import PracticeRow

LIVE, SUPERSEDED, REVOKED = "live", "superseded", "revoked"


class TokenRow(Base):
    """One token of one practice. At most one of a practice's tokens is live."""

    __tablename__ = "token"
    __table_args__ = (
        UniqueConstraint("practice_id", "serial"),
        Index(
            "uq_token_live",
            "practice_id",
            unique=True,
            sqlite_where=text("status = 'live'"),
            postgresql_where=text("status = 'live'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[int] = mapped_column(ForeignKey("practice.id"))
    serial: Mapped[int]
    hash: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class TokenLineRow(Base):
    """A line of tokens.jsonl, in order."""

    __tablename__ = "token_line"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[bytes]


def find_token(session: Session, hash: str) -> tuple[TokenRow, PracticeRow] | None:
    """The token with this hash, and the practice that it was issued to."""
    found = session.execute(
        select(TokenRow, PracticeRow)
        .join(PracticeRow, PracticeRow.id == TokenRow.practice_id)
        .where(TokenRow.hash == hash)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def latest_token(session: Session, practice_id: int) -> TokenRow | None:
    """The practice's token with the highest serial, live or not."""
    found = select(TokenRow).where(TokenRow.practice_id == practice_id).order_by(TokenRow.serial.desc()).limit(1)
    return session.scalar(found)


def list_tokens(session: Session, practice_id: int) -> list[TokenRow]:
    """Every token of a practice, the oldest first."""
    return list(session.scalars(select(TokenRow).where(TokenRow.practice_id == practice_id).order_by(TokenRow.serial)))


def latest_statuses(session: Session, programme_id: str) -> dict[int, str]:
    """The status of each practice's newest token, by practice id. Practices without a token are left out."""
    found = (
        select(TokenRow.practice_id, TokenRow.status)
        .join(PracticeRow, PracticeRow.id == TokenRow.practice_id)
        .join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
        .where(BallotRow.programme_id == programme_id)
        .order_by(TokenRow.practice_id, TokenRow.serial)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def latest_issues(session: Session, programme_id: str) -> dict[int, datetime]:
    """When each practice's newest token was issued, by practice id. Practices without a token are left out."""
    found = (
        select(TokenRow.practice_id, func.max(TokenRow.issued_at))
        .join(PracticeRow, PracticeRow.id == TokenRow.practice_id)
        .join(BallotRow, BallotRow.id == PracticeRow.ballot_id)
        .where(BallotRow.programme_id == programme_id)
        .group_by(TokenRow.practice_id)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def append_token_lines(session: Session, programme_id: str, lines: list[bytes]) -> None:
    """Add lines to tokens.jsonl. The caller holds the lock of the programme's events."""
    count = select(func.count()).select_from(TokenLineRow).where(TokenLineRow.programme_id == programme_id)
    start = session.scalar(count) or 0
    session.add_all(
        TokenLineRow(programme_id=programme_id, position=start + i, line=line) for i, line in enumerate(lines)
    )


def token_lines(session: Session, programme_id: str) -> list[bytes]:
    """tokens.jsonl, line by line, each with its newline."""
    found = select(TokenLineRow.line).where(TokenLineRow.programme_id == programme_id).order_by(TokenLineRow.position)
    return list(session.scalars(found))
