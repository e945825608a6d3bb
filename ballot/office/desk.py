"""What every act is handed: where the tables are, what time it is, where randomness comes from, the board's key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ballot.office.errors import Refusal, Refused
from ballot.protocol.group import Rng
from ballot.record.keys import SigningKey
from ballot.record.programme_events import ReasonCode

Clock = Callable[[], datetime]
"""Answers an aware time. In service `lambda: datetime.now(UTC)`; read once in each transaction, under its lock."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The surroundings of an act. `rng` is `secrets.randbelow` in service."""

    engine: Engine
    clock: Clock
    rng: Rng
    board: SigningKey
    account: str | None = None
    """Who is signed in, on the pages of the office; the activity log names them beside the role of their key."""


LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Why:
    """The reason two people give: a code for the public, and free text that stays in the private log."""

    code: ReasonCode
    note: str | None = None


def check_note(why: Why | None) -> None:
    """Raise Refused for a note that could not be shown whole, line by line."""
    note = None if why is None else why.note
    if note is not None and not (0 < len(note) <= LONGEST_NOTE and note.isprintable()):
        sentence = f"The note must be one line of at most {LONGEST_NOTE} characters that can be printed."
        raise Refused(Refusal.NOTE_UNFIT, sentence)
