"""Who is signed in, by the hash of the session's id; passkey challenges; kept forms; and failed attempts to sign in.

No IP address is stored. Attempts are counted by the hash of the login name given, and in total.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base
from ballot.db.staff import AccountRow


class SessionRow(Base):
    """A browser in which a person is signed in."""

    __tablename__ = "staff_session"

    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    """When the person last proved their identity."""


class ChallengeRow(Base):
    """A challenge for a passkey, by hash. Deleted when it is answered."""

    __tablename__ = "staff_challenge"

    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    """The account whose passkey must answer. None at sign-in, when it is not known yet."""
    purpose: Mapped[str]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class KeptFormRow(Base):
    """What a person typed into a form that could not be taken yet, sealed with the storage key. One for an account."""

    __tablename__ = "staff_kept_form"

    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), primary_key=True, autoincrement=False)
    body: Mapped[bytes]
    kept_at: Mapped[datetime] = mapped_column(index=True)


def delete_kept_forms(session: Session, before: datetime, account_id: int | None = None) -> None:
    """Delete all forms that were kept before this and, if an account is given, that account's."""
    session.execute(delete(KeptFormRow).where(KeptFormRow.kept_at < before))
    if account_id is not None:
        session.execute(delete(KeptFormRow).where(KeptFormRow.account_id == account_id))


def find_session(session: Session, hash: str) -> tuple[SessionRow, AccountRow] | None:
    """The session with this hash, and its account."""
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
    """End every session of an account, except the one with this hash if one is given."""
    ended = delete(SessionRow).where(SessionRow.account_id == account_id)
    session.execute(ended if but is None else ended.where(SessionRow.hash != but))


def list_sessions_of(session: Session, account_id: int) -> list[SessionRow]:
    """An account's sessions, oldest first."""
    found = select(SessionRow).where(SessionRow.account_id == account_id)
    return list(session.scalars(found.order_by(SessionRow.created_at)))


def delete_sessions_before(session: Session, seen: datetime) -> None:
    """Delete sessions that were last used before this."""
    session.execute(delete(SessionRow).where(SessionRow.seen_at < seen))


def take_challenge(session: Session, hash: str) -> ChallengeRow | None:
    """Remove and return the challenge with this hash, so that no one can use it again."""
    found = session.scalar(select(ChallengeRow).where(ChallengeRow.hash == hash).with_for_update())
    if found is None:
        return None
    session.delete(found)
    session.flush()
    return found


def delete_challenges(session: Session, expired: datetime, account_id: int | None = None) -> None:
    """Delete expired challenges and, if an account is given, all of that account's."""
    session.execute(delete(ChallengeRow).where(ChallengeRow.expires_at < expired))
    if account_id is not None:
        session.execute(delete(ChallengeRow).where(ChallengeRow.account_id == account_id))


class AttemptRow(Base):
    """How many attempts failed in a row, and until when the next one must wait."""

    __tablename__ = "staff_attempt"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    wait_until: Mapped[datetime]


def lock_attempts(session: Session, key: str, now: datetime) -> AttemptRow:
    """The attempts under this key, locked until the transaction ends. Makes the row if there is none."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    new = insert(AttemptRow).values(key=key, count=0, last_at=now, wait_until=now)
    session.execute(new.on_conflict_do_nothing())
    found = select(AttemptRow).where(AttemptRow.key == key).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def forget_attempts(session: Session, key: str) -> None:
    """Delete the attempts under this key, after a successful one."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == key))


def forget_attempts_before(session: Session, moment: datetime) -> None:
    """Delete attempts that were last made before this. They no longer count."""
    session.execute(delete(AttemptRow).where(AttemptRow.last_at < moment))
