"""The signing key of an officer or the scrutineer: where it is, and how to make one in its owner's own browser.

A signature made in the browser is all that the server gets of such a key. `held` says whether the server holds the key
of a role for a ballot. The terms publish that, so a page never opens a key that they say is not here.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from ballot.db.programmes import ProgrammeRow
from ballot.db.session import transaction
from ballot.office.activity import KeyAdded, note_act
from ballot.office.sealed import read_keys
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.protocol.errors import InvalidMessage
from ballot.record.keys import PublicKey, Role, RoleSignature, parse_base64
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import (
    SCRUTINEER,
    add_public_key,
    add_scrutineer_key,
    has_passphrase,
    keys_held,
    read_public_key,
    read_scrutineer_key,
)
from ballot.registrar.trustee_key import SHORTEST
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form
from ballot.web.office.keys import who
from ballot.web.office.session import signed_in
from ballot.web.stage import surroundings

own_key = Blueprint("own_key", __name__)


class MakingKey(Form):
    """The public half, which our script fills in."""

    key = HiddenField()


@own_key.route("/office/key", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS, StaffRole.REGISTRAR, StaffRole.SCRUTINEER, recent=True)
def page() -> ResponseReturnValue:
    """Where one's own key is; and, if there is none yet, make it here."""
    form, role, folder = MakingKey(), signed_in().role.value, surroundings().config.keys
    if form.validate_on_submit() and role != Role.REGISTRAR.value:
        try:
            key = PublicKey.from_hex(form.key.data)
            if role == SCRUTINEER:
                add_scrutineer_key(folder, key)
            else:
                add_public_key(folder, Role(role), key)
            _note(KeyAdded(role, key.fingerprint))
            return redirect(url_for(".page"), 303)
        except InvalidMessage:
            form.form_errors.append("The page did not make a key. Load it again")
        except KeyRefused:
            form.form_errors.append("There is a key of this role already")
    here = role in {held.value for held in keys_held(folder)}
    said = {
        "here": here,
        "own_fingerprint": _fingerprint(role),
        "bare": here and not has_passphrase(folder, role),
    }
    page = render_template("office/own_key.html", form=form, role=role, shortest=SHORTEST, **said)
    return page, 400 if form.errors else 200


def is_held(row: ProgrammeRow, role: Role) -> bool:
    """Whether the server holds this role's key for the ballot, as the ballot's terms say."""
    return role.value in row.keys_held.split() and role in keys_held(surroundings().config.keys)


def signature_of(row: ProgrammeRow, role: Role, written: str) -> RoleSignature:
    """The signature that an officer's browser made. Raises InvalidRecord if it is no signature at all."""
    return RoleSignature(role, read_keys(row.keys)[role].fingerprint, parse_base64(written, 64))


def public_hex(row: ProgrammeRow, role: Role) -> str:
    """The public key of a role for a ballot, with which the page's script compares the key that it opened."""
    return read_keys(row.keys)[role].raw.hex()


def _fingerprint(role: str) -> str | None:
    folder = surroundings().config.keys
    try:
        key = read_scrutineer_key(folder) if role == SCRUTINEER else read_public_key(folder, Role(role))
        return None if key is None else key.fingerprint
    except KeyRefused:
        return None


def _note(what: KeyAdded) -> None:
    here = surroundings()
    with transaction(here.engine) as session:
        note_act(session, here.clock(), who(), what)
