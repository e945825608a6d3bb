"""What every act is given: the database, the clock, the random numbers and the board's key."""

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
"""Returns an aware time. In service `lambda: datetime.now(UTC)`. Each transaction reads it once, under its lock."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The surroundings of an act. In service, `rng` is `secrets.randbelow`."""

    engine: Engine
    clock: Clock
    rng: Rng
    board: SigningKey
    account: str | None = None
    """Who is signed in on the office's pages. The activity log names them, as well as the role of their key."""


LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Why:
    """The reason that two people give: a public code, and free text that stays in the private log."""

    code: ReasonCode
    note: str | None = None


def check_note(why: Why | None) -> None:
    """Raise Refused for a note that cannot be shown in full, line by line."""
    note = None if why is None else why.note
    if note is not None and not (0 < len(note) <= LONGEST_NOTE and note.isprintable()):
        sentence = f"The note must be one line of at most {LONGEST_NOTE} characters that can be printed."
        raise Refused(Refusal.NOTE_UNFIT, sentence)
