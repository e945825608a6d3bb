"""Choose an uploaded roll: every problem by its line, and the changes from the roll now in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ballot.constitution.errors import ConstitutionError
from ballot.office.errors import Refusal, Refused
from ballot.office.setup.draft import LISTS, ROLL, UPLOADED, Draft, ProgrammeFiles, read_folder, roll_notes
from ballot.office.setup.parts import read_roll
from ballot.roll.member import Member, Roll
from ballot.roll.problems import InvalidRoll, Problem, counted


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


NEW_ROLL, NEW_LISTS = f"{UPLOADED}/{ROLL}", f"{UPLOADED}/{LISTS}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an uploaded roll contains. `roll` is None if it cannot be used; `problems` or `fault` then say why."""

    roll: Roll | None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    total: int = 0
    fault: str = ""
    comparison: RollComparison | None = None
    """The differences from the roll in use. None if there is none that can be read."""


def upload_roll(draft: Draft, roll: bytes, lists: bytes | None, now: datetime) -> None:
    """Store an uploaded roll for review. The roll in use stays."""
    draft.keep(NEW_ROLL, roll, now)
    if lists is None:
        draft.drop(NEW_LISTS, now)
    else:
        draft.keep(NEW_LISTS, lists, now)


def preview_roll(draft: Draft) -> Preview | None:
    """The uploaded roll, read as it would be when chosen. None if there is none."""
    if draft.read(NEW_ROLL) is None:
        return None
    try:
        files = read_folder(draft.folder)
    except (Refused, ConstitutionError):
        fault = "It can be read once the CCGs and their constitutions are complete: these say what a roll must hold."
        return Preview(None, fault=fault)
    try:
        roll = read_roll(draft, files, NEW_ROLL, NEW_LISTS)
    except InvalidRoll as fault:
        return Preview(None, problems=fault.problems, total=fault.total)
    except Refused as refusal:
        return Preview(None, fault=refusal.sentence)
    assert roll is not None
    before = _in_use(draft, files)
    return Preview(roll, roll_notes(files, roll), comparison=None if before is None else compare_rolls(before, roll))


def choose_roll(draft: Draft, now: datetime) -> None:
    """Use the uploaded roll from now on. Raises Refused if it cannot be used."""
    preview = preview_roll(draft)
    if preview is None or preview.roll is None:
        raise Refused(Refusal.ROLL_DIFFERS, "There is no uploaded roll that can be used.")
    for new, name in ((NEW_LISTS, LISTS), (NEW_ROLL, ROLL)):
        data = draft.read(new)
        if data is None:
            draft.drop(name, now)
        else:
            draft.keep(name, data, now)
        draft.drop(new, now)


def _in_use(draft: Draft, files: ProgrammeFiles) -> Roll | None:
    try:
        return read_roll(draft, files)
    except (InvalidRoll, Refused):
        return None
