"""Who is signed in proves it again, before a grave act, with what signing in takes; a wrong answer signs nobody out."""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.db.sessions import SessionRow
from ballot.db.staff import lock_account
from ballot.office.activity import ProvedAgain, Who, note_act
from ballot.office.staff.door import Door
from ballot.office.staff.sessions import PASSWORD, Staff, renew_session
from ballot.office.staff.sign_in import checked_password, failed, takes_app_code
from ballot.office.staff.throttle import count_attempt, failures_noted, forgive


def prove_with_password(door: Door, staff: Staff, password: str, app_code: str) -> str:
    """Prove it with password and app; the session's new id, a secret. Raises Refused."""
    count_attempt(door, staff.login)
    with failures_noted(door, staff.login, PASSWORD):
        right = checked_password(door, staff.login, password) == staff.id
        with transaction(door.engine) as session:
            now = door.clock()
            account = lock_account(session, staff.id)
            row = session.get(SessionRow, staff.session)
            if not takes_app_code(door, account, app_code, now) or not right or row is None:
                raise failed()
            note_act(session, now, Who(staff.login, acting_for=staff.role.value), ProvedAgain(PASSWORD))
            id = renew_session(session, door, row, now)
    forgive(door, staff.login)
    return id
