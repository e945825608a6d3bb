"""What every act of signing in is handed: the tables, the time, randomness, the storage key, password hashing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from ballot.office.desk import Clock
from ballot.office.staff.passwords import Passwords
from ballot.registrar.keyring import StorageKey

Draw = Callable[[int], bytes]
"""So many random bytes; `secrets.token_bytes` in service."""


@dataclass(frozen=True, slots=True)
class Door:
    """The surroundings of an act."""

    engine: Engine
    clock: Clock
    draw: Draw
    storage: StorageKey
    passwords: Passwords
