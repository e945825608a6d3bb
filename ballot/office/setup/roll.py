"""Choose an uploaded roll: every problem by its line, and the changes from the roll now in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ballot.office.errors import Refusal, Refused
from ballot.office.setup.draft import LISTS, PARTNERS, ROLL, UPLOADED, Draft, ProgrammeFiles, read_folder, roll_notes
from ballot.office.setup.parts import read_roll, unfinished
from ballot.roll.compare import RollComparison, compare_rolls
from ballot.roll.member import Roll
from ballot.roll.persons import draw_codes, is_drawn, known_persons
from ballot.roll.problems import InvalidRoll, Problem

NEW_ROLL, NEW_LISTS, NEW_PARTNERS = (f"{UPLOADED}/{name}" for name in (ROLL, LISTS, PARTNERS))


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


def upload_roll(draft: Draft, roll: bytes, lists: bytes | None, now: datetime, partners: bytes | None = None) -> None:
    """Store an uploaded roll for review. The roll in use stays. Persons in a list get their codes now."""
    draft.keep(NEW_ROLL, _with_codes(draft, roll), now)
    for name, data in ((NEW_LISTS, lists), (NEW_PARTNERS, partners)):
        if data is None:
            draft.drop(name, now)
        else:
            draft.keep(name, data, now)


def _with_codes(draft: Draft, roll: bytes) -> bytes:
    """The roll as it is to be stored. A list of persons that cannot be read is stored as it is, for its problems."""
    try:
        return _draw(draft, roll) if draft.codes().persons else roll
    except InvalidRoll:
        return roll


def _draw(draft: Draft, roll: bytes) -> bytes:
    """The roll with codes. Whoever is on the roll in use, or on the last one uploaded, keeps theirs."""
    if is_drawn(roll, ROLL):
        return roll
    known = [member for name in (NEW_ROLL, ROLL) for member in known_persons(draft.read(name) or b"", ROLL)]
    return draw_codes(roll, ROLL, known).data


def preview_roll(draft: Draft) -> Preview | None:
    """The uploaded roll, read as it would be when chosen. None if there is none."""
    if draft.read(NEW_ROLL) is None:
        return None
    if missing := unfinished(draft):
        return Preview(None, fault=f"It can be checked when this is complete: {', '.join(missing)}.")
    files = read_folder(draft.folder)
    try:
        if files.programme.codes.persons:
            _draw(draft, draft.read(NEW_ROLL) or b"")  # It has codes, or its problems are told as those of a list
        roll = read_roll(draft, files, NEW_ROLL, NEW_LISTS, NEW_PARTNERS)
    except InvalidRoll as fault:
        return Preview(None, problems=fault.problems, total=fault.total)
    except Refused as refusal:
        return Preview(None, fault=refusal.sentence)
    assert roll is not None
    before = _in_use(draft, files)
    return Preview(roll, roll_notes(files, roll), comparison=None if before is None else compare_rolls(before, roll))


def is_unremarkable(draft: Draft) -> bool:
    """Whether the uploaded roll can be used without a further look.

    It is the first, every practice has a list size and an address, and its reader noticed nothing.
    """
    preview = None if draft.read(ROLL) is not None else preview_roll(draft)
    if preview is None or preview.roll is None or preview.notes:
        return False
    return all(member.email and member.list_size for member in preview.roll.members)


def choose_roll(draft: Draft, now: datetime) -> None:
    """Use the uploaded roll from now on. Raises Refused if it cannot be used."""
    preview = preview_roll(draft)
    if preview is None or preview.roll is None:
        raise Refused(Refusal.ROLL_DIFFERS, "There is no uploaded roll that can be used.")
    for new, name in ((NEW_LISTS, LISTS), (NEW_PARTNERS, PARTNERS), (NEW_ROLL, ROLL)):
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
