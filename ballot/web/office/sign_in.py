"""Sign in, prove identity again, sign out: with a password or with a passkey. Pages only; `office.staff` decides."""

from __future__ import annotations

import logging

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.office.errors import Refusal, Refused
from ballot.office.staff.kept_forms import read_kept_form
from ballot.office.staff.passkeys import PasskeyPurpose, ask_to_sign, prove_with_passkey, sign_in_with_passkey
from ballot.office.staff.roles import EVERY_ROLE
from ballot.office.staff.sessions import find_staff, sign_out, sign_out_everywhere
from ballot.office.staff.sign_in import prove_with_password, sign_in
from ballot.web.access import AccessRule, allow
from ballot.web.errors import sentence
from ballot.web.forms import Form
from ballot.web.office.forms import Confirm, Passkey, SignIn
from ballot.web.office.session import found_staff, go_on, let_in, let_out, signed_in, the_door, the_place, way_back

log = logging.getLogger("ballot.staff")

door = Blueprint("sign_in", __name__)

STATUS = {Refusal.SIGN_IN_FAILED: 403, Refusal.CODE_USED: 403, Refusal.TRY_LATER: 429, Refusal.ENROLMENT_INVALID: 403}


@door.route("/office/sign-in", methods=["GET", "POST"])
@allow(AccessRule.FORM)
def sign_in_page() -> ResponseReturnValue:
    """Ask for e-mail address, password and code at once."""
    form = SignIn()
    back = way_back(request.args.get("next"))
    if form.validate_on_submit():
        try:
            id = sign_in(the_door(), form.login.data or "", form.password.data or "", form.code.data or "")
        except Refused as refusal:
            return asked_again("office/sign_in.html", form, refusal, back=back)
        note("signed in with a password", id)
        return let_in(redirect(back, 303), id)
    return render_template("office/sign_in.html", form=form, back=back), 400 if form.errors else 200


@door.route("/office/confirm", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *EVERY_ROLE)
def confirm_page() -> ResponseReturnValue:
    """Ask the person signed in to prove their identity again, and go on."""
    form = Confirm()
    back = way_back(request.args.get("next"))
    if form.validate_on_submit():
        try:
            id = prove_with_password(the_door(), signed_in(), form.password.data or "", form.code.data or "")
        except Refused as refusal:
            return asked_again("office/confirm.html", form, refusal, back=back)
        note("proved again with a password")
        return go_on(redirect(back, 303), id)
    return render_template("office/confirm.html", form=form, back=back), 400 if form.errors else 200


@door.get("/office/kept")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def kept_page() -> ResponseReturnValue:
    """What this person typed before they had to sign in or prove who they are, with a button that sends it again."""
    kept = read_kept_form(the_door(), signed_in())
    if kept is None:
        return redirect(url_for("office.front"), 303)
    return render_template("office/kept.html", kept=kept)


@door.post("/office/sign-out")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def sign_out_here() -> ResponseReturnValue:
    """End this session."""
    sign_out(the_door(), signed_in())
    return let_out(redirect(url_for("sign_in.sign_in_page"), 303))


@door.post("/office/sign-out-everywhere")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def sign_out_of_all() -> ResponseReturnValue:
    """End every session of this person."""
    sign_out_everywhere(the_door(), signed_in())
    return let_out(redirect(url_for("sign_in.sign_in_page"), 303))


def note(what: str, id: str | None = None) -> None:
    """One line in the log: the account's number, if known, and what happened; no name, and no secret.

    `id` is the id of a session that has just begun.
    """
    staff = find_staff(the_door(), id) if id else found_staff()
    log.info("account %s: %s", staff.id if staff else "unknown", what)


def asked_again(template: str, form: Form, refusal: Refused, **said: object) -> ResponseReturnValue:
    """The page again, with one error for the whole form: it does not say which field was wrong.

    Only a used code is named at its field, since everything else was right.
    """
    note(f"refused: {refusal.reason.value}")
    if refusal.reason is Refusal.CODE_USED:
        form["code"].errors = [refusal.sentence.removesuffix(".")]
    else:
        form.form_errors.append(sentence(refusal.reason.value))
    return render_template(template, form=form, **said), STATUS.get(refusal.reason, 400)


by_passkey = Blueprint("by_passkey", __name__)


@by_passkey.post("/office/sign-in/passkey")
@allow(AccessRule.FORM)
def ask_at_the_door() -> ResponseReturnValue:
    """Ask for any passkey of this site."""
    options = ask_to_sign(the_door(), the_place(), PasskeyPurpose.SIGN_IN)
    return _page("by_passkey.let_in_by_passkey", options)


@by_passkey.post("/office/sign-in/passkey/answer")
@allow(AccessRule.FORM)
def let_in_by_passkey() -> ResponseReturnValue:
    """Sign in the owner of the passkey that signed."""
    back = way_back(request.args.get("next"))
    try:
        id = sign_in_with_passkey(the_door(), the_place(), Passkey().credential.data or "")
    except Refused as refusal:
        return asked_again("office/sign_in.html", SignIn(formdata=None), refusal, back=back)
    note("signed in with a passkey", id)
    return let_in(redirect(back, 303), id)


@by_passkey.post("/office/confirm/passkey")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def ask_again() -> ResponseReturnValue:
    """Ask for a passkey of the person signed in."""
    options = ask_to_sign(the_door(), the_place(), PasskeyPurpose.PROVE, signed_in().id)
    return _page("by_passkey.confirm_by_passkey", options)


@by_passkey.post("/office/confirm/passkey/answer")
@allow(AccessRule.STAFF, *EVERY_ROLE)
def confirm_by_passkey() -> ResponseReturnValue:
    """Go on with the act that needed the proof."""
    back = way_back(request.args.get("next"))
    try:
        id = prove_with_passkey(the_door(), the_place(), signed_in(), Passkey().credential.data or "")
    except Refused as refusal:
        return asked_again("office/confirm.html", Confirm(formdata=None), refusal, back=back)
    note("proved again with a passkey")
    return go_on(redirect(back, 303), id)


def _page(answer: str, options: str) -> str:
    action = url_for(answer, next=way_back(request.args.get("next")))
    return render_template("office/passkey.html", form=Passkey(formdata=None), action=action, options=options)
