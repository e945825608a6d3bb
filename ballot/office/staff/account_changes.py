"""Accounts on the pages: one officer asks for a change, and the other confirms it with a recent sign-in.

An account is power: its holder sees what its role sees, and whoever gives out an enrolment code could use it. So no one
officer can make an account, change a role, give a new enrolment, or seat a trustee. An officer alone may only sign
people out, which gives no one anything. The first accounts, and an officer's when the other is away, are made by the
person who runs the server (`ballot staff`).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ballot.db.account_changes import (
    AccountChangeRow,
    delete_account_changes_before,
    list_account_changes,
    take_account_change,
)
from ballot.db.session import reading, transaction
from ballot.office.activity import AccountChangeAsked, AccountChangeRefused, Who, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.accounts import AccountChange, Change, change_account, check_change, read_login
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import Door, Staff

WAITS = timedelta(hours=72)
"""As long as a proposal."""


def ask_for_change(door: Door, change: AccountChange, staff: Staff) -> None:
    """Ask for a change. Raises Refused if it is not possible at the moment."""
    with transaction(door.engine) as session:
        now = door.clock()
        check_change(session, change)
        delete_account_changes_before(session, now - WAITS)
        row = AccountChangeRow(
            id=door.draw(16).hex(),
            kind=change.kind.value,
            login=read_login(change.login),
            name=None if change.name is None else change.name.strip(),
            role=None if change.role is None else change.role.value,
            programme_id=change.programme_id,
            number=change.number,
            asked_by=staff.login,
            asked_role=staff.role.value,
            asked_at=now,
        )
        session.add(row)
        note_act(session, now, _who(staff), AccountChangeAsked(row.kind, row.login, row.role))


def waiting_changes(door: Door) -> list[tuple[str, AccountChange, str, str]]:
    """What waits: the number, the change, and the officer who asked for it, by account and role."""
    with reading(door.engine) as session:
        since = door.clock() - WAITS
        rows = [row for row in list_account_changes(session) if row.asked_at >= since]
        return [(row.id, _change(row), row.asked_by, row.asked_role) for row in rows]


def confirm_change(door: Door, id: str, staff: Staff) -> tuple[AccountChange, str | None]:
    """Make the change that the other officer asked for. Returns it, with an enrolment code if it gives one.

    Raises: Refused, for one's own request, or one that no longer waits or is no longer possible.
    """
    with transaction(door.engine) as session:
        row = _taken(door, session, id)
        if staff.login == row.asked_by or staff.role.value == row.asked_role:
            raise Refused(Refusal.OWN_PROPOSAL, "The other officer must confirm this.")
        change, who = _change(row), Who(row.asked_by, staff.login, row.asked_role)
        return change, change_account(door, session, change, who)


def refuse_change(door: Door, id: str, staff: Staff) -> None:
    """Refuse the other officer's request, or withdraw one's own. Raises Refused if it no longer waits."""
    with transaction(door.engine) as session:
        row = _taken(door, session, id)
        note_act(session, door.clock(), _who(staff), AccountChangeRefused(row.kind, row.login))


def _taken(door: Door, session: Session, id: str) -> AccountChangeRow:
    row = take_account_change(session, id)
    if row is None or row.asked_at < door.clock() - WAITS:
        raise Refused(Refusal.PROPOSAL_ENDED, "This was confirmed or refused already, or is older than 72 hours.")
    return row


def _change(row: AccountChangeRow) -> AccountChange:
    role = None if row.role is None else StaffRole(row.role)
    return AccountChange(Change(row.kind), row.login, row.name, role, row.programme_id, row.number)


def _who(staff: Staff) -> Who:
    return Who(staff.login, acting_for=staff.role.value)
