"""Staff accounts: added, changed and disabled on the command line, by the person who runs the server.

Also which account is which trustee. One person may be a trustee of several programmes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.ceremony import TrusteeSeatRow, find_seat, list_seats, list_seats_of
from ballot.db.notices import delete_notices_of
from ballot.db.session import reading, transaction
from ballot.db.sessions import delete_challenges, delete_kept_forms, delete_sessions_of, list_sessions_of
from ballot.db.staff import AccountRow, delete_passkeys, delete_recoveries, find_account, list_accounts, lock_account
from ballot.office.activity import COMMAND_LINE, AccountChanged, ActPlace, TrusteeSeated, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.codes import enrolment_hash, new_enrolment_code
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import KEPT, Door
from ballot.strict.email_syntax import LOGIN

VALID = timedelta(hours=24)
"""How long an enrolment code can be used, once."""
_LONGEST_NAME = 100
_HANDLE = 32


def read_login(typed: str) -> str:
    """A login name in its stored form: no spaces around it, lower case."""
    return typed.strip().lower()[:320]


def add_account(door: Door, login: str, name: str, role: StaffRole) -> str:
    """Add a person. Returns the enrolment code, which is shown once. Raises Refused."""
    login, name = read_login(login), name.strip()
    if not LOGIN.fullmatch(login):
        raise Refused(Refusal.ACCOUNT_INVALID, "The login name must be one e-mail address.")
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Refused(Refusal.ACCOUNT_INVALID, f"The name must be one line of at most {_LONGEST_NAME} characters.")
    with transaction(door.engine) as session:
        now = door.clock()
        if find_account(session, login) is not None:
            raise Refused(Refusal.ACCOUNT_EXISTS, f"There is already an account {login}.")
        account = AccountRow(login=login, name=name, role=role.value, handle=door.draw(_HANDLE), created_at=now)
        session.add(account)
        note_act(session, now, COMMAND_LINE, AccountChanged("added", login, role.value))
        return _offer_enrolment(door, account, now)


def reset_account(door: Door, login: str) -> str:
    """Remove everything that a person signs in with. Returns a new enrolment code, shown once. Raises Refused.

    Ends all their sessions. A disabled account becomes enabled.
    """
    with transaction(door.engine) as session:
        now = door.clock()
        account = _account(session, login)
        _forget(session, account, now)
        account.disabled_at = None
        note_act(session, now, COMMAND_LINE, AccountChanged("reset", account.login, account.role))
        return _offer_enrolment(door, account, now)


def disable_account(door: Door, login: str) -> None:
    """Disable an account: all its sessions end, and it cannot sign in. Raises Refused."""
    with transaction(door.engine) as session:
        now = door.clock()
        account = _account(session, login)
        _forget(session, account, now)
        account.disabled_at = account.disabled_at or now
        note_act(session, now, COMMAND_LINE, AccountChanged("disabled", account.login, account.role))


def change_role(door: Door, login: str, role: StaffRole) -> None:
    """Give a person another role, and end all their sessions so that none keeps the old rights. Raises Refused.

    What they sign in with does not change. A role's signing key is separate: its holder must hand it over.
    """
    with transaction(door.engine) as session:
        account = _account(session, login)
        if account.role == role.value:
            raise Refused(Refusal.ACCOUNT_INVALID, f"{account.login} is already {role.value}.")
        account.role = role.value
        delete_sessions_of(session, account.id)
        note_act(session, door.clock(), COMMAND_LINE, AccountChanged("role-changed", account.login, role.value))


def end_sessions(door: Door, login: str | None) -> list[str]:
    """Sign a person out of every browser, or everyone for None. Returns who was signed in. Raises Refused.

    What they sign in with does not change.
    """
    with transaction(door.engine) as session:
        asked = list_accounts(session) if login is None else [_account(session, login)]
        found = [account for account in asked if list_sessions_of(session, account.id)]
        for account in found:
            delete_sessions_of(session, account.id)
            note_act(session, door.clock(), COMMAND_LINE, AccountChanged("signed-out", account.login, account.role))
        return [account.login for account in found]


def _account(session: Session, login: str) -> AccountRow:
    found = find_account(session, read_login(login))
    locked = None if found is None else lock_account(session, found.id)
    if locked is None:
        raise Refused(Refusal.NO_SUCH_ACCOUNT, "There is no such account. List the accounts with ballot staff list.")
    return locked


def _forget(session: Session, account: AccountRow, now: datetime) -> None:
    account.password = account.totp = account.totp_step = None
    account.enrolment_hash = account.enrolment_expires_at = None
    delete_passkeys(session, account.id)
    delete_recoveries(session, account.id)
    delete_notices_of(session, account.id)
    delete_challenges(session, now, account.id)
    delete_sessions_of(session, account.id)
    delete_kept_forms(session, now - KEPT, account.id)


def _offer_enrolment(door: Door, account: AccountRow, now: datetime) -> str:
    code = new_enrolment_code(door.draw)
    account.enrolment_hash, account.enrolment_expires_at = enrolment_hash(code), now + VALID
    return code


@dataclass(frozen=True, slots=True)
class TrusteeSeat:
    """Trustee `number`, from 1, of a programme."""

    programme_id: str
    number: int


def seat_trustee(door: Door, login: str, programme_id: str, number: int) -> None:
    """Make an account trustee `number` of a programme, replacing the previous one. Raises Refused."""
    with transaction(door.engine) as session:
        account = find_account(session, read_login(login))
        if account is None or account.disabled_at is not None:
            raise Refused(
                Refusal.NO_SUCH_ACCOUNT, "There is no such account. List the accounts with ballot staff list."
            )
        if account.role != StaffRole.TRUSTEE.value:
            raise Refused(Refusal.ACCOUNT_INVALID, f"{account.login} is not a trustee. The role is {account.role}.")
        seat = find_seat(session, programme_id, number)
        if any(row.programme_id == programme_id and row is not seat for row in list_seats(session, account.id)):
            raise Refused(Refusal.ACCOUNT_INVALID, f"{account.login} is already another trustee of {programme_id}.")
        if seat is None:
            session.add(TrusteeSeatRow(programme_id=programme_id, number=number, account_id=account.id))
        else:
            seat.account_id = account.id
        place, what = ActPlace(programme_id), TrusteeSeated(account.login, number)
        note_act(session, door.clock(), COMMAND_LINE, what, place)


def seats_of(engine: Engine, account_id: int) -> list[TrusteeSeat]:
    """The programmes in which this account is a trustee."""
    with reading(engine) as session:
        return [TrusteeSeat(row.programme_id, row.number) for row in list_seats(session, account_id)]


def seated(engine: Engine, programme_id: str) -> dict[int, str]:
    """The names of the accounts of a programme's trustees, by number."""
    with reading(engine) as session:
        rows = list_seats_of(session, programme_id)
        return {row.number: session.get_one(AccountRow, row.account_id).name for row in rows}


def addresses_of_trustees(engine: Engine, programme_id: str) -> dict[int, str]:
    """The e-mail addresses of a programme's trustees who can sign in, by number."""
    with reading(engine) as session:
        rows = [
            (row.number, session.get_one(AccountRow, row.account_id)) for row in list_seats_of(session, programme_id)
        ]
        return {number: account.login for number, account in rows if account.disabled_at is None}
