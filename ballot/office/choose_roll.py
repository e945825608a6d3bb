"""A roll that was uploaded: looked at with every problem by its line, compared with the one in use, then chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ballot.constitution.errors import ConstitutionError
from ballot.office.compare_rolls import Comparison, compare_rolls
from ballot.office.draft import LISTS, ROLL, UPLOADED, Draft
from ballot.office.errors import Refusal, Refused
from ballot.office.programme_files import ProgrammeFiles, read_folder, roll_notes
from ballot.office.setting_up_files import read_roll
from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll, Problem

NEW_ROLL, NEW_LISTS = f"{UPLOADED}/{ROLL}", f"{UPLOADED}/{LISTS}"


@dataclass(frozen=True, slots=True)
class Preview:
    """What an uploaded roll holds. `roll` is None where it cannot be used, and `problems` or `fault` say why."""

    roll: Roll | None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    total: int = 0
    fault: str = ""
    comparison: Comparison | None = None
    """With the roll in use; None where there is none that can be read."""


def upload_roll(draft: Draft, roll: bytes, lists: bytes | None, now: datetime) -> None:
    """Put a roll aside for looking at; the one in use stays."""
    draft.keep(NEW_ROLL, roll, now)
    if lists is None:
        draft.drop(NEW_LISTS, now)
    else:
        draft.keep(NEW_LISTS, lists, now)


def preview_roll(draft: Draft) -> Preview | None:
    """The uploaded roll, read as it would be when chosen; None where there is none."""
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
    """Use the uploaded roll from now on; raises Refused unless it can be used."""
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
