"""Signing keys on the office's pages: a typed passphrase opens a key for one act, and is then forgotten.

A passphrase comes in the body of a POST and only opens a key: no session, log or page keeps it. A page shows an empty
field again after any error. The activity log records which key did not open, and for whom: someone may be trying
passphrases in a browser that was left signed in.
"""

from __future__ import annotations

import secrets

from wtforms.validators import InputRequired, Length

from ballot.db.session import transaction
from ballot.office.activity import KeyRefusedOnPage, Who, note_act
from ballot.office.desk import Desk
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import VAULT, keys_held, open_signing_key, open_vault_key
from ballot.registrar.vault import VaultEntry, open_vault
from ballot.web.forms import PasswordField
from ballot.web.office.session import signed_in
from ballot.web.stage import surroundings


def passphrase_field(of: str, why: str) -> PasswordField:
    """Asks for the passphrase of a key."""
    asked = [
        InputRequired("Enter the passphrase"),
        Length(max=1000, message="The passphrase must be 1,000 characters or fewer"),
    ]
    return PasswordField(f"Passphrase of {of}", asked, description=why)


def open_key(role: Role, field: PasswordField) -> SigningKey | None:
    """A key of this installation; None if it does not open, with an error at the field."""
    folder = surroundings().config.keys
    if role not in keys_held(folder):
        field.errors = ["This key is not on this server: its holder uses a command on a machine of their own"]
        return None
    try:
        return open_signing_key(folder, role, field.data or "")
    except KeyRefused as refusal:
        _note_refused(role.value)
        field.errors = [refusal.sentence]
        return None


def open_the_vault(field: PasswordField) -> dict[str, VaultEntry] | None:
    """The private credentials; None if the vault does not open, with an error at the field."""
    config = surroundings().config
    try:
        return open_vault(config.instance / "registrar.vault", open_vault_key(config.keys, field.data or ""))
    except KeyRefused as refusal:
        _note_refused(VAULT)
        field.errors = [refusal.sentence]
        return None


def _note_refused(key: str) -> None:
    here = surroundings()
    with transaction(here.engine) as session:
        note_act(session, here.clock(), who(), KeyRefusedOnPage(key))


def the_desk() -> Desk:
    """The desk for an act by a person of the office."""
    here = surroundings()
    return Desk(here.engine, here.clock, secrets.randbelow, here.board, signed_in().login)


def who() -> Who:
    """The actor for the activity log."""
    staff = signed_in()
    return Who(staff.login, acting_for=staff.role.value)
