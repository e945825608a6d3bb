"""Who is signed in, by the hash of the session's id; passkey challenges; and failed attempts to sign in.

No address is kept. Attempts are counted by the hash of the login name given, and all together.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base
from ballot.db.staff import AccountRow


class SessionRow(Base):
    """One browser in which somebody is signed in."""

    __tablename__ = "staff_session"

    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    """When whoever is signed in last proved who they are."""


class ChallengeRow(Base):
    """What a passkey was asked to sign, by hash; taken away when it is answered."""

    __tablename__ = "staff_challenge"

    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """Whose passkey; None at the door, where it is not known yet."""
    purpose: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


def find_session(session: Session, hash: str) -> tuple[SessionRow, AccountRow] | None:
    """The session with this hash and whose it is."""
    found = session.execute(
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account_id)
        .where(SessionRow.hash == hash)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def delete_session(session: Session, hash: str) -> None:
    """End one session."""
    session.execute(delete(SessionRow).where(SessionRow.hash == hash))


def delete_sessions_of(session: Session, account_id: int, but: str | None = None) -> None:
    """End every session of an account, but the one with this hash if one is given."""
    ended = delete(SessionRow).where(SessionRow.account_id == account_id)
    session.execute(ended if but is None else ended.where(SessionRow.hash != but))


def list_sessions_of(session: Session, account_id: int) -> list[SessionRow]:
    """An account's sessions, oldest first."""
    found = select(SessionRow).where(SessionRow.account_id == account_id)
    return list(session.scalars(found.order_by(SessionRow.created_at)))


def delete_sessions_before(session: Session, seen: datetime) -> None:
    """Forget sessions that nobody used since."""
    session.execute(delete(SessionRow).where(SessionRow.seen_at < seen))


def take_challenge(session: Session, hash: str) -> ChallengeRow | None:
    """The challenge with this hash, which nobody can take again."""
    found = session.scalar(select(ChallengeRow).where(ChallengeRow.hash == hash).with_for_update())
    if found is None:
        return None
    session.delete(found)
    session.flush()
    return found


def delete_challenges(session: Session, expired: datetime, account_id: int | None = None) -> None:
    """Forget challenges that expired, and all of an account if one is given."""
    session.execute(delete(ChallengeRow).where(ChallengeRow.expires_at < expired))
    if account_id is not None:
        session.execute(delete(ChallengeRow).where(ChallengeRow.account_id == account_id))


class AttemptRow(Base):
    """So many in a row, and until when the next one has to wait."""

    __tablename__ = "staff_attempt"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    wait_until: Mapped[datetime]


def lock_attempts(session: Session, key: str, now: datetime) -> AttemptRow:
    """The attempts under this key, made if there were none, held until the transaction ends."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(AttemptRow).values(key=key, count=0, last_at=now, wait_until=now)
    session.execute(new.on_conflict_do_nothing())
    found = select(AttemptRow).where(AttemptRow.key == key).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def forget_attempts(session: Session, key: str) -> None:
    """Whoever got in need not wait any more."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == key))


def forget_attempts_before(session: Session, moment: datetime) -> None:
    """Attempts that were last made before this no longer count."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at < moment))
