from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from ballot.roll.list_sizes import ListSizes, parse_extract_date
from ballot.roll.member import Member, Roll
from ballot.roll.problems import InvalidRoll, Problem, RollReason
from ballot.roll.read import join
from ballot.roll.weighable import Missing, check_weighable
from tests.support.roll_files import read_list_sizes

Lists = Callable[..., bytes]
APRIL = date(2020, 4, 1)


@pytest.fixture
def roll() -> Roll:
    members = (
        Member("00Q", "Z91001", "Inkwell", None, line=2),
        Member("00Q", "Z91002", "Nutmeg", None, line=3),
        Member("01E", "Z96001", "Teacup", None, line=4),
    )
    return Roll(("00Q", "01E"), members, ("a note.",), "roll.csv")


def refused(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRoll) as caught:
        read_list_sizes(data, "lists.csv")
    return caught.value.problems


@pytest.mark.parametrize("area", ["CCG", "SUB_ICB_LOCATION"])
def test_both_generations_of_the_file_are_read(lists: Lists, area: str) -> None:
    found = read_list_sizes(lists(("Z91001", "12345"), ("Y02157", "1"), area=area), "lists.csv")
    assert found.sizes == {"Z91001": 12345, "Y02157": 1}
    assert found.ccgs == {"Z91001": "00Q", "Y02157": "00Q"}
    assert (found.extract_date, found.file) == (APRIL, "lists.csv")


@pytest.mark.parametrize("spelling", ["01APR2020", "01Apr2020", "2020-04-01", "01-Apr-20", "01-APR-2020"])
def test_every_spelling_of_the_day_is_read(spelling: str) -> None:
    assert parse_extract_date(spelling) == APRIL


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "01/04/2020",
        "04/01/2020",
        "20200401",
        "43922",
        "1APR2020",
        "01APR20",
        "31FEB2020",
        "01AVR2020",
        "01-Apr2020",
        "0000-01-01",
    ],
)
def test_a_day_that_could_be_another_is_not_read(spelling: str) -> None:
    assert parse_extract_date(spelling) is None


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        pytest.param(b"01APR2020", b"01/04/2020", "EXTRACT_DATE", RollReason.DATE, id="ambiguous day"),
        pytest.param(b"GP_PRAC_PAT_LIST,", b"GP_CCG,", "PUBLICATION", RollReason.WRONG_FILE, id="publication"),
        pytest.param(b",ALL,ALL,", b",MALE,ALL,", "SEX", RollReason.WRONG_FILE, id="one sex"),
        pytest.param(b",ALL,ALL,", b",ALL,0_4,", "AGE", RollReason.WRONG_FILE, id="one age"),
        pytest.param(b",GP,", b",CCG,", "TYPE", RollReason.WRONG_FILE, id="totals of a ccg"),
        pytest.param(b"Z91001", b"00Q", "CODE", RollReason.PRACTICE_CODE, id="code"),
        pytest.param(b",12345", b",1.2E+04", "NUMBER_OF_PATIENTS", RollReason.LIST_SIZE, id="number"),
        pytest.param(b",12345", b",", "NUMBER_OF_PATIENTS", RollReason.LIST_SIZE, id="no number"),
        pytest.param(b",12345", b"", None, RollReason.COLUMN_COUNT, id="width"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_column(
    lists: Lists, old: bytes, new: bytes, column: str | None, reason: RollReason
) -> None:
    header, row = lists(("Z91001", "12345")).split(b"\r\n", 1)
    (problem,) = refused(header + b"\r\n" + row.replace(old, new, 1))
    assert (problem.line, problem.column, problem.reason) == (2, column, reason)


def test_lists_of_two_days_are_refused(lists: Lists) -> None:
    other = lists(("Z91002", "1"), day="2020-05-01").split(b"\r\n")[1]
    (problem,) = refused(lists(("Z91001", "1")) + other)
    assert (problem.line, problem.reason) == (3, RollReason.DATE)
    assert problem.sentence.startswith("2020-05-01 was found where 2020-04-01 was expected, as on line 2")


def test_a_practice_listed_twice_is_refused(lists: Lists) -> None:
    (problem,) = refused(lists(("Z91001", "1"), ("Z91001", "1")))
    assert (problem.line, problem.reason) == (3, RollReason.PRACTICE_TWICE)


def test_a_file_by_sex_is_refused_for_that_alone(lists: Lists) -> None:
    data = lists(("Z91001", "1"), ("Z91001", "2")).replace(b",ALL,ALL,", b",MALE,ALL,")
    assert [(problem.line, problem.column) for problem in refused(data)] == [(2, "SEX"), (3, "SEX")]


def test_another_header_is_refused(lists: Lists) -> None:
    (problem,) = refused(lists(("Z91001", "1")).replace(b"POSTCODE", b"POST"))
    assert (problem.line, problem.reason) == (1, RollReason.MISSING_COLUMN)


def test_a_file_without_lists_is_refused(lists: Lists) -> None:
    (problem,) = refused(lists())
    assert problem.reason is RollReason.EMPTY


def test_a_joined_roll_has_sizes_a_day_and_notes_who_has_none(roll: Roll) -> None:
    sizes = {"Z91001": 12345, "Z96001": 0, "Y02157": 7, "A81001": 9, "Y02158": 0}
    ccgs = {"Z91001": "00Q", "Z96001": "01E", "Y02157": "00Q", "A81001": "00C", "Y02158": "00Q"}
    joined = join(roll, ListSizes(sizes, APRIL, ccgs, "lists.csv"))
    assert [(member.practice, member.list_size) for member in joined.members] == [
        ("Z91001", 12345),
        ("Z91002", None),
        ("Z96001", 0),
    ]
    assert joined.snapshot == APRIL
    assert joined.notes == (
        "a note.",
        "lists.csv: 2 members without a list on 2020-04-01: Z91002 Nutmeg (00Q), Z96001 Teacup (01E).",
        "lists.csv: 1 code with patients in these CCGs but no member on the roll: Y02157 (7 patients, 00Q).",
    )


def test_of_two_figures_for_one_practice_none_is_chosen(roll: Roll) -> None:
    with_sizes = Roll(roll.ccgs, (Member("00Q", "Z91001", "Inkwell", 5, line=2), *roll.members[1:]), (), "roll.csv")
    with pytest.raises(
        InvalidRoll, match=r"^roll.csv:2: column registered_patients: Z91001 has 5 patients here, and 6"
    ):
        join(with_sizes, ListSizes({"Z91001": 6}, APRIL, file="lists.csv"))
    assert join(with_sizes, ListSizes({"Z91001": 5}, APRIL)).members[0].list_size == 5


def test_a_size_that_only_the_roll_has_is_kept_aloud(roll: Roll) -> None:
    with_sizes = Roll(roll.ccgs, (Member("00Q", "Z91001", "Inkwell", 5), *roll.members[1:]), (), "roll.csv")
    joined = join(with_sizes, ListSizes({"Z91002": 6, "Z96001": 7}, APRIL, file="lists.csv"))
    assert joined.members[0].list_size == 5
    assert joined.notes == ("lists.csv: 1 member not in this file; the size in roll.csv was kept: Z91001.",)


def test_lists_of_somewhere_else_are_refused(roll: Roll) -> None:
    with pytest.raises(
        InvalidRoll, match=r"lists.csv:1: none of the 3 practices of roll.csv has a list in this file\."
    ):
        join(roll, ListSizes({"A81001": 9}, APRIL, file="lists.csv"))


@pytest.mark.parametrize(("size", "words"), [(None, "no list"), (0, "an empty list")])
def test_a_practice_without_a_list_is_refused_where_the_rule_weighs(size: int | None, words: str) -> None:
    members = (Member("00Q", "Z91001", "Inkwell", 5, line=2), Member("00Q", "Z91002", "Nutmeg", size, line=3))
    with pytest.raises(InvalidRoll) as caught:
        check_weighable(Roll(("00Q",), members, (), "roll.csv"), "00Q", "refuse")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.reason) == (3, "registered_patients", RollReason.NO_LIST)
    assert f"Z91002 Nutmeg has {words}" in problem.sentence


@pytest.mark.parametrize("size", [None, 0])
def test_a_practice_without_a_list_weighs_zero_with_a_note_where_the_rule_says_so(size: int | None) -> None:
    members = (Member("00Q", "Z91001", "Inkwell", 5), Member("00Q", "Z91002", "Nutmeg", size))
    notes = check_weighable(Roll(("00Q",), members, (), "roll.csv"), "00Q", "zero")
    assert notes == ("roll.csv: 1 member of 00Q without a list, weighing zero: Z91002 Nutmeg.",)


@pytest.mark.parametrize("missing", ["refuse", "zero"])
def test_the_lists_of_other_ccgs_do_not_matter(roll: Roll, missing: Missing) -> None:
    members = (*roll.members[:2], Member("01E", "Z96001", "Teacup", 5))
    assert check_weighable(Roll(roll.ccgs, members), "01E", missing) == ()


def test_a_ccg_in_which_nobody_weighs_anything_is_refused_either_way(roll: Roll) -> None:
    with pytest.raises(InvalidRoll) as caught:
        check_weighable(roll, "00Q", "zero")
    assert [problem.line for problem in caught.value.problems] == [2, 3]


def test_a_rule_must_say_what_a_missing_list_means(roll: Roll) -> None:
    with pytest.raises(ValueError, match="'refuse' or 'zero'"):
        check_weighable(roll, "00Q", "ignore")  # type: ignore[arg-type]
