"""One-time enrolment, and recovery, for people who cannot sign in yet or any more."""

from __future__ import annotations

import segno
from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ballot.office.errors import Refusal, Refused
from ballot.office.staff import totp
from ballot.office.staff.enrol import enrol_with_password, find_enrolment
from ballot.office.staff.passkeys import ask_to_enrol, enrol_with_passkey
from ballot.office.staff.sign_in import recover
from ballot.web.access import AccessRule, allow
from ballot.web.office.forms import EnrolmentCode, NewPassword, Passkey, Recover
from ballot.web.office.session import let_in, the_door, the_place
from ballot.web.office.sign_in import asked_again, note

enrolment = Blueprint("enrolment", __name__)


@enrolment.route("/office/enrol", methods=["GET", "POST"])
@allow(AccessRule.FORM)
def enrol_page() -> ResponseReturnValue:
    """Ask for the code, then for a way to sign in."""
    form = EnrolmentCode()
    if not form.validate_on_submit():
        return render_template("office/enrol.html", form=form), 400 if form.errors else 200
    return _choice(form.code.data or "", NewPassword(formdata=None), 200)


@enrolment.post("/office/enrol/password")
@allow(AccessRule.FORM)
def enrol_by_password() -> ResponseReturnValue:
    """Enrol with a password and an app."""
    form = NewPassword()
    code = form.enrolment.data or ""
    if not form.validate():
        return _choice(code, form, 400)
    try:
        codes = enrol_with_password(the_door(), code, form.password.data or "", form.code.data or "")
    except Refused as refusal:
        if refusal.reason is Refusal.ENROLMENT_INVALID:
            return _no_such_code(refusal)
        field = form.password if refusal.reason is Refusal.PASSWORD_WEAK else form.code
        field.errors = [refusal.sentence.removesuffix(".")]
        return _choice(code, form, 400)
    return _recovery_codes(codes)


@enrolment.post("/office/enrol/passkey")
@allow(AccessRule.FORM)
def enrol_by_passkey() -> ResponseReturnValue:
    """Enrol with a passkey."""
    form = Passkey()
    code = form.enrolment.data or ""
    try:
        codes = enrol_with_passkey(the_door(), the_place(), code, form.credential.data or "")
    except Refused as refusal:
        if refusal.reason is Refusal.ENROLMENT_INVALID:
            return _no_such_code(refusal)
        again = NewPassword(formdata=None)
        again.form_errors.append("The passkey did not work. Try again, or choose a password")
        return _choice(code, again, 400)
    return _recovery_codes(codes)


@enrolment.route("/office/recover", methods=["GET", "POST"])
@allow(AccessRule.FORM)
def recover_page() -> ResponseReturnValue:
    """Sign in with a recovery code, and go on to add a new way to sign in."""
    form = Recover()
    if form.validate_on_submit():
        try:
            id = recover(the_door(), form.login.data or "", form.password.data or "", form.code.data or "")
        except Refused as refusal:
            return asked_again("office/recover.html", form, refusal)
        note("signed in with a recovery code", id)
        return let_in(redirect(url_for("account.account_page"), 303), id)
    return render_template("office/recover.html", form=form), 400 if form.errors else 200


def _choice(code: str, form: NewPassword, status: int) -> ResponseReturnValue:
    try:
        found = find_enrolment(the_door(), code)
        options = ask_to_enrol(the_door(), the_place(), code)
    except Refused as refusal:
        return _no_such_code(refusal)
    form.enrolment.data = code
    passkey = Passkey(formdata=None)
    passkey.enrolment.data = code
    drawn = segno.make(totp.otpauth_uri(found.app, found.login)).svg_inline(scale=4, svgclass=None, lineclass=None)
    return (
        render_template(
            "office/choose.html",
            form=form,
            passkey=passkey,
            name=found.name,
            login=found.login,
            key=totp.typeable(found.app),
            qr=Markup(drawn),  # noqa: S704  (segno's own drawing; it holds no text of anybody's)
            options=options,
        ),
        status,
    )


def _no_such_code(refusal: Refused) -> ResponseReturnValue:
    return asked_again("office/enrol.html", EnrolmentCode(formdata=None), refusal)


def _recovery_codes(codes: list[str]) -> str:
    note("enrolled")
    return render_template("office/recovery_codes.html", codes=codes, enrolled=True)
