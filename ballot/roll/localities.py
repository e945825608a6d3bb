"""Localities: the column of a simple roll that a CCG's rule names, such as `pcn_code`. Each is an election of its own.

A locality becomes part of a file's name, so that it must be one: short, of few characters, and not told apart from
another by capitals alone, which some file systems do not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ballot.record.elections import is_locality
from ballot.roll.member import Member, Roll
from ballot.roll.problems import Problems, RollReason, listed, refusal, shown
from ballot.roll.rows import Row

Columns = Mapping[str, str]
"""The column that each CCG's rule names for one purpose; a CCG whose rule names none has no entry."""

LOCALITIES, WEIGHTS = "the localities", "what votes weigh by"
"""What a rule finds in a column that it names, for messages."""

Spelled = dict[tuple[str, str], tuple[str, int]]  # Lower-case CCG and locality to the first spelling and its line


def find_columns(header: Row, columns: Columns, what: str, problems: Problems) -> dict[str, int]:
    """The position of the column with `what` for each CCG; a missing or repeated column is a problem."""
    for name in dict.fromkeys(columns.values()):
        ccgs = listed([ccg for ccg, column in columns.items() if column == name])
        times = header.cells.count(name)
        if times == 0:
            has = listed([cell or "(no name)" for cell in header.cells], most=30)
            sentence = f"the header has no such column, and the rule of {ccgs} finds {what} in it. It has: {has}."
            problems.add(header.line, name, RollReason.MISSING_COLUMN, sentence)
        elif times > 1:
            sentence = "the header names this column twice; once was expected."
            problems.add(header.line, name, RollReason.COLUMN_TWICE, sentence)
    return {ccg: header.cells.index(name) for ccg, name in columns.items() if header.cells.count(name) == 1}


def parse_locality(cell: str, ccg: str, column: str, line: int, spelled: Spelled, problems: Problems) -> str | None:
    """The locality of a member, or None and a problem."""
    if not cell:
        sentence = f"the cell is empty; every practice of {ccg} needs a locality, by its rule."
        problems.add(line, column, RollReason.LOCALITY, sentence)
        return None
    if not is_locality(cell):
        sentence = (
            f"{shown(cell)} cannot be a locality, which is part of a file's name; 1 to 32 letters (A to Z), digits, "
            "hyphens and underscores, such as U12345, were expected."
        )
        problems.add(line, column, RollReason.LOCALITY, sentence)
        return None
    first, first_line = spelled.setdefault((ccg, cell.lower()), (cell, line))
    if first != cell:
        sentence = f"{shown(cell)} is spelled {shown(first)} on line {first_line}; one of both was expected."
        problems.add(line, column, RollReason.LOCALITY, sentence)
        return None
    return cell


def check_no_columns(columns: Columns, what: str, file: str, kind: str) -> None:
    """Raise InvalidRoll if a rule finds something in a column of its own and this kind of file has none."""
    for ccg, column in columns.items():
        sentence = (
            f"the rule of {ccg} finds {what} in a column {shown(column)}, which {kind} does not have; "
            "a simple CSV with that column was expected."
        )
        raise refusal(file, 1, RollReason.MISSING_COLUMN, sentence)


def check_localities(roll: Roll, ccg: str, column: str) -> None:
    """Raise InvalidRoll unless every member of the CCG has a locality, whatever files the roll comes from."""
    problems = Problems(roll.file)
    for member in _without(roll.of(ccg)):
        sentence = f"{member.practice} {member.name} has no locality; by its rule every practice of {ccg} needs one."
        problems.add(member.line, column, RollReason.LOCALITY, sentence)
    problems.check()


def _without(members: Sequence[Member]) -> list[Member]:
    return [member for member in members if member.locality is None]
