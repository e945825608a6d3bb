"""What people change about their own account: passkeys, password and app, recovery codes. All are sensitive acts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ballot.db.session import reading, transaction
from ballot.db.sessions import SessionRow, delete_sessions_of, list_sessions_of
from ballot.db.staff import AccountRow, PasskeyRow, list_passkeys, list_recoveries, lock_account
from ballot.office.activity import AccountChanged, Who, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff import totp
from ballot.office.staff.enrol import keep_recoveries, make_recoveries
from ballot.office.staff.passkeys import PasskeyPurpose, RelyingParty, ask_to_make, read_made
from ballot.office.staff.passwords import weakness
from ballot.office.staff.sessions import Door, Staff, is_over
from ballot.office.staff.sign_in import can_sign_in, failed

LONGEST_LABEL = 60


def own_proofs(door: Door, staff: Staff) -> tuple[bool, list[PasskeyRow], int]:
    """Whether the person has a password with an app, their passkeys, and how many recovery codes are left."""
    with reading(door.engine) as session:
        account = session.get_one(AccountRow, staff.id)
        left = sum(row.used_at is None for row in list_recoveries(session, staff.id))
        return account.password is not None, list_passkeys(session, staff.id), left


def own_sessions(door: Door, staff: Staff) -> list[SessionRow]:
    """The person's sessions, oldest first. This browser's has the hash `staff.session`."""
    with reading(door.engine) as session:
        now = door.clock()
        return [row for row in list_sessions_of(session, staff.id) if not is_over(row, now)]


def ask_for_passkey(door: Door, place: RelyingParty, staff: Staff) -> str:
    """Ask for another passkey. Returns the options for the browser."""
    with reading(door.engine) as session:
        account = session.get_one(AccountRow, staff.id)
    return ask_to_make(door, place, PasskeyPurpose.ADD, account)


def add_passkey(door: Door, place: RelyingParty, staff: Staff, answer: str) -> None:
    """Add the passkey that was made. Raises Refused."""
    row = read_made(door, place, PasskeyPurpose.ADD, staff.id, answer)
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        if account is None or not can_sign_in(account):
            raise failed()
        session.add(row)
        _note(session, door, account, "passkey-added")


def rename_passkey(door: Door, staff: Staff, passkey_id: int, label: str) -> None:
    """Rename one of the person's passkeys. Raises Refused."""
    label = label.strip()
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise Refused(Refusal.ACCOUNT_INVALID, f"The name must be one line of at most {LONGEST_LABEL} characters.")
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        found = next((row for row in list_passkeys(session, staff.id) if row.id == passkey_id), None)
        if account is None or found is None:
            raise Refused(Refusal.NO_SUCH_ACCOUNT, "There is no such passkey.")
        found.label = label
        _note(session, door, account, "passkey-renamed")


def remove_passkey(door: Door, staff: Staff, passkey_id: int) -> None:
    """Remove one of the person's passkeys, but not the last way to sign in. Raises Refused."""
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        own = list_passkeys(session, staff.id)
        found = next((row for row in own if row.id == passkey_id), None)
        if account is None or found is None:
            raise Refused(Refusal.NO_SUCH_ACCOUNT, "There is no such passkey.")
        if account.password is None and len(own) == 1:
            raise Refused(Refusal.LAST_PROOF, "You have no other way to sign in. Add another one first.")
        session.delete(found)
        _note(session, door, account, "passkey-removed")


def new_app(door: Door, staff: Staff) -> bytes:
    """The secret offered to another authenticator app. It is the same until it is taken, and is not stored."""
    with reading(door.engine) as session:
        return _new_app(door, staff, session.get_one(AccountRow, staff.id))


def change_password(door: Door, staff: Staff, password: str, app_code: str) -> None:
    """Change the password, and the app, whose code shows that it works. Ends every other session. Raises Refused."""
    if fault := weakness(password, staff.login, staff.name):
        raise Refused(Refusal.PASSWORD_WEAK, f"{fault}.")
    hash = door.passwords.hash(password)
    with transaction(door.engine) as session:
        now = door.clock()
        account = lock_account(session, staff.id)
        if account is None or not can_sign_in(account):
            raise failed()
        secret = _new_app(door, staff, account)
        step = totp.step_of(secret, app_code, now, None)
        if step is None:
            raise Refused(Refusal.SIGN_IN_FAILED, "The code is not the one that the app shows now. Enter the new one.")
        account.password, account.totp, account.totp_step = hash, door.storage.seal(secret), step
        delete_sessions_of(session, account.id, but=staff.session)
        _note(session, door, account, "password-changed")


def renew_recovery_codes(door: Door, staff: Staff) -> list[str]:
    """Ten new recovery codes, shown once. The older ones no longer work."""
    codes, rows = make_recoveries(door, staff.id)
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        if account is None or not can_sign_in(account):
            raise failed()
        keep_recoveries(session, staff.id, rows)
        _note(session, door, account, "recovery-codes-renewed")
    return codes


def _new_app(door: Door, staff: Staff, account: AccountRow) -> bytes:
    """A secret that depends on the session and the current password, so that no secret is taken twice."""
    return totp.secret_for(door.storage, f"{staff.session}:{account.password}")


def _note(session: Session, door: Door, account: AccountRow, word: str) -> None:
    who = Who(account.login, acting_for=account.role)
    note_act(session, door.clock(), who, AccountChanged(word, account.login, account.role))
