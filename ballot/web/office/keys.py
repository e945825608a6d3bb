"""Signing keys on the pages of the office: opened by a passphrase that is typed, for one act, and forgotten with it.

A passphrase comes in the body of a POST and goes into the opening of a key, and nowhere else: no session, no log, no
page holds it. A page that asks for one shows an empty field again, whatever was wrong. The activity log is told which
key did not open, and for whom: somebody may be trying passphrases in a browser that was left signed in.
"""

from __future__ import annotations

import secrets

from wtforms.validators import InputRequired, Length

from ballot.db.session import transaction
from ballot.office.activity import KeyRefusedOnPage, Who, note_act
from ballot.office.desk import Desk
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import VAULT, open_signing_key, open_vault_key
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
    """A key of this installation; None where it does not open, which is then said at the field."""
    try:
        return open_signing_key(surroundings().config.keys, role, field.data or "")
    except KeyRefused as refusal:
        _note_refused(role.value)
        field.errors = [refusal.sentence]
        return None


def open_the_vault(field: PasswordField) -> dict[str, VaultEntry] | None:
    """The private credentials; None where the vault does not open, which is then said at the field."""
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
    """What an act is handed that a person of the office does."""
    here = surroundings()
    return Desk(here.engine, here.clock, secrets.randbelow, here.board, signed_in().login)


def who() -> Who:
    """Who asks, for the activity log."""
    staff = signed_in()
    return Who(staff.login, acting_for=staff.role.value)
