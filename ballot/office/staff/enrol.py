"""Enrolment: the holder of the one-time code chooses how to sign in from now on.

The code works for twenty-four hours, until the first choice is made. The person then gets ten recovery codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.session import reading, transaction
from ballot.db.staff import AccountRow, RecoveryRow, delete_recoveries
from ballot.db.staff import find_enrolment as find_waiting
from ballot.office.activity import AccountChanged, Who, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff import totp
from ballot.office.staff.codes import enrolment_hash, new_recovery_codes, read_recovery_code, recovery_hash
from ballot.office.staff.passwords import weakness
from ballot.office.staff.sessions import ENROLMENT, Door
from ballot.office.staff.throttle import failures_noted


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The person who enrols, and the secret offered to an authenticator app."""

    account_id: int
    login: str
    name: str
    handle: bytes
    app: bytes = field(repr=False)


def find_enrolment(door: Door, code: str) -> Enrolment:
    """Find whose code this is. A wrong code goes into the activity log. Raises Refused(ENROLMENT_INVALID)."""
    with failures_noted(door, None, ENROLMENT), reading(door.engine) as session:
        account = waiting(session, code, door.clock(), hold=False)
        return Enrolment(account.id, account.login, account.name, account.handle, _app_secret(door, account))


def enrol_with_password(door: Door, code: str, password: str, app_code: str) -> list[str]:
    """Choose a password, and an app that gives a right code. Returns the recovery codes, shown once. Raises Refused."""
    found = find_enrolment(door, code)
    if fault := weakness(password, found.login, found.name):
        raise Refused(Refusal.PASSWORD_WEAK, f"{fault}.")
    hash = door.passwords.hash(password)
    codes, rows = make_recoveries(door, found.account_id)
    with transaction(door.engine) as session:
        now = door.clock()
        account = waiting(session, code, now, hold=True)
        secret = _app_secret(door, account)
        step = totp.step_of(secret, app_code, now, None)
        if step is None:
            raise Refused(Refusal.SIGN_IN_FAILED, "The code is not the one that the app shows now. Enter the new one.")
        account.password, account.totp, account.totp_step = hash, door.storage.seal(secret), step
        finish(session, account, rows, now)
    return codes


def waiting(session: Session, code: str, now: datetime, *, hold: bool) -> AccountRow:
    """The account that waits for this code. Raises Refused(ENROLMENT_INVALID)."""
    hash = enrolment_hash(code)
    account = None if hash is None else find_waiting(session, hash, hold=hold)
    if account is None or account.disabled_at is not None or (account.enrolment_expires_at or now) <= now:
        raise Refused(
            Refusal.ENROLMENT_INVALID,
            "This code was used, is older than a day, or was never issued. Ask for a new one.",
        )
    return account


def finish(session: Session, account: AccountRow, recoveries: list[RecoveryRow], now: datetime) -> None:
    """Use up the enrolment code, and store the recovery codes."""
    account.enrolment_hash = account.enrolment_expires_at = None
    changed = AccountChanged("enrolled", account.login, account.role)
    note_act(session, now, Who(account.login, acting_for=account.role), changed)
    keep_recoveries(session, account.id, recoveries)


def make_recoveries(door: Door, account_id: int) -> tuple[list[str], list[RecoveryRow]]:
    """Ten new recovery codes, and the rows to store."""
    codes = new_recovery_codes(door.draw)
    rows = []
    for code in codes:
        read = read_recovery_code(code)
        assert read is not None
        place, letters = read
        rows.append(
            RecoveryRow(account_id=account_id, position=place, hash=recovery_hash(door.storage, account_id, letters))
        )
    return codes, rows


def keep_recoveries(session: Session, account_id: int, rows: list[RecoveryRow]) -> None:
    """Store these recovery codes in place of the account's older ones."""
    delete_recoveries(session, account_id)
    session.add_all(rows)


def _app_secret(door: Door, account: AccountRow) -> bytes:
    assert account.enrolment_hash is not None
    return totp.secret_for(door.storage, account.enrolment_hash)
