"""Read a roll from `--roll FILE [--lists FILE]`: recognise its format, and join members with list sizes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from ballot.constitution.codes import DEFAULT_CODES, CodeKind, Codes, is_code
from ballot.roll import epraccur, simple
from ballot.roll.codes import check_ccgs
from ballot.roll.list_sizes import ListSizes, is_header, list_sizes_of_text
from ballot.roll.localities import LOCALITIES, WEIGHTS, Columns, check_no_columns
from ballot.roll.member import Holds, Member, Roll, SourceFile
from ballot.roll.partners import PCN_COLUMN, Days, is_partners, partners_of_text
from ballot.roll.problems import InvalidRoll, Problems, RollReason, counted, listed, note, refusal, shown
from ballot.roll.rows import folded
from ballot.roll.text import Text, read_text


def join(roll: Roll, lists: ListSizes, weights: Columns | None = None) -> Roll:
    """Add the list sizes of one day to the roll. Raises: InvalidRoll.

    (1) Practices match by code alone. (2) A practice without a list stays a member, and a note names it. (3) A size
    already on the roll must be equal; neither of two figures is preferred. (4) Lists without any practice of the roll
    are the wrong file. A practice with patients that is not a member stays out, and a note names it. (5) In a CCG of
    `weights`, which weighs by another column, the list sizes change nothing.
    """
    by_list = [member for member in roll.members if member.ccg not in (weights or {})]
    if not by_list:
        unneeded = note(lists.file, "no rule weighs by patients, and this file was not used.")
        return replace(roll, notes=(*roll.notes, *lists.notes, unneeded))
    problems = Problems(roll.file)
    members = []
    for member in by_list:
        size = lists.sizes.get(member.practice)
        if size is not None and member.list_size not in (None, size):
            sentence = (
                f"{member.practice} has {member.list_size} patients here, and {size} were expected from {lists.file}."
            )
            problems.add(member.line, "registered_patients", RollReason.LIST_SIZE, sentence)
        members.append(member if size is None else replace(member, list_size=size))
    problems.check()
    if not any(member.practice in lists.sizes for member in members):
        sentence = f"none of the {counted(len(members), 'practice')} of {roll.file} has a list in this file."
        raise refusal(lists.file, 1, RollReason.WRONG_FILE, sentence)
    notes = (*roll.notes, *lists.notes, *_notes(roll, members, lists))
    sized = {member.practice: member for member in members}
    everyone = tuple(sized.get(member.practice, member) for member in roll.members)
    return replace(roll, members=everyone, notes=notes, snapshot=lists.extract_date)


def _notes(roll: Roll, members: list[Member], lists: ListSizes) -> list[str]:
    day = lists.extract_date.isoformat()
    notes = []
    if without := [f"{member.practice} {member.name} ({member.ccg})" for member in members if not member.list_size]:
        notes.append(
            note(lists.file, f"{counted(len(without), 'member')} without a list on {day}: {listed(without, most=30)}.")
        )
    if kept := [member.practice for member in members if member.list_size and member.practice not in lists.sizes]:
        what = counted(len(kept), "member")
        notes.append(
            note(lists.file, f"{what} not in this file; the size in {roll.file} was kept: {listed(kept, most=30)}.")
        )
    belong = {member.practice for member in roll.members}
    strangers = sorted(
        f"{practice} ({counted(lists.sizes[practice], 'patient')}, {ccg})"
        for practice, ccg in lists.ccgs.items()
        if ccg in roll.ccgs and practice not in belong and lists.sizes[practice]
    )
    if strangers:
        what = counted(len(strangers), "code")
        notes.append(
            note(
                lists.file,
                f"{what} with patients in these CCGs but no member on the roll: {listed(strangers, most=30)}.",
            )
        )
    return notes


class Format(Enum):
    SIMPLE = "a simple roll with a header"
    EPRACCUR = "epraccur.csv"
    LIST_SIZES = "gp-reg-pat-prac-all.csv"


@dataclass(frozen=True, slots=True)
class RollFile:
    """A file as received: its name for messages, and its bytes."""

    file: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Networks:
    """The core partners of PCNs, and the days of voting, which say which relations count."""

    file: RollFile
    days: Days


def read_files(
    roll: RollFile,
    ccgs: Sequence[str],
    lists: RollFile | None = None,
    localities: Columns | None = None,
    codes: Codes = DEFAULT_CODES,
    weights: Columns | None = None,
    networks: Networks | None = None,
) -> Roll:
    """The roll of these CCGs, with list sizes from a second file if given. Raises: InvalidRoll.

    `localities` maps some of the CCGs to their locality column, `weights` some to the column that their votes weigh by
    in place of registered patients; `codes` are the kinds of code in the programme. With `networks`, the roll is
    epraccur.csv, and the bodies or the localities are PCNs.
    """
    localities, weights = localities or {}, weights or {}
    if networks is not None:
        return _with_lists(_of_networks(roll, ccgs, networks, localities, weights, codes), lists, weights)
    ccgs = check_ccgs(ccgs, codes.body)
    text = read_text(roll.data, roll.file)
    match detect_text(text):
        case Format.SIMPLE:
            members = simple.roll_of_text(text, ccgs, localities, codes, weights)
        case Format.EPRACCUR:
            _check_practices(text, codes)
            for columns, what in ((localities, LOCALITIES), (weights, WEIGHTS)):
                check_no_columns(columns, what, text.file, Format.EPRACCUR.value)
            members = epraccur.roll_of_text(text, ccgs)
        case Format.LIST_SIZES:
            raise _wrong(
                text, "these are list sizes, which do not say who is a member: give this file as the lists", "a roll"
            )
    has_lists = any(member.list_size is not None for member in members.members)
    members = replace(members, sources=(_source(roll, Holds.BOTH if has_lists else Holds.ROLL, None),))
    return _with_lists(members, lists, weights)


def _of_networks(
    roll: RollFile, ccgs: Sequence[str], networks: Networks, localities: Columns, weights: Columns, codes: Codes
) -> Roll:
    """GP practices by the PCNs of which they are core partners. PCNs are the bodies, or localities of larger ones."""
    ccgs = check_ccgs(ccgs, codes.body)
    text, text_of_partners = read_text(roll.data, roll.file), read_text(networks.file.data, networks.file.file)
    if not is_partners(_first_row(text_of_partners)):
        raise _wrong(text_of_partners, "this is another file", "epcncorepartnerdetails.csv, with 11 columns,")
    if detect_text(text) is not Format.EPRACCUR:
        raise _wrong(text, "only with that file are PCNs needed; a simple roll has them in columns", "epraccur.csv")
    _check_practices(text, codes)
    others = {ccg: column for ccg, column in localities.items() if column != PCN_COLUMN}
    for columns, what in ((others, LOCALITIES), (weights, WEIGHTS)):
        check_no_columns(columns, what, text.file, Format.EPRACCUR.value)
    partners = partners_of_text(text_of_partners, networks.days)
    found = epraccur.roll_of_text(text, ccgs, partners if partners.known & set(ccgs) else None)
    members = tuple(
        replace(member, locality=partners.pcns.get(member.practice)) if member.ccg in localities else member
        for member in found.members
    )
    sources = (_source(roll, Holds.ROLL, None), _source(networks.file, Holds.ROLL, None))
    return replace(found, members=members, notes=(*partners.notes, *found.notes), sources=sources)


def _with_lists(members: Roll, lists: RollFile | None, weights: Columns) -> Roll:
    if lists is None:
        return members
    text = read_text(lists.data, lists.file)
    if detect_text(text) is not Format.LIST_SIZES:
        raise _wrong(text, "this file says who is a member: give it as the roll", Format.LIST_SIZES.value)
    joined = join(members, list_sizes_of_text(text), weights)
    return replace(joined, sources=(*joined.sources, _source(lists, Holds.LIST_SIZES, joined.snapshot)))


def _check_practices(text: Text, codes: Codes) -> None:
    """Raise InvalidRoll if the members of the programme cannot come from a list of GP practices."""
    if codes.member not in (CodeKind.GP_PRACTICE, CodeKind.ODS):
        raise _wrong(text, "these are GP practices, and members of this programme have other codes", "a simple roll")


def _source(file: RollFile, holds: Holds, snapshot: date | None) -> SourceFile:
    """The record's entry for a file: its name without folders, and its hash."""
    name = file.file.replace("\\", "/").rpartition("/")[2]
    return SourceFile(name, hashlib.sha256(file.data).hexdigest(), holds, snapshot)


def detect_text(text: Text) -> Format:
    """Which format decoded text has. The format's reader then checks every row."""
    first = _first_row(text)
    names = [folded(cell) for cell in first]
    if is_header(first):
        return Format.LIST_SIZES
    if any(folded(name) in names for name in simple.REQUIRED):
        return Format.SIMPLE
    if len(first) in epraccur.WIDTHS and (_is_practice(first[0]) or epraccur.is_header(first)):
        return Format.EPRACCUR
    raise _wrong(text, _relative(first), "a simple roll, epraccur.csv or gp-reg-pat-prac-all.csv")


def _is_practice(cell: str) -> bool:
    return is_code(cell, CodeKind.GP_PRACTICE)


def _first_row(text: Text) -> tuple[str, ...]:
    """The first row that is not blank; if that is not CSV, its line as one cell."""
    try:
        for row in csv.reader(io.StringIO(text.text, newline=""), strict=True):
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                return cells
    except csv.Error:
        pass
    return (text.text.strip().partition("\n")[0].strip(),)


def _relative(first: tuple[str, ...]) -> str:
    """Name a file often mistaken for ours, or show how this one begins."""
    if len(first) in epraccur.WIDTHS and is_code(first[0], CodeKind.ODS):
        return "this seems to be eccg.csv, the CCGs themselves"
    if len(first) in epraccur.WIDTHS:
        return f"there are {len(first)} columns as in epraccur.csv, but {shown(first[0])} is not a practice's code"
    if len(first) > 13 and _is_practice(first[0]):
        return (
            f"this seems to be epraccur.csv with {len(first)} columns instead of {epraccur.WIDTH}; column 26 says what "
            "is a GP practice, so take the file as it was downloaded"
        )
    if is_partners(first):
        return "these are core partners of PCNs: give this file beside epraccur.csv, as the partners"
    if len(first) == 6 and _is_practice(first[0]):
        return "this seems to be epcmem.csv, the history of memberships, which does not say what is a GP practice"
    if folded(first[0]) == "publication":
        return f"this is another file of the series, beginning {shown(','.join(first))}"
    line = ",".join(first)
    if max(line.count(";"), line.count("\t")) > line.count(","):
        return "the columns are separated by semicolons or tabs, not by commas"
    return f"the file begins {shown(','.join(first))}"


def _wrong(text: Text, found: str, expected: str) -> InvalidRoll:
    return refusal(text.file, 1, RollReason.WRONG_FILE, f"{expected} was expected; {found}.")
