"""What a person typed into a form that could not be taken: the session was over, or they had to prove who they are.

It is kept for an hour, one form for an account, sealed with the storage key, and only that account gets it back. The
caller leaves out passphrases. docs/adr/0029-kept-forms.md says why it is kept here and not in the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ballot.db.session import reading, transaction
from ballot.db.sessions import KeptFormRow, delete_kept_forms, find_session
from ballot.office.staff.sessions import KEPT, Door, Staff, session_hash
from ballot.protocol.canonical import parse_json, write_json

LARGEST = 200_000
"""The most bytes that are kept. A form with more is not kept."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The address of a form, and its fields."""

    path: str
    values: tuple[tuple[str, str], ...] = field(repr=False)


def keep_form(door: Door, session_id: str, path: str, values: Sequence[tuple[str, str]]) -> bool:
    """Keep a form for the account of this session, over or not. Returns False if there is none, or the form is too big.

    A session that its owner ended keeps nothing, and neither does a disabled account.
    """
    with transaction(door.engine) as session:
        now, found = door.clock(), find_session(session, session_hash(session_id))
        if found is None or found[1].disabled_at is not None:
            return False
        account_id = found[1].id
        data = write_json({"account": account_id, "path": path, "values": [[name, value] for name, value in values]})
        if len(data) > LARGEST:
            return False
        delete_kept_forms(session, now - KEPT, account_id)
        session.add(KeptFormRow(account_id=account_id, body=door.storage.seal(data), kept_at=now))
        return True


def read_kept_form(door: Door, staff: Staff) -> KeptForm | None:
    """The form that is kept for this person; None if there is none, or none any more."""
    with reading(door.engine) as session:
        row = session.get(KeptFormRow, staff.id)
        if row is None or door.clock() - row.kept_at >= KEPT:
            return None
        kept = parse_json(door.storage.open(row.body, "a kept form"))
    if kept["account"] != staff.id:  # a row moved by someone who can write to the table
        return None
    return KeptForm(kept["path"], tuple((name, value) for name, value in kept["values"]))
