"""Which account is which trustee: a person may be one of several programmes, of a rehearsal and the real one, say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from ballot.db.ceremony import TrusteeSeatRow, find_seat, list_seats, list_seats_of
from ballot.db.session import reading, transaction
from ballot.db.staff import AccountRow, find_account
from ballot.office.activity import COMMAND_LINE, Place, TrusteeSeated, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.accounts import read_login
from ballot.office.staff.door import Door
from ballot.office.staff.roles import StaffRole


@dataclass(frozen=True, slots=True)
class Seat:
    """Trustee `number`, from 1, of a programme."""

    programme_id: str
    number: int


def seat_trustee(door: Door, login: str, programme_id: str, number: int) -> None:
    """Make an account trustee `number` of a programme, in the place of whoever was. Raises Refused."""
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
        place, what = Place(programme_id), TrusteeSeated(account.login, number)
        note_act(session, door.clock(), COMMAND_LINE, what, place)


def seats_of(engine: Engine, account_id: int) -> list[Seat]:
    """Where this account is a trustee."""
    with reading(engine) as session:
        return [Seat(row.programme_id, row.number) for row in list_seats(session, account_id)]


def seated(engine: Engine, programme_id: str) -> dict[int, str]:
    """The names of the accounts of a programme's trustees, by number."""
    with reading(engine) as session:
        rows = list_seats_of(session, programme_id)
        return {row.number: session.get_one(AccountRow, row.account_id).name for row in rows}
