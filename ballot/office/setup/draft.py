"""A programme that is being set up: a folder, used by the pages and by the command line.

    programme.toml  constitutions/<ccg>.toml    what the ballot will be
    roll.csv  lists.csv                         the member practices, as the NHS publishes them or as a simple CSV
    partners.csv                                the core partners of PCNs, where the roll needs them
    uploaded/...                                a roll that was uploaded and is not chosen yet: the same three files
    packs/<file>.pdf                            the voting pack
    trustees.json                               parameters.json, from the trustees' ceremony
    mail-test.json                              when a trial invitation was last sent, and for which practice
    previous/<time>/...                         every file that was replaced, as it was

Files are replaced whole or not at all. After preparing, the database has its own copy. `read_folder` returns what
preparing starts from.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ballot.constitution.codes import DEFAULT_CODES, Codes, read_codes
from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Programme, is_programme_id, load_programme
from ballot.constitution.rule import Constitution
from ballot.constitution.weight import MissingList, Weight, WeightNouns
from ballot.constitution.window import zone_named
from ballot.constitution.words import DEFAULT_WORDS, Words, read_words
from ballot.office.errors import Refusal, Refused
from ballot.protocol.spec import MAX_TOTAL_WEIGHT
from ballot.record.counting import Counting, CountKind, choose_counting
from ballot.record.public_roll import PublicMember
from ballot.roll.localities import check_localities
from ballot.roll.member import Roll
from ballot.roll.partners import Days
from ballot.roll.problems import counted, listed, note
from ballot.roll.read import Networks, RollFile
from ballot.roll.weighable import check_weighable, note_unweighed
from ballot.strict.toml_tables import Table, read_toml
from ballot.strict.toml_write import write_toml


@dataclass(frozen=True, slots=True)
class ProgrammeFiles:
    """programme.toml and one rule file for each CCG, as bytes and parsed."""

    programme: Programme
    toml: bytes
    constitutions: Mapping[str, tuple[Constitution, bytes]]

    @property
    def locality_columns(self) -> dict[str, str]:
        """For each CCG that votes by locality, the roll column with its members' locality."""
        columns = {ccg: rule.locality_column for ccg, (rule, _) in self.constitutions.items()}
        return {ccg: column for ccg, column in columns.items() if column is not None}

    @property
    def weight_columns(self) -> dict[str, str]:
        """For each CCG whose rule weighs by another column of the roll than the list size, that column."""
        columns = {ccg: rule.weight_column for ccg, (rule, _) in self.constitutions.items()}
        return {ccg: column for ccg, column in columns.items() if column is not None}


def read_folder(folder: Path) -> ProgrammeFiles:
    """Read the files of a programme. Raises ConstitutionError, or Refused for missing or surplus files."""
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
        constitution = load_constitution(data, str(file), programme.words)
        if constitution.ccg != ccg.ods:
            raise Refused(Refusal.FILES_DIFFER, f"constitutions/{file.name} is the rule of {constitution.ccg}.")
        check_fits(constitution, programme)
        constitutions[ccg.ods] = (constitution, data)
    return ProgrammeFiles(programme, toml, constitutions)


def count_roll(files: ProgrammeFiles, roll: Roll) -> dict[str, tuple[Counting, list[PublicMember]]]:
    """How each CCG counts, and its members with their weights. Raises Refused or InvalidRoll."""
    ccgs = tuple(ccg.ods for ccg in files.programme.ccgs)
    if set(roll.ccgs) != set(ccgs):
        raise Refused(
            Refusal.ROLL_DIFFERS, f"The roll is of {', '.join(roll.ccgs)}, the programme of {', '.join(ccgs)}."
        )
    return {ccg: _count_ccg(files, roll, ccg) for ccg in ccgs}


def roll_notes(files: ProgrammeFiles, roll: Roll) -> tuple[str, ...]:
    """Notes for the person who imports the roll: what its reader noticed, and how members without a list count."""
    return roll.notes + tuple(
        note for ccg in roll.ccgs for note in _check_lists(files, roll, ccg, _choose(files, roll, ccg))
    )


def _choose(files: ProgrammeFiles, roll: Roll, ccg: str) -> Counting:
    questions = [question.id for question in files.programme.questions]
    return choose_counting(files.constitutions[ccg][0], questions, [member.list_size for member in roll.of(ccg)])


def _check_lists(files: ProgrammeFiles, roll: Roll, ccg: str, counting: Counting) -> tuple[str, ...]:
    weight = files.constitutions[ccg][0].weight
    if weight is None and files.programme.codes.persons:
        return ()  # Persons have no lists
    if weight is None or (counting.kind is CountKind.HEADS and weight.missing is MissingList.ZERO):
        return note_unweighed(roll, ccg)
    notes = check_weighable(roll, ccg, weight.missing.value, weight.column)
    return notes + _note_bands(roll, ccg, weight, files.constitutions[ccg][0].nouns)


def _note_bands(roll: Roll, ccg: str, weight: Weight, nouns: WeightNouns) -> tuple[str, ...]:
    """Which members have a list but no weighted vote, because the list is below the first band."""
    members = roll.of(ccg)
    below = [member for member in members if member.list_size and not weight.votes(member.list_size)]
    if not any(weight.votes(member.list_size or 0) for member in members):
        what = "list" if weight.column is None else f"number of {nouns.counts.many}"
        raise Refused(Refusal.ROLL_DIFFERS, f"No member of {ccg} has {nouns.unit.a}: every {what} is too small.")
    if not below:
        return ()
    names = listed([f"{member.practice} {member.name}" for member in below])
    what = "a list" if weight.column is None else nouns.counts.many
    return (note(roll.file, f"{counted(len(below), 'member')} of {ccg} with {what} below one vote: {names}."),)


def _count_ccg(files: ProgrammeFiles, roll: Roll, ccg: str) -> tuple[Counting, list[PublicMember]]:
    members = roll.of(ccg)
    if not members:
        raise Refused(Refusal.ROLL_DIFFERS, f"{ccg} has no member practice in the roll.")
    counting = _choose(files, roll, ccg)
    rule = files.constitutions[ccg][0]
    column = rule.locality_column
    if column is not None:
        check_localities(roll, ccg, column)
    _check_snapshot(files, roll, ccg, counting)
    _check_lists(files, roll, ccg, counting)
    votes = rule.votes
    public = [
        PublicMember(
            ccg,
            member.practice,
            member.public_name,
            member.list_size,
            counting.weight(votes(member.list_size)),
            None if column is None else member.locality,
        )
        for member in members
    ]
    total = total_weight(public)
    if total > MAX_TOTAL_WEIGHT:
        raise Refused(
            Refusal.TOO_HEAVY,
            f"The practices of {ccg} count for {counting.say_total(total)}. That is more than one "
            "encrypted total can hold. Give them fewer votes in [weight], such as one for every thousand "
            f"{rule.nouns.counts.many}.",
        )
    return counting, public


def _check_snapshot(files: ProgrammeFiles, roll: Roll, ccg: str, counting: Counting) -> None:
    """Raise Refused if practices are weighted by the list sizes of another day than their rule says."""
    weight = files.constitutions[ccg][0].weight
    if weight is None or weight.column is not None or counting.kind is CountKind.HEADS:
        return
    if roll.snapshot in (None, weight.snapshot):
        return
    sentence = f"The list sizes are those of {roll.snapshot}; the rule of {ccg} weighs by those of {weight.snapshot}."
    raise Refused(Refusal.ROLL_DIFFERS, sentence)


def total_weight(members: list[PublicMember]) -> int:
    """The total weight of the members. Without weights, each counts 1."""
    return sum(1 if member.weight is None else member.weight for member in members)


PROGRAMME, ROLL, LISTS, PARTNERS, TRUSTEES, MAIL_TEST = (
    "programme.toml",
    "roll.csv",
    "lists.csv",
    "partners.csv",
    "trustees.json",
    "mail-test.json",
)
UPLOADED, PACKS, CONSTITUTIONS, PREVIOUS = "uploaded", "packs", "constitutions", "previous"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def voting_days(programme: Programme) -> Days:
    """The days on which voting opens and closes, as the programme's own clocks show them."""
    zone = zone_named(programme.window.zone)
    return Days(*(moment.astimezone(zone).date() for moment in (programme.opens_at, programme.closes_at)))


@dataclass(frozen=True, slots=True)
class Draft:
    """The folder of a programme, with the operations on its files."""

    folder: Path

    @property
    def id(self) -> str:
        """The programme's id is the folder's name."""
        return self.folder.name

    def path(self, name: str) -> Path:
        """The path of a file in the folder. Raises Refused for a name that leads out of it."""
        parts = name.split("/")
        if not all(_NAME.fullmatch(part) for part in parts):
            raise Refused(
                Refusal.FILES_DIFFER, "A file name can have only letters, digits, dots, hyphens and underscores."
            )
        return self.folder.joinpath(*parts)

    def read(self, name: str) -> bytes | None:
        """The content of a file, or None if there is none."""
        path = self.path(name)
        return path.read_bytes() if path.is_file() else None

    def keep(self, name: str, data: bytes, now: datetime) -> None:
        """Write a file. The one it replaces goes to previous/."""
        path = self.path(name)
        if path.is_file() and path.read_bytes() == data:
            return
        self._set_aside(name, now)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def drop(self, name: str, now: datetime) -> None:
        """Move a file to previous/."""
        if self.path(name).is_file():
            self._set_aside(name, now)
            self.path(name).unlink()

    def _set_aside(self, name: str, now: datetime) -> None:
        path = self.path(name)
        if not path.is_file():
            return
        stamp, number = now.strftime("%Y%m%dT%H%M%SZ"), 0
        while (kept := self.folder / PREVIOUS / (stamp if not number else f"{stamp}-{number}") / name).exists():
            number += 1
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, kept)

    def programme(self) -> Table:
        """programme.toml, which may be incomplete. Raises InvalidProgramme if it is not TOML."""
        return read_toml(self.read(PROGRAMME) or b"", PROGRAMME, InvalidProgramme)

    def codes(self) -> Codes:
        """The kinds of code in the programme; the defaults where its file does not say, or cannot be read."""
        try:
            return read_codes(self.programme())
        except InvalidProgramme:
            return DEFAULT_CODES

    def words(self) -> Words:
        """What the programme calls things; the defaults where its file does not say, or cannot be read."""
        try:
            root = self.programme()
            return read_words(root.table("words")) if root.has("words") else DEFAULT_WORDS
        except InvalidProgramme:
            return DEFAULT_WORDS

    def with_values(self, values: Mapping[str, object]) -> bytes:
        """programme.toml with these tables and keys in place of older ones. A value of None removes a key."""
        merged = {**self.programme().values, **values}
        return write_toml({key: value for key, value in merged.items() if value is not None})

    def change(self, values: Mapping[str, object], now: datetime) -> None:
        """Write programme.toml with these values. It is written anew, so only previous/ keeps its comments."""
        self.keep(PROGRAMME, self.with_values(values), now)

    def networks(self, programme: Programme, name: str = PARTNERS) -> Networks | None:
        """The core partners of PCNs, for reading a roll; None if the roll needs none."""
        source = self.roll_source(name)
        return None if source is None else Networks(source, voting_days(programme))

    def roll_source(self, name: str = ROLL) -> RollFile | None:
        """A roll file of the folder, for reading a roll."""
        data = self.read(name)
        return None if data is None else RollFile(name, data)


@dataclass(frozen=True, slots=True)
class DraftTrial(Draft):
    """The folder as it would be with another file in it, to check before writing."""

    name: str
    data: bytes

    def read(self, name: str) -> bytes | None:
        return self.data if name == self.name else super(DraftTrial, self).read(name)


def new_draft(programmes: Path, id: str, name: str, now: datetime) -> Draft:
    """Make a new folder that contains only a name. Raises Refused if the id is taken or not valid."""
    if not is_programme_id(id):
        raise Refused(
            Refusal.FILES_DIFFER, "An id can have only lower-case letters, digits, and single hyphens between them."
        )
    draft = Draft(programmes / id)
    if draft.folder.exists():
        raise Refused(Refusal.ALREADY_PREPARED, f"There is already a ballot {id}.")
    draft.keep(PROGRAMME, write_toml({"programme": id, "name": name}), now)
    return draft


def open_draft(programmes: Path, id: str) -> Draft:
    """The draft with this id. Raises Refused if there is none."""
    if id not in draft_ids(programmes):
        raise Refused(Refusal.NO_SUCH_PROGRAMME, "There is no such programme to set up.")
    return Draft(programmes / id)


def draft_ids(programmes: Path) -> list[str]:
    """The ids of all programmes that have a folder."""
    return sorted(path.parent.name for path in programmes.glob(f"*/{PROGRAMME}") if _NAME.fullmatch(path.parent.name))
