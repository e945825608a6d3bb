"""Staff accounts: how they are added, changed and disabled, and which account is which trustee.

The person who runs the server does it on the command line. On the pages, two officers do it (`account_changes`). One
person may be a trustee of several programmes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.ceremony import TrusteeSeatRow, list_seats, list_seats_of
from ballot.db.notices import delete_notices_of
from ballot.db.session import reading, transaction
from ballot.db.sessions import delete_challenges, delete_kept_forms, delete_sessions_of, list_sessions_of
from ballot.db.staff import AccountRow, delete_passkeys, delete_recoveries, find_account, list_accounts, lock_account
from ballot.office.activity import COMMAND_LINE, AccountChanged, ActPlace, TrusteeSeated, Who, note_act
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


@dataclass(frozen=True, slots=True)
class TrusteeSeat:
    """Trustee `number`, from 1, of a programme."""

    programme_id: str
    number: int


class Change(Enum):
    """What can be changed about an account."""

    ADDED = "added"
    RESET = "reset"
    DISABLED = "disabled"
    ROLE = "role-changed"
    SEATED = "seated"


@dataclass(frozen=True, slots=True)
class AccountChange:
    """A change to one account. The fields after `login` are for the kinds of change that need them."""

    kind: Change
    login: str
    name: str | None = None
    role: StaffRole | None = None
    programme_id: str | None = None
    number: int | None = None


def check_change(session: Session, change: AccountChange) -> AccountRow | None:
    """The account, locked; None for one that is still to be made. Raises Refused if the change is not possible."""
    if change.kind is Change.ADDED:
        _check_new(session, read_login(change.login), change.name or "")
        return None
    found = find_account(session, read_login(change.login))
    account = None if found is None else lock_account(session, found.id)
    if account is None or (change.kind is Change.SEATED and account.disabled_at is not None):
        raise Refused(Refusal.NO_SUCH_ACCOUNT, "There is no such account. List the accounts with ballot staff list.")
    if change.kind is Change.ROLE and change.role is not None and account.role == change.role.value:
        raise Refused(Refusal.ACCOUNT_INVALID, f"{account.login} is already {account.role}.")
    if change.kind is Change.SEATED:
        if account.role != StaffRole.TRUSTEE.value:
            raise Refused(Refusal.ACCOUNT_INVALID, f"{account.login} is not a trustee. The role is {account.role}.")
        seats = [row for row in list_seats(session, account.id) if row.programme_id == change.programme_id]
        if any(row.number != change.number for row in seats):
            sentence = f"{account.login} is already another trustee of {change.programme_id}."
            raise Refused(Refusal.ACCOUNT_INVALID, sentence)
    return account


def change_account(door: Door, session: Session, change: AccountChange, who: Who) -> str | None:
    """Make a change in this transaction. Returns an enrolment code if it gives one. Raises Refused."""
    account, now, code = check_change(session, change), door.clock(), None
    match change:
        case AccountChange(Change.ADDED, login, str(name), StaffRole() as role):
            account = AccountRow(login=read_login(login), name=name.strip(), role=role.value, created_at=now)
            account.handle = door.draw(_HANDLE)
            session.add(account)
            code = _offer_enrolment(door, account, now)
        case AccountChange(Change.RESET) if account is not None:
            _forget(session, account, now)
            account.disabled_at = None
            code = _offer_enrolment(door, account, now)
        case AccountChange(Change.DISABLED) if account is not None:
            _forget(session, account, now)
            account.disabled_at = account.disabled_at or now
        case AccountChange(Change.ROLE, role=StaffRole() as role) if account is not None:
            account.role = role.value
            delete_sessions_of(session, account.id)
        case AccountChange(Change.SEATED, programme_id=str(id), number=int(number)) if account is not None:
            session.merge(TrusteeSeatRow(programme_id=id, number=number, account_id=account.id))
            note_act(session, now, who, TrusteeSeated(account.login, number), ActPlace(id))
            return None
    assert account is not None
    note_act(session, now, who, AccountChanged(change.kind.value, account.login, account.role))
    return code


def add_account(door: Door, login: str, name: str, role: StaffRole) -> str:
    """Add a person. Returns the enrolment code, which is shown once. Raises Refused."""
    return _at_once(door, AccountChange(Change.ADDED, login, name, role)) or ""


def reset_account(door: Door, login: str) -> str:
    """Remove everything that a person signs in with. Returns a new enrolment code, shown once. Raises Refused.

    Ends all their sessions. A disabled account becomes enabled.
    """
    return _at_once(door, AccountChange(Change.RESET, login)) or ""


def disable_account(door: Door, login: str) -> None:
    """Disable an account: all its sessions end, and it cannot sign in. Raises Refused."""
    _at_once(door, AccountChange(Change.DISABLED, login))


def change_role(door: Door, login: str, role: StaffRole) -> None:
    """Give a person another role, and end all their sessions so that none keeps the old rights. Raises Refused.

    What they sign in with does not change. A role's signing key is separate: its holder must hand it over.
    """
    _at_once(door, AccountChange(Change.ROLE, login, role=role))


def _at_once(door: Door, change: AccountChange) -> str | None:
    with transaction(door.engine) as session:
        return change_account(door, session, change, COMMAND_LINE)


def _check_new(session: Session, login: str, name: str) -> None:
    if not LOGIN.fullmatch(login):
        raise Refused(Refusal.ACCOUNT_INVALID, "The login name must be one e-mail address.")
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Refused(Refusal.ACCOUNT_INVALID, f"The name must be one line of at most {_LONGEST_NAME} characters.")
    if find_account(session, login) is not None:
        raise Refused(Refusal.ACCOUNT_EXISTS, f"There is already an account {login}.")


def end_sessions(door: Door, login: str | None, who: Who = COMMAND_LINE) -> list[str]:
    """Sign a person out of every browser, or everyone for None. Returns who was signed in. Raises Refused.

    What they sign in with does not change.
    """
    with transaction(door.engine) as session:
        asked = list_accounts(session) if login is None else [_account(session, login)]
        found = [account for account in asked if list_sessions_of(session, account.id)]
        for account in found:
            delete_sessions_of(session, account.id)
            note_act(session, door.clock(), who, AccountChanged("signed-out", account.login, account.role))
        return [account.login for account in found]


def account_state(account: AccountRow, now: datetime) -> str:
    """The state of an account in words."""
    if account.disabled_at is not None:
        return "disabled"
    if account.enrolment_expires_at is None:
        return "enrolled"
    return "enrolment expired" if account.enrolment_expires_at <= now else "to enrol"


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


def seat_trustee(door: Door, login: str, programme_id: str, number: int) -> None:
    """Make an account trustee `number` of a programme, replacing the previous one. Raises Refused."""
    _at_once(door, AccountChange(Change.SEATED, login, programme_id=programme_id, number=number))


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
