"""How far a programme has come on its way to being sealed. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.tokens import token_lines


@dataclass(frozen=True, slots=True)
class Steps:
    """What is done."""

    prepared: bool = False
    backup_tried: bool = False
    issued: bool = False
    sealed: bool = False


def how_far(engine: Engine, programme_id: str) -> Steps:
    """The steps that the database knows of; none of them for a programme that is files alone."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            return Steps()
        issued = bool(token_lines(session, programme_id))
        return Steps(True, row.backup_restored_at is not None, issued, row.fingerprint is not None)
