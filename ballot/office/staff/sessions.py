"""Sessions: a random id in the browser's cookie, its hash in the database, and how long it lasts.

A session ends after fifteen minutes without use, and twelve hours after it began. Its id is drawn again at every
sign-in and at every proof of identity, so an earlier id cannot be taken over. `Door` is what every act of signing in
gets: the tables, the time, randomness, the storage key, password hashing.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.session import reading, transaction
from ballot.db.sessions import (
    SessionRow,
    delete_challenges,
    delete_kept_forms,
    delete_session,
    delete_sessions_before,
    delete_sessions_of,
    find_session,
)
from ballot.db.staff import AccountRow
from ballot.office.activity import SignedIn, SignedOut, Who, note_act
from ballot.office.desk import Clock
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.roles import StaffRole
from ballot.protocol.hashing import sha256_hex
from ballot.registrar.keyring import StorageKey

Draw = Callable[[int], bytes]
"""Draws that number of random bytes; `secrets.token_bytes` in service."""


@dataclass(frozen=True, slots=True)
class Door:
    """What every act of signing in is given."""

    engine: Engine
    clock: Clock
    draw: Draw
    storage: StorageKey
    passwords: Passwords


IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=12)
RECENT = timedelta(minutes=5)
"""A sensitive act needs a proof of identity within this time."""
KEPT = timedelta(hours=1)
"""A form that was sent too late is kept for this long: `office.staff.kept_forms`."""
NOTED = timedelta(minutes=1)
"""A session's use is stored at most once in this time, so that reading a page seldom writes."""
PASSWORD, PASSKEY, RECOVERY_CODE, ENROLMENT = "password", "passkey", "recovery-code", "enrolment"
"""The ways of proving identity, as the activity log calls them."""
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who is signed in."""

    id: int
    login: str
    name: str
    role: StaffRole
    proved_at: datetime
    """When this person last proved who they are."""
    session: str = field(repr=False)
    """The hash of the session's id."""


def begin_session(session: Session, door: Door, account: AccountRow, now: datetime, way: str = PASSWORD) -> str:
    """Sign an account in, in the transaction of the act that proved it. Returns the new id, a secret for the cookie."""
    id = _draw_id(door)
    delete_sessions_before(session, now - LONGEST)  # those that are only over still say whose form is kept
    delete_challenges(session, now)
    delete_kept_forms(session, now - KEPT)
    session.add(SessionRow(hash=session_hash(id), account_id=account.id, created_at=now, seen_at=now, proved_at=now))
    note_act(session, now, Who(account.login, acting_for=account.role), SignedIn(way))
    return id


def renew_session(session: Session, door: Door, row: SessionRow, now: datetime) -> str:
    """Give a session a new id after a proof, in its transaction. The old id no longer works. The end time stays."""
    id = _draw_id(door)
    session.delete(row)
    session.add(
        SessionRow(
            hash=session_hash(id), account_id=row.account_id, created_at=row.created_at, seen_at=now, proved_at=now
        )
    )
    return id


def find_staff(door: Door, id: str) -> Staff | None:
    """Who is signed in under this session id; None if no one, no longer, or disabled. Stores the use of the session."""
    hash = session_hash(id)
    with reading(door.engine) as session:
        now = door.clock()
        found = find_session(session, hash)
        if found is None:
            return None
        row, account = found
        if is_over(row, now) or account.disabled_at is not None:
            return None
    if now - row.seen_at >= NOTED:
        _note_use(door, hash, now)
    return Staff(account.id, account.login, account.name, StaffRole(account.role), row.proved_at, hash)


def is_over(row: SessionRow, now: datetime) -> bool:
    """Whether a session was unused for too long, or began too long ago."""
    return now - row.seen_at >= IDLE or now - row.created_at >= LONGEST


def is_recent(staff: Staff, now: datetime) -> bool:
    """Whether this person proved who they are within the last five minutes."""
    return now - staff.proved_at < RECENT


def sign_out(door: Door, staff: Staff) -> None:
    """End this session."""
    with transaction(door.engine) as session:
        delete_session(session, staff.session)
        note_act(session, door.clock(), Who(staff.login, acting_for=staff.role.value), SignedOut("here"))


def sign_out_everywhere(door: Door, staff: Staff) -> None:
    """End every session of this person, in every browser."""
    with transaction(door.engine) as session:
        delete_sessions_of(session, staff.id)
        note_act(session, door.clock(), Who(staff.login, acting_for=staff.role.value), SignedOut("everywhere"))


def session_hash(id: str) -> str:
    """The hash under which a session's id is stored."""
    return sha256_hex(f"session:{id}".encode())


def _draw_id(door: Door) -> str:
    return urlsafe_b64encode(door.draw(_BYTES)).decode("ascii").rstrip("=")


def _note_use(door: Door, hash: str, now: datetime) -> None:
    with transaction(door.engine) as session:
        row = session.get(SessionRow, hash)
        if row is not None and row.seen_at < now:
            row.seen_at = now
