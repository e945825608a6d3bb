"""What comes out of this room: member practices, in one order, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum


@dataclass(frozen=True, slots=True)
class Member:
    """A practice and the one CCG it is a member of. `practice` is its ODS code, the only thing that identifies it.

    `list_size` is None where no list is known and 0 where the list is known to be empty: neither makes it less of a
    member. `line` is where the file names it, and no part of its identity. `locality` is None where the CCG's rule has
    none.
    """

    ccg: str
    practice: str
    name: str
    list_size: int | None
    representative: str | None = None
    email: str | None = None
    line: int = field(default=0, compare=False)
    locality: str | None = None


class Holds(Enum):
    """What a file says of its practices."""

    ROLL = "roll"
    LIST_SIZES = "list-sizes"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a roll was read from: its name without folders, the SHA-256 of its bytes as they came, compressed
    or not, and the day of its list sizes, where it says it.
    """

    file: str
    sha256: str
    holds: Holds
    snapshot: date | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """Members in the order of `ccgs`, then of practice code, whatever the order of the file.

    `notes` are sentences for the person who imports it: what was ignored, removed, left out or odd.
    `snapshot` is the day of the list sizes, where the files say it. `sources` are the files themselves, by hash.
    """

    ccgs: tuple[str, ...]
    members: tuple[Member, ...]
    notes: tuple[str, ...] = ()
    file: str = ""
    snapshot: date | None = None
    sources: tuple[SourceFile, ...] = ()

    def of(self, ccg: str) -> tuple[Member, ...]:
        """The members of one CCG. Raises: ValueError, for a CCG this roll was not made for."""
        if ccg not in self.ccgs:
            raise ValueError(f"this roll is not of {ccg!r} but of {', '.join(self.ccgs)}")
        return tuple(member for member in self.members if member.ccg == ccg)


def ordered(members: Iterable[Member], ccgs: Sequence[str]) -> tuple[Member, ...]:
    """CCGs as given, then practice codes as text."""
    place = {ccg: index for index, ccg in enumerate(ccgs)}
    return tuple(sorted(members, key=lambda member: (place[member.ccg], member.practice)))
