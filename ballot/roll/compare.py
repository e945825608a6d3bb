"""Two rolls of a programme compared: what a new upload would change."""

from __future__ import annotations

from dataclasses import dataclass

from ballot.roll.member import Member, Roll
from ballot.roll.problems import counted


@dataclass(frozen=True, slots=True)
class Change:
    """A practice that is on both rolls, before and after."""

    before: Member
    after: Member


@dataclass(frozen=True, slots=True)
class RollComparison:
    """Every difference, each list by CCG and practice code. A practice that moved to another CCG is in `moved` only."""

    joined: tuple[Member, ...]
    left: tuple[Member, ...]
    moved: tuple[Change, ...]
    list_size: tuple[Change, ...]
    email: tuple[Change, ...]
    representative: tuple[Change, ...]
    name: tuple[Change, ...]
    locality: tuple[Change, ...]

    @property
    def is_same(self) -> bool:
        return not any(getattr(self, part) for part in _PARTS)

    def counts(self) -> list[tuple[str, int]]:
        """The kinds of difference, in words, each with its number."""
        return [(words, len(getattr(self, part))) for part, words in _PARTS.items()]

    def sentences(self) -> list[str]:
        """One sentence for each kind of difference. E-mail addresses and names of people are left out."""
        if self.is_same:
            return ["The two rolls are the same."]
        return [
            f"{counted(number, 'practice')} {words}: {', '.join(self._codes(part))}."
            for (part, words) in _PARTS.items()
            if (number := len(getattr(self, part)))
        ]

    def _codes(self, part: str) -> list[str]:
        found: tuple[Member | Change, ...] = getattr(self, part)
        members = [entry if isinstance(entry, Member) else entry.after for entry in found]
        if part == "list_size":
            return [f"{c.after.practice} {_size(c.before)} to {_size(c.after)}" for c in self.list_size]
        if part == "moved":
            return [f"{c.after.practice} {c.before.ccg} to {c.after.ccg}" for c in self.moved]
        return [f"{member.practice} ({member.ccg})" for member in members]


_PARTS = {
    "joined": "joined",
    "left": "left",
    "moved": "moved to another CCG",
    "list_size": "with another list size",
    "email": "with another e-mail address",
    "representative": "with another representative",
    "name": "with another name",
    "locality": "in another locality",
}


def compare_rolls(before: Roll, after: Roll) -> RollComparison:
    """Compare two rolls."""
    old = {member.practice: member for member in before.members}
    new = {member.practice: member for member in after.members}
    both = [Change(old[member.practice], member) for member in after.members if member.practice in old]
    stayed = [change for change in both if change.before.ccg == change.after.ccg]

    def differing(key: str) -> tuple[Change, ...]:
        return tuple(change for change in stayed if getattr(change.before, key) != getattr(change.after, key))

    return RollComparison(
        joined=tuple(member for member in after.members if member.practice not in old),
        left=tuple(member for member in before.members if member.practice not in new),
        moved=tuple(change for change in both if change.before.ccg != change.after.ccg),
        list_size=differing("list_size"),
        email=differing("email"),
        representative=differing("representative"),
        name=differing("name"),
        locality=differing("locality"),
    )


def _size(member: Member) -> str:
    return "no list" if member.list_size is None else str(member.list_size)
