"""A programme's folder and its roll, held against each other: what a preparation starts from. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Programme, load_programme
from ballot.constitution.rule import Constitution
from ballot.constitution.weight import Missing, Weight
from ballot.office.errors import Refusal, Refused
from ballot.protocol.spec import MAX_TOTAL_WEIGHT
from ballot.record.counting import Counting, CountKind, choose_counting
from ballot.record.public_roll import PublicMember
from ballot.roll.localities import check_localities
from ballot.roll.member import Roll
from ballot.roll.problems import counted, listed, note
from ballot.roll.weighable import check_weighable, note_unweighed


@dataclass(frozen=True, slots=True)
class ProgrammeFiles:
    """programme.toml and one rule file for each CCG, as bytes and as read."""

    programme: Programme
    toml: bytes
    constitutions: Mapping[str, tuple[Constitution, bytes]]

    @property
    def locality_columns(self) -> dict[str, str]:
        """In which column of the roll the members of a CCG have their locality, for those CCGs that vote by it."""
        columns = {ccg: rule.locality_column for ccg, (rule, _) in self.constitutions.items()}
        return {ccg: column for ccg, column in columns.items() if column is not None}


def read_folder(folder: Path) -> ProgrammeFiles:
    """The files of a programme; raises ConstitutionError, or Refused where files are missing or too many."""
    path = folder / "programme.toml"
    if not path.is_file():
        raise Refused(Refusal.FILES_DIFFER, "The programme's folder has no programme.toml.")
    toml = path.read_bytes()
    programme = load_programme(toml, str(path))
    found = {file.name for file in (folder / "constitutions").glob("*") if not file.name.startswith(".")}
    expected = {f"{ccg.ods}.toml" for ccg in programme.ccgs}
    for name in sorted(found ^ expected):
        kind = "missing" if name in expected else "there, and belongs to no CCG of the programme"
        raise Refused(Refusal.FILES_DIFFER, f"constitutions/{name} is {kind}.")
    constitutions = {}
    for ccg in programme.ccgs:
        file = folder / "constitutions" / f"{ccg.ods}.toml"
        data = file.read_bytes()
        constitution = load_constitution(data, str(file))
        if constitution.ccg != ccg.ods:
            raise Refused(Refusal.FILES_DIFFER, f"constitutions/{file.name} is the rule of {constitution.ccg}.")
        check_fits(constitution, programme)
        constitutions[ccg.ods] = (constitution, data)
    return ProgrammeFiles(programme, toml, constitutions)


def count_roll(files: ProgrammeFiles, roll: Roll) -> dict[str, tuple[Counting, list[PublicMember]]]:
    """How each CCG counts, and its members with their weights; raises Refused or InvalidRoll."""
    ccgs = tuple(ccg.ods for ccg in files.programme.ccgs)
    if set(roll.ccgs) != set(ccgs):
        raise Refused(
            Refusal.ROLL_DIFFERS, f"The roll is of {', '.join(roll.ccgs)}, the programme of {', '.join(ccgs)}."
        )
    return {ccg: _count_ccg(files, roll, ccg) for ccg in ccgs}


def roll_notes(files: ProgrammeFiles, roll: Roll) -> tuple[str, ...]:
    """For whoever imports the roll: what its reader noticed, and what becomes of members without a list."""
    return roll.notes + tuple(
        note for ccg in roll.ccgs for note in _check_lists(files, roll, ccg, _choose(files, roll, ccg))
    )


def _choose(files: ProgrammeFiles, roll: Roll, ccg: str) -> Counting:
    questions = [question.id for question in files.programme.questions]
    return choose_counting(files.constitutions[ccg][0], questions, [member.list_size for member in roll.of(ccg)])


def _check_lists(files: ProgrammeFiles, roll: Roll, ccg: str, counting: Counting) -> tuple[str, ...]:
    weight = files.constitutions[ccg][0].weight
    if weight is None or (counting.kind is CountKind.HEADS and weight.missing is Missing.ZERO):
        return note_unweighed(roll, ccg)
    return check_weighable(roll, ccg, weight.missing.value) + _note_bands(roll, ccg, weight)


def _note_bands(roll: Roll, ccg: str, weight: Weight) -> tuple[str, ...]:
    """Which members have a list and no weighted vote, their list being below the first band."""
    members = roll.of(ccg)
    below = [member for member in members if member.list_size and not weight.votes(member.list_size)]
    if not any(weight.votes(member.list_size or 0) for member in members):
        raise Refused(Refusal.ROLL_DIFFERS, f"No member of {ccg} has a weighted vote: every list is too small.")
    if not below:
        return ()
    names = listed([f"{member.practice} {member.name}" for member in below])
    return (note(roll.file, f"{counted(len(below), 'member')} of {ccg} with a list below one vote: {names}."),)


def _count_ccg(files: ProgrammeFiles, roll: Roll, ccg: str) -> tuple[Counting, list[PublicMember]]:
    members = roll.of(ccg)
    if not members:
        raise Refused(Refusal.ROLL_DIFFERS, f"{ccg} has no member practice in the roll.")
    counting = _choose(files, roll, ccg)
    column = files.constitutions[ccg][0].locality_column
    if column is not None:
        check_localities(roll, ccg, column)
    _check_snapshot(files, roll, ccg, counting)
    _check_lists(files, roll, ccg, counting)
    votes = files.constitutions[ccg][0].votes
    public = [
        PublicMember(
            ccg,
            member.practice,
            member.name,
            member.list_size,
            counting.weight(votes(member.list_size)),
            None if column is None else member.locality,
        )
        for member in members
    ]
    total = total_weight(public)
    if total > MAX_TOTAL_WEIGHT:
        raise Refused(
            Refusal.TOO_HEAVY, f"The weights of {ccg} add up to {total}. At most {MAX_TOTAL_WEIGHT} can be counted."
        )
    return counting, public


def _check_snapshot(files: ProgrammeFiles, roll: Roll, ccg: str, counting: Counting) -> None:
    """Raise Refused where practices weigh by the lists of another day than their rule says."""
    weight = files.constitutions[ccg][0].weight
    if weight is None or counting.kind is CountKind.HEADS or roll.snapshot in (None, weight.snapshot):
        return
    sentence = f"The list sizes are those of {roll.snapshot}; the rule of {ccg} weighs by those of {weight.snapshot}."
    raise Refused(Refusal.ROLL_DIFFERS, sentence)


def total_weight(members: list[PublicMember]) -> int:
    """What all members weigh together; each counts 1 where weights are not used."""
    return sum(1 if member.weight is None else member.weight for member in members)
