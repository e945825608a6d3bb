"""The people of the office: their accounts, and the data that checks their sign-in. No secret is stored in the clear.

A password is stored as its argon2 hash. The secret of an authenticator app is sealed with the installation's storage
key, and a recovery code is stored as a hash under a key derived from it. A passkey is a public key. An enrolment code
is stored as its SHA-256.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable


class AccountRow(Base):
    """A person's account. It can be disabled, and is deleted after its retention period. Its acts stay in the log."""

    __tablename__ = "staff_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    """The e-mail address, in lower case."""
    name: Mapped[str]
    role: Mapped[str]
    handle: Mapped[bytes] = mapped_column(unique=True)
    """The id that a passkey has for the account: random, and says nothing about the person."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    enrolment_hash: Mapped[str | None] = mapped_column(unique=True)
    enrolment_expires_at: Mapped[datetime | None]
    password: Mapped[str | None]
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    """The last time step whose code was used. No code is accepted twice."""


class PasskeyRow(Base):
    """The public key of a passkey."""

    __tablename__ = "staff_passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)
    credential: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    backup_eligible: Mapped[bool] = mapped_column(default=False)
    """Whether the passkey said, when it was made, that a person's devices can share it."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    label: Mapped[str | None]
    """The name that its owner gave it."""


class RecoveryRow(Base):
    """A recovery code, by hash. The code itself contains `position`, so that only one hash is checked and not ten."""

    __tablename__ = "staff_recovery"
    __table_args__ = (UniqueConstraint("account_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"))
    position: Mapped[int]
    hash: Mapped[str]
    used_at: Mapped[datetime | None]


def list_accounts(session: Session) -> list[AccountRow]:
    """Every account, by login name."""
    return list(session.scalars(select(AccountRow).order_by(AccountRow.login)))


def find_account(session: Session, login: str) -> AccountRow | None:
    """The account with this login name, disabled or not. None for a name that cannot be stored."""
    if not is_storable(login):
        return None
    return session.scalar(select(AccountRow).where(AccountRow.login == login))


def lock_account(session: Session, account_id: int) -> AccountRow | None:
    """The account as it is now, locked until the transaction ends."""
    found = select(AccountRow).where(AccountRow.id == account_id).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def find_enrolment(session: Session, hash: str, *, hold: bool) -> AccountRow | None:
    """The account that waits for this enrolment. With `hold`, locked until the transaction ends."""
    found = select(AccountRow).where(AccountRow.enrolment_hash == hash)
    return session.scalar(found.with_for_update() if hold else found)


def list_passkeys(session: Session, account_id: int) -> list[PasskeyRow]:
    """An account's passkeys, oldest first."""
    return list(session.scalars(select(PasskeyRow).where(PasskeyRow.account_id == account_id).order_by(PasskeyRow.id)))


def is_passkey(session: Session, credential: bytes) -> bool:
    """Whether there is a passkey with this id."""
    return session.scalar(select(PasskeyRow.id).where(PasskeyRow.credential == credential)) is not None


def lock_passkey(session: Session, credential: bytes) -> PasskeyRow | None:
    """The passkey with this id, locked until the transaction ends."""
    found = select(PasskeyRow).where(PasskeyRow.credential == credential).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def find_recovery(session: Session, account_id: int, position: int) -> RecoveryRow | None:
    """An account's recovery code at this position, used or not."""
    found = select(RecoveryRow).where(RecoveryRow.account_id == account_id, RecoveryRow.position == position)
    return session.scalar(found)


def list_recoveries(session: Session, account_id: int) -> list[RecoveryRow]:
    """An account's recovery codes, in order."""
    found = select(RecoveryRow).where(RecoveryRow.account_id == account_id).order_by(RecoveryRow.position)
    return list(session.scalars(found))


def delete_recoveries(session: Session, account_id: int) -> None:
    """Delete an account's recovery codes, used or not."""
    session.execute(delete(RecoveryRow).where(RecoveryRow.account_id == account_id))


def delete_passkeys(session: Session, account_id: int) -> None:
    """Delete an account's passkeys."""
    session.execute(delete(PasskeyRow).where(PasskeyRow.account_id == account_id))


def delete_accounts_disabled_before(session: Session, moment: datetime) -> int:
    """Delete accounts disabled before this; all that belonged to them is already deleted. Returns how many."""
    gone = delete(AccountRow).where(AccountRow.disabled_at < moment)
    return int(session.execute(gone).rowcount)  # type: ignore[attr-defined]
