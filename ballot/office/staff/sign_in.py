"""Sign in with a password and an app's code or a recovery code, and prove identity again before a sensitive act.

All proofs are asked for at once, and every failure gets the same answer: name, password, code, or a disabled account.
The same work is done in each case. Only a person who gives the right password and a right code that was used before is
told that it was used. A failed second proof signs no one out.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.session import reading, transaction
from ballot.db.sessions import SessionRow
from ballot.db.staff import AccountRow, find_account, find_recovery, lock_account
from ballot.office.activity import ProvedAgain, Who, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff import totp
from ballot.office.staff.accounts import read_login
from ballot.office.staff.codes import is_recovery_code, read_recovery_code
from ballot.office.staff.sessions import PASSWORD, RECOVERY_CODE, Door, Staff, begin_session, renew_session
from ballot.office.staff.throttle import count_attempt, failures_noted, forgive

_NOBODY = 0


def sign_in(door: Door, login: str, password: str, app_code: str) -> str:
    """Sign in with password and app. Returns the new session's id, a secret. Raises Refused."""
    login = read_login(login)
    count_attempt(door, login)
    with failures_noted(door, login, PASSWORD):
        account_id = checked_password(door, login, password)
        with transaction(door.engine) as session:
            now = door.clock()
            account = lock_account(session, account_id or _NOBODY)
            take_app_code(door, account, app_code, now)
            if account is None:
                raise failed()
            id = begin_session(session, door, account, now)
    forgive(door, login)
    return id


def recover(door: Door, login: str, password: str, recovery_code: str) -> str:
    """Sign in with a recovery code in place of app or passkey. Returns the new session's id. Raises Refused.

    A person who has only passkeys leaves the password empty.
    """
    login = read_login(login)
    count_attempt(door, login)
    with failures_noted(door, login, RECOVERY_CODE):
        id = _recover(door, login, password, recovery_code)
    forgive(door, login)
    return id


def _recover(door: Door, login: str, password: str, recovery_code: str) -> str:
    place, letters = read_recovery_code(recovery_code) or (-1, "")
    with reading(door.engine) as session:
        account = find_account(session, login)
        kept = None if account is None else account.password
        row = None if account is None else find_recovery(session, account.id, place)
        known = None if row is None else row.hash
        without = account is not None and account.password is None and not password
    right_password = door.passwords.matches(kept, password) or without
    right_code = is_recovery_code(door.storage, known, 0 if account is None else account.id, letters)
    if account is None or not (right_password and right_code):
        raise failed()
    with transaction(door.engine) as session:
        now = door.clock()
        found = lock_account(session, account.id)
        if found is None or not can_sign_in(found):
            raise failed()
        _use_recovery(session, found, place, known, now)
        return begin_session(session, door, found, now, RECOVERY_CODE)


def checked_password(door: Door, login: str, password: str) -> int | None:
    """The account id for this login name and password. None, after the same work, if they match no account."""
    with reading(door.engine) as session:
        account = find_account(session, login)
        kept = None if account is None else account.password
    right = door.passwords.matches(kept, password)
    return account.id if account is not None and right else None


def take_app_code(door: Door, account: AccountRow | None, app_code: str, now: datetime) -> None:
    """Use up this code of a locked account's app. Raises Refused.

    The caller has checked the password. None stands for a wrong password or no account, and costs the same work.
    """
    sealed = None if account is None or not can_sign_in(account) else account.totp
    secret = door.storage.derive("nobody's app") if sealed is None else door.storage.open(sealed, "the app's secret")
    step = totp.step_of(secret, app_code, now, None if account is None else account.totp_step)
    if account is None or sealed is None:
        raise failed()
    if step is None:
        raise failed() if totp.step_of(secret, app_code, now, None) is None else _used(USED_APP_CODE)
    account.totp_step = step


def can_sign_in(account: AccountRow) -> bool:
    """Whether the account is enabled and enrolled."""
    return account.disabled_at is None and account.enrolment_hash is None


def failed() -> Refused:
    """The one answer to every failure."""
    return Refused(Refusal.SIGN_IN_FAILED, "The details you entered do not match an account.")


USED_APP_CODE = "That code was already used. Wait until your app shows the next one, and enter that."
USED_RECOVERY_CODE = "That recovery code was already used. Enter another one."


def _used(sentence: str) -> Refused:
    return Refused(Refusal.CODE_USED, sentence)


def _use_recovery(session: Session, account: AccountRow, place: int, hash: str | None, now: datetime) -> None:
    row = find_recovery(session, account.id, place)
    if row is None or row.hash != hash:
        raise failed()
    if row.used_at is not None:
        raise _used(USED_RECOVERY_CODE)
    row.used_at = now


def prove_with_password(door: Door, staff: Staff, password: str, app_code: str) -> str:
    """Prove identity with password and app. Returns the session's new id, a secret. Raises Refused."""
    count_attempt(door, staff.login)
    with failures_noted(door, staff.login, PASSWORD):
        right = checked_password(door, staff.login, password) == staff.id
        with transaction(door.engine) as session:
            now = door.clock()
            account = lock_account(session, staff.id)
            row = session.get(SessionRow, staff.session)
            take_app_code(door, account if right else None, app_code, now)
            if row is None:
                raise failed()
            note_act(session, now, Who(staff.login, acting_for=staff.role.value), ProvedAgain(PASSWORD))
            id = renew_session(session, door, row, now)
    forgive(door, staff.login)
    return id
