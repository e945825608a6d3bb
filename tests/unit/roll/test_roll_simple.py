from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.constitution.codes import CodeKind, Codes
from ballot.roll.member import Member
from ballot.roll.problems import InvalidRoll, Problem, RollReason
from ballot.roll.read import RollFile, read_files
from ballot.roll.simple import read_roll, write_roll

CCGS = ("01E", "00Q")
Simple = Callable[..., bytes]


def refused(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRoll) as caught:
        read_roll(data, "roll.csv", CCGS)
    return caught.value.problems


def test_a_roll_is_in_the_order_of_the_ccgs_and_then_of_the_codes(simple: Simple) -> None:
    roll = read_roll(simple(), "roll.csv", CCGS)
    assert roll.members == (
        Member("01E", "Z96001", "Teacup Surgery", 5000, "Dr Ada Yarrow", "a@example.org"),
        Member("00Q", "Z91001", "Inkwell Surgery", 12345, None, "b@example.org"),
        Member("00Q", "Z91002", "Nutmeg Surgery", None, None, None),
    )
    assert [member.line for member in roll.members] == [2, 4, 3]
    assert (roll.ccgs, roll.notes, roll.file, roll.snapshot) == (CCGS, (), "roll.csv", None)


def test_the_members_of_one_ccg_can_be_asked_for(simple: Simple) -> None:
    roll = read_roll(simple(), "roll.csv", CCGS)
    assert [member.practice for member in roll.of("00Q")] == ["Z91001", "Z91002"]
    with pytest.raises(ValueError, match="'00R'"):
        roll.of("00R")


def test_what_was_read_is_written_and_read_again_the_same(simple: Simple) -> None:
    roll = read_roll(simple('00Q,Z91001,"Inkwell, ""Old"" Surgery",0,,', "01E,Z96001,Teacup,,,"), "roll.csv", CCGS)
    assert read_roll(write_roll(roll.members), "roll.csv", CCGS) == roll


def test_only_four_columns_are_needed_in_any_order(simple: Simple) -> None:
    header = "practice_name,registered_patients,practice_ods_code,ccg_ods_code"
    roll = read_roll(simple("Inkwell,7,Z91001,00Q", "Teacup,8,Z96001,01E", header=header), "roll.csv", CCGS)
    assert roll.of("00Q") == (Member("00Q", "Z91001", "Inkwell", 7),)


def test_other_columns_are_ignored_and_named(simple: Simple) -> None:
    header = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,pcn_code,,evil\x1b[2J"
    roll = read_roll(simple("00Q,Z91001,A,1,U1,2,3", "01E,Z96001,B,1,U1,,", header=header), "roll.csv", CCGS)
    assert roll.notes == ("roll.csv: 3 columns ignored: pcn_code, number 6, without a name, evil\\x1b[2J.",)


def test_every_missing_column_is_named_with_those_that_are_there(simple: Simple) -> None:
    problems = refused(simple("00Q,Z91001", header="ccg_ods_code,Practice"))
    assert [problem.column for problem in problems] == ["practice_ods_code", "practice_name", "registered_patients"]
    assert "It has: ccg_ods_code, Practice." in problems[0].sentence
    assert {(problem.line, problem.reason) for problem in problems} == {(1, RollReason.MISSING_COLUMN)}


def test_a_header_separated_by_semicolons_is_explained() -> None:
    problems = refused(b"ccg_ods_code;practice_ods_code\n00Q;Z91001\n")
    assert "something else than commas" in problems[0].sentence


def test_a_column_named_twice_is_refused(simple: Simple) -> None:
    header = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,email,email"
    (problem,) = refused(simple("00Q,Z91001,A,1,,", header=header))
    assert (problem.column, problem.reason) == ("email", RollReason.COLUMN_TWICE)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("00Q,Z91001,A", "6 columns expected, as in the header, and 3 found."),
        ("00Q,Z91001,A, and B,1,,", "and 7 found; a comma inside a name needs quotation marks"),
    ],
)
def test_a_row_of_another_width_is_refused_with_both_counts(simple: Simple, line: str, words: str) -> None:
    (problem,) = refused(simple("01E,Z96001,Teacup,1,,", line))
    assert (problem.line, problem.column, problem.reason) == (3, None, RollReason.COLUMN_COUNT)
    assert words in problem.sentence


def test_everything_wrong_is_said_at_once_by_line_and_column(simple: Simple) -> None:
    problems = refused(
        simple(
            '1E+00,z91001,,"12,345",=cmd,nobody',
            "00Q,Z91002,Nutmeg,1,,",
            "00Z,Z91002,Nutmeg,1,,",
        )
    )
    assert [(problem.line, problem.column, problem.reason) for problem in problems] == [
        (2, "ccg_ods_code", RollReason.SPREADSHEET),
        (2, "practice_ods_code", RollReason.PRACTICE_CODE),
        (2, "practice_name", RollReason.NAME),
        (2, "registered_patients", RollReason.LIST_SIZE),
        (2, "representative", RollReason.FORMULA),
        (2, "email", RollReason.EMAIL),
        (4, "ccg_ods_code", RollReason.UNKNOWN_CCG),
        (4, "practice_ods_code", RollReason.PRACTICE_TWICE),
    ]


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ("00Q,Z91001,Inkwell,1,,", "Z91001 stands on line 2 already;"),
        ("01E,Z91001,Inkwell,1,,", "Z91001 stands on line 2 already, as a member of 00Q;"),
    ],
)
def test_a_practice_is_a_member_of_one_ccg_and_stands_once(simple: Simple, again: str, words: str) -> None:
    (problem,) = refused(simple("00Q,Z91001,Inkwell,1,,", "01E,Z96001,Teacup,1,,", again))
    assert (problem.line, problem.reason) == (4, RollReason.PRACTICE_TWICE)
    assert words in problem.sentence


@pytest.mark.parametrize(
    "line", ['00Q,Z91001,"Inkwell\n",1,,', '00Q,Z91001,Inkwell,1,,"a@example.org\r\n"', '00Q,"Z91001\n",A,1,,']
)
def test_a_line_end_inside_a_cell_is_refused_not_stripped(simple: Simple, line: str) -> None:
    (problem,) = refused(simple("01E,Z96001,Teacup,1,,", line))
    assert problem.line == 3


def test_two_practices_may_share_a_name(simple: Simple) -> None:
    roll = read_roll(simple("00Q,Z91001,Teacup,1,,", "01E,Z96001,Teacup,1,,"), "roll.csv", CCGS)
    assert len(roll.members) == 2


def test_a_shared_mailbox_is_noted(simple: Simple) -> None:
    data = simple("00Q,Z91001,Inkwell,1,,pm@example.org", "01E,Z96001,Teacup,1,,PM@example.org")
    roll = read_roll(data, "roll.csv", CCGS)
    assert roll.notes == ("roll.csv: one e-mail address is given for 2 practices: Z96001, Z91001.",)


def test_a_ccg_without_a_practice_is_refused(simple: Simple) -> None:
    (problem,) = refused(simple("00Q,Z91001,Inkwell,1,,"))
    assert (problem.line, problem.reason) == (2, RollReason.CCG_WITHOUT_PRACTICE)
    assert "without a practice of 01E" in problem.sentence


def test_a_header_alone_is_refused_for_every_ccg(simple: Simple) -> None:
    header = simple().split(b"\n")[0]
    assert [problem.reason for problem in refused(header)] == [RollReason.CCG_WITHOUT_PRACTICE] * 2


def test_members_are_equal_whatever_line_they_stood_on() -> None:
    assert Member("00Q", "Z91001", "A", 1, line=2) == Member("00Q", "Z91001", "A", 1, line=9)


NOTIFIED = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,email,notify"


def test_further_addresses_are_read_and_written_again(simple: Simple) -> None:
    roll = read_roll(
        simple("00Q,Z91001,A,1,a@b.org,c@d.org; e@f.org  g@h.org;", "01E,Z96001,B,1,,", header=NOTIFIED),
        "roll.csv",
        CCGS,
    )
    assert [member.notify for member in roll.members] == [(), ("c@d.org", "e@f.org", "g@h.org")]
    assert read_roll(write_roll(roll.members), "roll.csv", CCGS).members == roll.members
    assert roll.notes == ()


def test_a_roll_in_which_nobody_registered_further_addresses_is_written_without_the_column(simple: Simple) -> None:
    assert b"notify" not in write_roll(read_roll(simple(), "roll.csv", CCGS).members)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("c@d.org nobody e@f.org", '"nobody" has no @'),
        ("c@d.org C@D.org", "stands here twice"),
        ("<c@d.org>", "more than the bare address"),
        (" ".join(f"a{i}@d.org" for i in range(11)), "11 addresses; at most 10"),
    ],
)
def test_a_further_address_that_is_none_is_refused_by_line_and_column(simple: Simple, cell: str, words: str) -> None:
    (problem,) = refused(simple("01E,Z96001,B,1,,", f"00Q,Z91001,A,1,,{cell}", header=NOTIFIED))
    assert (problem.line, problem.column, problem.reason) == (3, "notify", RollReason.EMAIL)
    assert words in problem.sentence


OWN_CODES = Codes(CodeKind.OWN, CodeKind.OWN)


def test_a_roll_has_the_codes_that_its_programme_says(simple: Simple) -> None:
    data = simple("LMC-NORTH,SURGERY-7,Seven Surgery,,,", "LMC-NORTH,SURGERY-8,Eight Surgery,,,")
    roll = read_files(RollFile("roll.csv", data), ["LMC-NORTH"], codes=OWN_CODES)
    assert [member.practice for member in roll.members] == ["SURGERY-7", "SURGERY-8"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("LMC-NORTH,surgery-8,B,,,", '"surgery-8" is in small letters; SURGERY-8 was expected'),
        ("LMC-NORTH,12,B,,,", '"12" is a number; a code of your own of 2 to 12 capital letters'),
        ("LMC-NORTH,SEPT2,B,,,", "would be changed by a spreadsheet"),
        ("LMC-NORTH,SURGERY7,B,,,", "SURGERY7 looks like SURGERY-7"),
        ("LMC-NORTH,LMCN0RTH,B,,,", "LMCN0RTH looks like LMC-NORTH"),
    ],
)
def test_codes_of_ones_own_are_refused_where_they_could_be_confused(row: str, why: str, simple: Simple) -> None:
    data = simple("LMC-NORTH,SURGERY-7,Seven Surgery,,,", row)
    with pytest.raises(InvalidRoll) as refusal:
        read_files(RollFile("roll.csv", data), ["LMC-NORTH"], codes=OWN_CODES)
    assert why in str(refusal.value)
    assert str(refusal.value).startswith("roll.csv:3: ")


def test_a_list_of_gp_practices_is_no_roll_of_members_with_codes_of_their_own(ods_row: Simple) -> None:
    with pytest.raises(InvalidRoll, match="members of this programme have other codes"):
        read_files(RollFile("epraccur.csv", ods_row()), ["00Q"], codes=Codes(member=CodeKind.OWN))
