"""The result of reading a roll: member practices in a fixed order, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from ballot.record.commitments import commit_name


@dataclass(frozen=True, slots=True)
class Member:
    """A practice and the one CCG it is a member of. Its ODS code `practice` alone identifies it.

    `list_size` is None if no list is known and 0 if the list is known to be empty: it is a member either way. `line` is
    the line in the file and not part of its identity. `locality` is None if the CCG's rule needs none.
    """

    ccg: str
    practice: str
    name: str
    list_size: int | None
    representative: str | None = None
    email: str | None = None
    line: int = field(default=0, compare=False)
    locality: str | None = None
    notify: tuple[str, ...] = ()
    """Further addresses for the notice that the practice has voted, as the practice registered them."""
    salt: bytes | None = field(default=None, repr=False)
    """Of a person, for the commitment to their name; None for an organisation."""

    @property
    def public_name(self) -> str:
        """The name in the record: of a person, the commitment to it."""
        return self.name if self.salt is None else commit_name(self.salt, self.name)


class Holds(Enum):
    """What a file contains about its practices."""

    ROLL = "roll"
    LIST_SIZES = "list-sizes"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a roll was read from: its name without folders, the SHA-256 of its original bytes, compressed
    or not, and the day of its list sizes if it gives one.
    """

    file: str
    sha256: str
    holds: Holds
    snapshot: date | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """Members ordered by `ccgs`, then by practice code, whatever the order in the file.

    `notes` are sentences for the importer: what was ignored, removed, left out or odd. `snapshot` is the day of the
    list sizes, if the files give it. `sources` are the files by hash.
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
    """Order by the given CCGs, then by practice code as text."""
    place = {ccg: index for index, ccg in enumerate(ccgs)}
    return tuple(sorted(members, key=lambda member: (place[member.ccg], member.practice)))
