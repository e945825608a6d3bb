"""The files of a sealed programme that the terms name by hash, and the public keys: as the record has them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots
from ballot.db.programmes import ProgrammeRow
from ballot.office.sealed import read_keys
from ballot.record.keys import Role


def sealed_files(session: Session, programme: ProgrammeRow) -> dict[str, bytes]:
    """By the name that each has in the record; empty before sealing."""
    if programme.terms is None:
        return {}
    keys = read_keys(programme.keys)
    return {
        "programme.toml": programme.toml,
        "roll.csv": programme.roll,
        **{f"constitutions/{row.ccg}.toml": row.constitution for row in list_ballots(session, programme.id)},
        **{f"keys/{role.value}.pub": keys[role].to_pem() for role in Role},
    }
