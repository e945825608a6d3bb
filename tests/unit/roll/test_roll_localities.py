"""Localities on a roll: the column that a rule names, read if needed, refused if unusable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.record.elections import is_locality
from ballot.roll.problems import InvalidRoll, Problem, RollReason
from ballot.roll.read import RollFile, read_files

CCGS = ("00Q", "01E")
HEADER = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,pcn_code,area"
GOOD = ("01E,Z96001,Teacup,5000,,x y", "00Q,Z91002,Nutmeg,,U12,", "00Q,Z91001,Inkwell,12345,U-13_b,")
BY_PCN = {"00Q": "pcn_code"}
Simple = Callable[..., bytes]


def refused(data: bytes, columns: dict[str, str] | None = None) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRoll) as caught:
        read_files(RollFile("roll.csv", data), CCGS, localities=columns or BY_PCN)
    return caught.value.problems


def test_members_of_a_ccg_have_the_locality_of_the_column_that_its_rule_names(simple: Simple) -> None:
    roll = read_files(RollFile("roll.csv", simple(*GOOD, header=HEADER)), CCGS, localities=BY_PCN)

    assert {member.practice: member.locality for member in roll.members} == {
        "Z91001": "U-13_b",
        "Z91002": "U12",
        "Z96001": None,
    }
    assert roll.notes == ("roll.csv: 1 column ignored: area.",)


def test_without_being_asked_for_the_column_is_ignored_as_before(simple: Simple) -> None:
    roll = read_files(RollFile("roll.csv", simple(*GOOD, header=HEADER)), CCGS)

    assert {member.locality for member in roll.members} == {None}
    assert roll.notes == ("roll.csv: 2 columns ignored: pcn_code, area.",)


def test_two_ccgs_may_have_their_localities_in_two_columns(simple: Simple) -> None:
    lines = ("01E,Z96001,Teacup,5000,,East", "00Q,Z91001,Inkwell,12345,U13,")
    columns = {"00Q": "pcn_code", "01E": "area"}
    roll = read_files(RollFile("roll.csv", simple(*lines, header=HEADER)), CCGS, localities=columns)

    assert [member.locality for member in roll.members] == ["U13", "East"]


def test_a_missing_cell_is_refused_by_line_and_column(simple: Simple) -> None:
    (problem,) = refused(simple(GOOD[0], "00Q,Z91002,Nutmeg,,,", header=HEADER))

    assert str(problem) == (
        "roll.csv:3: column pcn_code: the cell is empty; every practice of 00Q needs a locality, by its rule."
    )
    assert problem.reason is RollReason.LOCALITY


@pytest.mark.parametrize("cell", ["U 12", "../x", "-U12", "_U", "Ü12", "U.12", "U" * 33, "U/1", "\u066112"])
def test_what_cannot_be_part_of_a_files_name_is_refused(simple: Simple, cell: str) -> None:
    (problem,) = refused(simple(GOOD[0], f"00Q,Z91002,Nutmeg,,{cell},", header=HEADER))

    assert (problem.line, problem.column, problem.reason) == (3, "pcn_code", RollReason.LOCALITY)
    assert "cannot be a locality" in problem.sentence
    assert not is_locality(cell)


@pytest.mark.parametrize("cell", ["U12", "7", "North-East_2", "x" * 32])
def test_what_the_roll_accepts_the_record_can_name(simple: Simple, cell: str) -> None:
    lines = (GOOD[0], f"00Q,Z91002,Nutmeg,,{cell},")
    roll = read_files(RollFile("roll.csv", simple(*lines, header=HEADER)), CCGS, localities=BY_PCN)

    assert roll.members[0].locality == cell
    assert is_locality(cell)


def test_two_localities_told_apart_by_capitals_alone_are_refused(simple: Simple) -> None:
    """Some file systems would keep one archive for both."""
    (problem,) = refused(simple(*GOOD, "00Q,Z91003,Quill,1,u12,", header=HEADER))

    assert problem.line == 5
    assert problem.sentence.startswith('"u12" is spelled "U12" on line 3')


def test_a_missing_column_is_refused_with_the_ccg_that_needs_it(simple: Simple) -> None:
    (problem,) = refused(simple(), {"00Q": "pcn_code"})

    assert str(problem).startswith(
        "roll.csv:1: column pcn_code: the header has no such column, and the rule of 00Q finds the localities in it."
    )
    assert problem.reason is RollReason.MISSING_COLUMN


def test_a_column_named_twice_is_refused(simple: Simple) -> None:
    (problem,) = refused(simple(*GOOD, header=HEADER.replace("area", "pcn_code")))

    assert problem.reason is RollReason.COLUMN_TWICE


def test_epraccur_has_no_localities(ods_row: Callable[..., bytes]) -> None:
    (problem,) = refused(ods_row() + ods_row("Z96001", commissioner="01E"))

    assert problem.sentence == (
        'the rule of 00Q finds the localities in a column "pcn_code", which epraccur.csv does not have; '
        "a simple CSV with that column was expected."
    )
