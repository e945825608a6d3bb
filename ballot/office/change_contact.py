"""Another representative or e-mail address for a practice after sealing: two people, and the older link stops working.

Redirecting a voting link is the attack that matters most. So both addresses are told, the old one too; the live token
is superseded by a new one for the same credential in the same transaction; and the record shows that a contact changed,
without saying whose, or to what. Weight and membership never change.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.db.session import transaction
from ballot.office.chronicle import check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.membership import succeed_token, voting_practice
from ballot.office.queueing import queue_contact_changed, queue_reissued
from ballot.office.sealed import read_keys
from ballot.office.signing import Signers
from ballot.record.keys import Role, SigningKey
from ballot.record.programme_events import Move
from ballot.roll.addresses import why_no_address

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """How to reach a practice from now on. Private; not shown."""

    representative: str | None
    email: str


def change_contact(
    desk: Desk,
    programme_id: str,
    ccg: str,
    practice: str,
    contact: Contact,
    signers: Signers,
    registrar: SigningKey | None,
    why: Why | None,
) -> None:
    """Change it, replace the token, tell both addresses; raises Refused.

    Needs the registrar's key too, which signs the new token: None is a registrar that nobody unlocked.
    """
    why = check_reason(signers, why)
    check_contact(contact)
    if registrar is None:
        raise Refused(Refusal.REGISTRAR_LOCKED, "A changed contact needs a new token, and so the registrar's key.")
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        if registrar.public != read_keys(chronicle.programme.keys)[Role.REGISTRAR]:
            raise Refused(Refusal.FOREIGN_KEY, "This is not the key of the programme's registrar.")
        ballot, member = voting_practice(chronicle, ccg, practice)
        check_changes(member.representative, member.email, contact)
        before = member.email
        old, new = succeed_token(chronicle, ballot, member, registrar)
        member.representative, member.email = contact.representative, contact.email
        session.flush()
        queue_contact_changed(session, chronicle.programme, member, before, new.serial, chronicle.now)
        queue_reissued(session, chronicle.programme, member, new.serial, chronicle.now)
        chronicle.move(ballot, Move.CONTACT_CHANGED, {"token": new.hash, "replaces": old.hash}, signers, why)


def check_contact(contact: Contact) -> None:
    """Raise Refused unless it is a name of one line, or none, and one address; does not repeat them."""
    if fault := why_no_address(contact.email):
        raise Refused(Refusal.NO_ADDRESS, f"The e-mail address {fault}.")
    name = contact.representative
    if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()):
        raise Refused(Refusal.NO_ADDRESS, f"The name must be one line of at most {_LONGEST_NAME} characters.")


def check_changes(representative: str | None, email: str | None, contact: Contact) -> None:
    """Raise Refused where the contact is the one there is."""
    if (representative, email) == (contact.representative, contact.email):
        raise Refused(Refusal.NOTHING_CHANGES, "The practice has this contact already.")
