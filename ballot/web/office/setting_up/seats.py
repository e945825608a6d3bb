"""The accounts of a ballot's trustees: an officer writes them down with the names, and the other officer confirms."""

from __future__ import annotations

from ballot.office.errors import Refused
from ballot.office.setup.draft import Draft
from ballot.office.staff.account_changes import ask_for_change, waiting_changes
from ballot.office.staff.accounts import AccountChange, Change, addresses_of_trustees
from ballot.web.office.session import signed_in, the_door
from ballot.web.office.setting_up.forms import TrusteesForm
from ballot.web.stage import surroundings


def accounts_of(draft: Draft) -> dict[int, str]:
    """The address of each trustee's account by the trustee's number, also of those that wait to be confirmed."""
    asked = {
        int(change.number or 0): change.login
        for _, change, _, _ in waiting_changes(the_door())
        if change.kind is Change.SEATED and change.programme_id == draft.id
    }
    return {**addresses_of_trustees(surroundings().engine, draft.id), **asked}


def show_accounts(draft: Draft, form: TrusteesForm) -> None:
    """Fill in the accounts that are known, in the order of the trustees."""
    known = accounts_of(draft)
    form.accounts.data = "\n".join(known.get(number, "") for number in range(1, max(known, default=0) + 1))


def ask_for_accounts(draft: Draft, form: TrusteesForm) -> None:
    """Ask the other officer for each account that is new. A refusal is reported at the field."""
    known = accounts_of(draft)
    for number, login in enumerate(form.logins, start=1):
        if login and login.lower() != known.get(number, "").lower():
            try:
                change = AccountChange(Change.SEATED, login, programme_id=draft.id, number=number)
                ask_for_change(the_door(), change, signed_in())
            except Refused:
                form.mark(form.accounts, f"{login} is not the account of a trustee who has no other place here")
