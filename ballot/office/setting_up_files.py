"""The files beside programme.toml: constitutions, roll, the trustees' key, each held against what is there already."""

from __future__ import annotations

from collections.abc import Iterator

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.phrases import cited_clause
from ballot.constitution.programme import Programme, load_programme, read_ccg, read_trustees
from ballot.office.draft import CONSTITUTIONS, LISTS, PROGRAMME, ROLL, TRUSTEES, Draft
from ballot.office.errors import Refused
from ballot.office.prepare import check_trustees
from ballot.office.programme_files import ProgrammeFiles, count_roll, read_folder, roll_notes
from ballot.office.sealed import GROUP
from ballot.office.setting_up_parts import Missing, Waits, part_of
from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.trustees import ThresholdParameters
from ballot.roll.member import Roll
from ballot.roll.problems import counted
from ballot.roll.read import read_files


def read_roll(draft: Draft, files: ProgrammeFiles, roll: str = ROLL, lists: str = LISTS) -> Roll | None:
    """The roll in the folder, held against the programme; None where there is none. Raises: InvalidRoll, Refused."""
    source = draft.roll_source(roll)
    if source is None:
        return None
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    read = read_files(source, ccgs, draft.roll_source(lists), files.locality_columns)
    count_roll(files, read)
    return read


def look_at_constitutions(draft: Draft) -> Iterator[str]:
    """Each CCG's rule: whether it is there, can be read, fits, and is odd."""
    listed = [read_ccg(table) for table in draft.programme().tables("ccg")] if draft.programme().has("ccg") else []
    if not listed:
        raise Waits("First list the CCGs.")
    missing = [ccg.ods for ccg in listed if draft.read(f"{CONSTITUTIONS}/{ccg.ods}.toml") is None]
    if len(missing) == len(listed):
        raise Missing("There is no constitution yet.")
    programme = whole(draft)
    for ccg in listed:
        name = f"{CONSTITUTIONS}/{ccg.ods}.toml"
        if ccg.ods in missing:
            continue
        constitution = load_constitution(draft.read(name) or b"", name)
        if programme is not None:
            check_fits(constitution, programme)
        odd = [oddity.sentence for oddity in check_constitution(constitution)]
        yield f"{ccg.ods}: {cited_clause(constitution.source)}" + (f". Odd: {' '.join(odd)}" if odd else "")
    if missing:
        raise Missing(f"Missing: {', '.join(missing)}.")


def look_at_roll(draft: Draft) -> Iterator[str]:
    """The roll, held against the rest."""
    if draft.read(ROLL) is None:
        raise Missing("There is no roll yet.")
    if whole(draft) is None:
        raise Waits("There is a roll. It can be checked once the tasks above are done.")
    try:
        files = read_folder(draft.folder)
    except (Refused, ConstitutionError):
        raise Waits("There is a roll. It can be checked once the constitutions are complete.") from None
    roll = read_roll(draft, files)
    assert roll is not None
    yield f"{counted(len(roll.members), 'practice')} of {counted(len(roll.ccgs), 'CCG')}."
    unreachable = [member.practice for member in roll.members if member.email is None]
    if unreachable:
        yield f"{counted(len(unreachable), 'practice')} without an e-mail address: {', '.join(unreachable[:12])}."
    yield from roll_notes(files, roll)


def look_at_trustees(draft: Draft) -> Iterator[str]:
    """Who they are, and the key that they made."""
    trustees = read_trustees(part_of(draft, "trustees", "No trustee is named yet.").table("trustees"))
    yield f"{trustees.threshold} of {len(trustees.names)}: {', '.join(trustees.names)}."
    data = draft.read(TRUSTEES)
    if data is None:
        raise Missing("They have made no key yet: parameters.json, from ballot ceremony finish, is missing.")
    parameters = ThresholdParameters.from_json(GROUP, parse_json(as_sent(data)))
    programme = whole(draft)
    if programme is not None:
        check_trustees(programme, parameters)
    yield "Their key is here."


def whole(draft: Draft) -> Programme | None:
    """The programme, if its file can be read as a whole."""
    try:
        return load_programme(draft.read(PROGRAMME) or b"", PROGRAMME)
    except ConstitutionError:
        return None
