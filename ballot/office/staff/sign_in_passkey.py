"""Signing in, proving it again and enrolling with a passkey."""

from __future__ import annotations

from ballot.db.session import reading, transaction
from ballot.db.sessions import SessionRow
from ballot.office.activity import ProvedAgain, Who, note_act
from ballot.office.staff.door import Door
from ballot.office.staff.enrol import finish, make_recoveries, waiting
from ballot.office.staff.passkeys import Place, Purpose, Signed, ask_to_make, read_made
from ballot.office.staff.sessions import PASSKEY, Staff, begin_session, renew_session
from ballot.office.staff.sign_in import failed
from ballot.office.staff.throttle import failures_noted


def sign_in_with_passkey(door: Door, place: Place, answer: str) -> str:
    """Sign in whoever's passkey signed; the id of the new session, a secret. Raises Refused."""
    with failures_noted(door, None, PASSKEY):
        signed = Signed(door, place, Purpose.SIGN_IN, None, answer)
        with transaction(door.engine) as session:
            now = door.clock()
            account = signed.check(session, now)
            return begin_session(session, door, account, now, PASSKEY)


def prove_with_passkey(door: Door, place: Place, staff: Staff, answer: str) -> str:
    """Prove again who one is; the session's new id, a secret. Raises Refused."""
    with failures_noted(door, None, PASSKEY):
        signed = Signed(door, place, Purpose.PROVE, staff.id, answer)
        with transaction(door.engine) as session:
            now = door.clock()
            account = signed.check(session, now)
            row = session.get(SessionRow, staff.session)
            if account.id != staff.id or row is None:
                raise failed()
            note_act(session, now, Who(staff.login, acting_for=staff.role.value), ProvedAgain(PASSKEY))
            id = renew_session(session, door, row, now)
    return id


def ask_to_enrol(door: Door, place: Place, code: str) -> str:
    """Ask whoever holds an enrolment code for a passkey: options for the browser. Raises Refused."""
    with reading(door.engine) as session:
        account = waiting(session, code, door.clock(), hold=False)
    return ask_to_make(door, place, Purpose.ENROL, account)


def enrol_with_passkey(door: Door, place: Place, code: str, answer: str) -> list[str]:
    """Choose a passkey; the recovery codes, shown once. Raises Refused."""
    with reading(door.engine) as session:
        account_id = waiting(session, code, door.clock(), hold=False).id
    row = read_made(door, place, Purpose.ENROL, account_id, answer)
    codes, recoveries = make_recoveries(door, account_id)
    with transaction(door.engine) as session:
        now = door.clock()
        account = waiting(session, code, now, hold=True)
        session.add(row)
        finish(session, account, recoveries, now)
    return codes
