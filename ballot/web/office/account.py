"""The pages on which people see and change their own account."""

from __future__ import annotations

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ballot.office.errors import Refusal, Refused
from ballot.office.staff import totp
from ballot.office.staff.own import (
    add_passkey,
    ask_for_passkey,
    change_password,
    new_app,
    own_proofs,
    own_sessions,
    remove_passkey,
    rename_passkey,
    renew_recovery_codes,
)
from ballot.office.staff.roles import EVERY_ROLE
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form
from ballot.web.office.ask_first import ask_first
from ballot.web.office.forms import OwnPassword, Passkey, PasskeyName
from ballot.web.office.session import signed_in, the_door, the_place
from ballot.web.office.sign_in import asked_again, note

account = Blueprint("account", __name__)


@account.get("/office/account")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def account_page() -> ResponseReturnValue:
    """The ways to sign in to this account."""
    return render_template("office/account.html", form=Form(formdata=None), **_proofs())


@account.post("/office/account/passkeys/new")
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def ask_for_new_passkey() -> ResponseReturnValue:
    """Ask the browser to make one."""
    options = ask_for_passkey(the_door(), the_place(), signed_in())
    return render_template("office/new_passkey.html", form=Passkey(formdata=None), options=options)


@account.post("/office/account/passkeys")
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def add_new_passkey() -> ResponseReturnValue:
    """Add the one that was made."""
    try:
        add_passkey(the_door(), the_place(), signed_in(), Passkey().credential.data or "")
    except Refused:
        form = Form(formdata=None)
        return render_template("office/account.html", form=form, failed=True, **_proofs()), 400
    note("added a passkey")
    return redirect(url_for("account.account_page"), 303)


@account.route("/office/account/passkeys/<int:id>/remove", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def remove_one_passkey(id: int) -> ResponseReturnValue:
    """Remove a passkey, after asking."""
    if request.method != "POST":  # a HEAD too
        lost = (
            "You can no longer sign in with this passkey.",
            "Your password, your authenticator app and your other passkeys stay.",
        )
        return ask_first("Remove this passkey?", lost, "Remove it", url_for("account.account_page"))
    try:
        remove_passkey(the_door(), signed_in(), id)
    except Refused as refusal:
        return asked_again("office/account.html", Form(formdata=None), refusal, **_proofs())
    note("removed a passkey")
    return redirect(url_for("account.account_page"), 303)


@account.post("/office/account/passkeys/<int:id>/rename")
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def rename_one_passkey(id: int) -> ResponseReturnValue:
    """Rename a passkey, so that its owner can tell it from the others."""
    try:
        rename_passkey(the_door(), signed_in(), id, PasskeyName().label.data or "")
    except Refused as refusal:
        return asked_again("office/account.html", Form(formdata=None), refusal, **_proofs())
    note("renamed a passkey")
    return redirect(url_for("account.account_page"), 303)


@account.route("/office/account/password", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def password_page() -> ResponseReturnValue:
    """Set another password and another app; or the first ones, in addition to a passkey."""
    form, staff = OwnPassword(), signed_in()
    if form.validate_on_submit():
        try:
            change_password(the_door(), staff, form.password.data or "", form.code.data or "")
        except Refused as refusal:
            field = form.password if refusal.reason is Refusal.PASSWORD_WEAK else form.code
            field.errors = [refusal.sentence.removesuffix(".")]
        else:
            note("changed the password and the app")
            return redirect(url_for("account.account_page"), 303)
    secret = new_app(the_door(), staff)
    drawn = segno.make(totp.otpauth_uri(secret, staff.login)).svg_inline(scale=4, svgclass=None, lineclass=None)
    qr = Markup(drawn)  # noqa: S704  (segno's own drawing; it holds no text of anybody's)
    page = render_template("office/password.html", form=form, key=totp.typeable(secret), qr=qr)
    return page, 400 if form.errors else 200


@account.route("/office/account/recovery-codes", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *EVERY_ROLE, recent=True)
def new_recovery_codes() -> ResponseReturnValue:
    """Show ten new recovery codes, once, after asking."""
    if request.method != "POST":  # a HEAD too
        lost = (
            "The recovery codes that you have now stop working.",
            "You see the new ones only once: have a printer or paper ready.",
        )
        return ask_first("Make 10 new recovery codes?", lost, "Make them", url_for("account.account_page"))
    codes = renew_recovery_codes(the_door(), signed_in())
    note("renewed the recovery codes")
    return render_template("office/recovery_codes.html", codes=codes, enrolled=False)


def _proofs() -> dict[str, object]:
    has_password, passkeys, left = own_proofs(the_door(), signed_in())
    sessions = own_sessions(the_door(), signed_in())
    return {"has_password": has_password, "passkeys": passkeys, "left": left, "sessions": sessions}
