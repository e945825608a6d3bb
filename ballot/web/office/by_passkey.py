"""Signing in, and proving it again, with a passkey: one page that asks, one answer that is sent by our script."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.office.errors import Refused
from ballot.office.staff.passkeys import Purpose, ask_to_sign
from ballot.office.staff.roles import EVERY_ROLE
from ballot.office.staff.sign_in_passkey import prove_with_passkey, sign_in_with_passkey
from ballot.web.access import Rule, allow
from ballot.web.office.forms import Confirm, Passkey, SignIn
from ballot.web.office.session import go_on, let_in, signed_in, the_door, the_place, way_back
from ballot.web.office.sign_in import asked_again, note

by_passkey = Blueprint("by_passkey", __name__)


@by_passkey.post("/office/sign-in/passkey")
@allow(Rule.FORM)
def ask_at_the_door() -> ResponseReturnValue:
    """Ask for any passkey of this place."""
    options = ask_to_sign(the_door(), the_place(), Purpose.SIGN_IN)
    return _page("by_passkey.let_in_by_passkey", options)


@by_passkey.post("/office/sign-in/passkey/answer")
@allow(Rule.FORM)
def let_in_by_passkey() -> ResponseReturnValue:
    """Let in whoever's passkey signed."""
    back = way_back(request.args.get("next"))
    try:
        id = sign_in_with_passkey(the_door(), the_place(), Passkey().credential.data or "")
    except Refused as refusal:
        return asked_again("office/sign_in.html", SignIn(formdata=None), refusal, back=back)
    note("signed in with a passkey", id)
    return let_in(redirect(back, 303), id)


@by_passkey.post("/office/confirm/passkey")
@allow(Rule.STAFF, *EVERY_ROLE)
def ask_again() -> ResponseReturnValue:
    """Ask for a passkey of who is signed in."""
    options = ask_to_sign(the_door(), the_place(), Purpose.PROVE, signed_in().id)
    return _page("by_passkey.confirm_by_passkey", options)


@by_passkey.post("/office/confirm/passkey/answer")
@allow(Rule.STAFF, *EVERY_ROLE)
def confirm_by_passkey() -> ResponseReturnValue:
    """Go on with what needed the proof."""
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
