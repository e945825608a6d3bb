"""What people see and change of their own account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ballot.office.errors import Refused
from ballot.office.staff.own import add_passkey, ask_for_passkey, own_proofs, remove_passkey, renew_recovery_codes
from ballot.office.staff.roles import EVERY_ROLE
from ballot.web.access import Rule, allow
from ballot.web.forms import Form
from ballot.web.office.forms import Passkey
from ballot.web.office.session import signed_in, the_door, the_place
from ballot.web.office.sign_in import asked_again, note

account = Blueprint("account", __name__)


@account.get("/office/account")
@allow(Rule.STAFF, *EVERY_ROLE)
def account_page() -> ResponseReturnValue:
    """What one signs in with."""
    return render_template("office/account.html", form=Form(formdata=None), **_proofs())


@account.post("/office/account/passkeys/new")
@allow(Rule.STAFF, *EVERY_ROLE, recent=True)
def ask_for_new_passkey() -> ResponseReturnValue:
    """Ask the browser to make one."""
    options = ask_for_passkey(the_door(), the_place(), signed_in())
    return render_template("office/new_passkey.html", form=Passkey(formdata=None), options=options)


@account.post("/office/account/passkeys")
@allow(Rule.STAFF, *EVERY_ROLE, recent=True)
def add_new_passkey() -> ResponseReturnValue:
    """Add the one that was made."""
    try:
        add_passkey(the_door(), the_place(), signed_in(), Passkey().credential.data or "")
    except Refused:
        form = Form(formdata=None)
        return render_template("office/account.html", form=form, failed=True, **_proofs()), 400
    note("added a passkey")
    return redirect(url_for("account.account_page"), 303)


@account.post("/office/account/passkeys/<int:id>/remove")
@allow(Rule.STAFF, *EVERY_ROLE, recent=True)
def remove_one_passkey(id: int) -> ResponseReturnValue:
    """Take one away."""
    try:
        remove_passkey(the_door(), signed_in(), id)
    except Refused as refusal:
        return asked_again("office/account.html", Form(formdata=None), refusal, **_proofs())
    note("removed a passkey")
    return redirect(url_for("account.account_page"), 303)


@account.post("/office/account/recovery-codes")
@allow(Rule.STAFF, *EVERY_ROLE, recent=True)
def new_recovery_codes() -> ResponseReturnValue:
    """Show ten new ones, once."""
    codes = renew_recovery_codes(the_door(), signed_in())
    note("renewed the recovery codes")
    return render_template("office/recovery_codes.html", codes=codes, enrolled=False)


def _proofs() -> dict[str, object]:
    has_password, passkeys, left = own_proofs(the_door(), signed_in())
    return {"has_password": has_password, "passkeys": passkeys, "left": left}
