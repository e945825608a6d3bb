"""The column of a roll that a rule weighs by, in place of registered patients."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.roll.problems import InvalidRoll, RollReason
from ballot.roll.read import RollFile, read_files
from ballot.roll.weighable import check_weighable

CCGS = ("00Q", "01E")
HEADER = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,shares"
ROWS = ("00Q,Z91001,Inkwell,12345,300", "00Q,Z91002,Nutmeg,,", "01E,Z96001,Teacup,5000,7")
BOTH = {"00Q": "shares", "01E": "shares"}
Simple = Callable[..., bytes]


def sizes(data: bytes, weights: dict[str, str]) -> dict[str, int | None]:
    roll = read_files(RollFile("roll.csv", data), CCGS, weights=weights)
    return {member.practice: member.list_size for member in roll.members}


def test_each_ccg_is_weighed_by_the_column_that_its_rule_names(simple: Simple) -> None:
    data = simple(*ROWS, header=HEADER)

    assert sizes(data, {"00Q": "shares"}) == {"Z91001": 300, "Z91002": None, "Z96001": 5000}
    assert sizes(data, {}) == {"Z91001": 12345, "Z91002": None, "Z96001": 5000}


def test_where_every_rule_names_a_column_the_patients_may_be_missing_and_are_not_read(simple: Simple) -> None:
    without = simple("00Q,Z91001,Inkwell,300", "01E,Z96001,Teacup,7", header=HEADER.replace(",registered_patients", ""))
    wrong = simple("00Q,Z91001,Inkwell,many,300", "01E,Z96001,Teacup,,7", header=HEADER)

    assert sizes(without, BOTH) == sizes(wrong, BOTH) == {"Z91001": 300, "Z96001": 7}
    with pytest.raises(InvalidRoll):
        sizes(without, {"00Q": "shares"})


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("12.5", '"12.5" is not whole, perhaps an average; a whole number such as 300 was expected. Of 12.5 and the'),
        ("-3", '"-3" is negative; a whole number such as 300 was expected.'),
        ("1,000", '"1,000" has a thousands separator'),
    ],
)
def test_a_cell_that_is_no_whole_number_is_refused_by_line_and_column(simple: Simple, cell: str, said: str) -> None:
    with pytest.raises(InvalidRoll) as caught:
        sizes(simple(f'00Q,Z91001,Inkwell,1,"{cell}"', "01E,Z96001,Teacup,1,1", header=HEADER), BOTH)

    (problem,) = caught.value.problems
    assert str(problem).startswith(f"roll.csv:2: column shares: {said}")


def test_a_roll_without_the_column_is_refused_with_the_columns_it_has(simple: Simple) -> None:
    with pytest.raises(InvalidRoll) as caught:
        sizes(simple("00Q,Z91001,Inkwell,1,", "01E,Z96001,Teacup,1,"), {"00Q": "shares"})

    assert [problem.reason for problem in caught.value.problems] == [RollReason.MISSING_COLUMN]
    assert "the rule of 00Q finds what votes weigh by in it" in str(caught.value.problems[0])


def test_a_member_without_a_number_is_refused_by_line_and_column_or_weighs_nothing(simple: Simple) -> None:
    roll = read_files(RollFile("roll.csv", simple(*ROWS, header=HEADER)), CCGS, weights=BOTH)

    with pytest.raises(InvalidRoll) as caught:
        check_weighable(roll, "00Q", "refuse", "shares")
    assert str(caught.value.problems[0]) == (
        "roll.csv:3: column shares: Z91002 Nutmeg has no number, and the rule of 00Q weighs by this column; at least 1 "
        "was expected."
    )
    assert check_weighable(roll, "00Q", "zero", "shares") == (
        "roll.csv: 1 member of 00Q without a number in shares, weighing zero: Z91002 Nutmeg.",
    )


def test_list_sizes_change_only_the_ccgs_that_weigh_by_patients(simple: Simple, lists: Callable[..., bytes]) -> None:
    data, sized = simple(*ROWS, header=HEADER), RollFile("lists.csv", lists(("Z91001", "12345")))
    roll = read_files(RollFile("roll.csv", data), CCGS, sized, weights=BOTH)

    assert [member.list_size for member in roll.members] == [300, None, 7]
    assert roll.snapshot is None
    assert "lists.csv: no rule weighs by patients, and this file was not used." in roll.notes
