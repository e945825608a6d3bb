"""What people change about their own account, each a grave act: passkeys, recovery codes."""

from __future__ import annotations

from ballot.db.session import reading, transaction
from ballot.db.staff import AccountRow, PasskeyRow, list_passkeys, list_recoveries, lock_account
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.door import Door
from ballot.office.staff.enrol import keep_recoveries, make_recoveries
from ballot.office.staff.passkeys import Place, Purpose, ask_to_make, read_made
from ballot.office.staff.sessions import Staff
from ballot.office.staff.sign_in import can_sign_in, failed


def own_proofs(door: Door, staff: Staff) -> tuple[bool, list[PasskeyRow], int]:
    """Whether there is a password with an app, the passkeys, and how many recovery codes are left."""
    with reading(door.engine) as session:
        account = session.get_one(AccountRow, staff.id)
        left = sum(row.used_at is None for row in list_recoveries(session, staff.id))
        return account.password is not None, list_passkeys(session, staff.id), left


def ask_for_passkey(door: Door, place: Place, staff: Staff) -> str:
    """Ask for another passkey: options for the browser."""
    with reading(door.engine) as session:
        account = session.get_one(AccountRow, staff.id)
    return ask_to_make(door, place, Purpose.ADD, account)


def add_passkey(door: Door, place: Place, staff: Staff, answer: str) -> None:
    """Add the passkey that was made. Raises Refused."""
    row = read_made(door, place, Purpose.ADD, staff.id, answer)
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        if account is None or not can_sign_in(account):
            raise failed()
        session.add(row)


def remove_passkey(door: Door, staff: Staff, passkey_id: int) -> None:
    """Take one of one's passkeys away, but not the last thing to sign in with. Raises Refused."""
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        own = list_passkeys(session, staff.id)
        found = next((row for row in own if row.id == passkey_id), None)
        if account is None or found is None:
            raise Refused(Refusal.NO_SUCH_ACCOUNT, "There is no such passkey.")
        if account.password is None and len(own) == 1:
            raise Refused(Refusal.LAST_PROOF, "This is the only thing that you sign in with; add another one first.")
        session.delete(found)


def renew_recovery_codes(door: Door, staff: Staff) -> list[str]:
    """Ten new recovery codes, shown once; the ones before work no more."""
    codes, rows = make_recoveries(door, staff.id)
    with transaction(door.engine) as session:
        account = lock_account(session, staff.id)
        if account is None or not can_sign_in(account):
            raise failed()
        keep_recoveries(session, staff.id, rows)
    return codes
