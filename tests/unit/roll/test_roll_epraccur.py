from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.roll.epraccur import read_epraccur
from ballot.roll.member import Member
from ballot.roll.problems import InvalidRoll, Problem, Reason

CCGS = ("01E", "00Q")
OdsRow = Callable[..., bytes]


@pytest.fixture
def two(ods_row: OdsRow) -> bytes:
    """A member of each CCG, on lines 1 and 2."""
    return ods_row() + ods_row("Z96001", "TEACUP SURGERY", commissioner="01E")


def refused(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRoll) as caught:
        read_epraccur(data, "epraccur.csv", CCGS)
    return caught.value.problems


def test_an_active_gp_practice_commissioned_by_our_ccg_is_a_member(two: bytes) -> None:
    roll = read_epraccur(two, "epraccur.csv", CCGS)
    assert roll.members == (
        Member("01E", "Z96001", "TEACUP SURGERY", None),
        Member("00Q", "Z91001", "INKWELL SURGERY", None),
    )
    assert [member.line for member in roll.members] == [2, 1]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        pytest.param({"status": "C"}, None, id="closed"),
        pytest.param(
            {"status": "D"}, "1 GP practice of these CCGs left out as not active: Z91002 (dormant)", id="dormant"
        ),
        pytest.param({"status": "P"}, "Z91002 (proposed)", id="proposed"),
        pytest.param({"setting": "0"}, "1 active organisation of these CCGs left out", id="not a gp practice"),
        pytest.param({"setting": "27"}, "1 active organisation", id="a setting of later years"),
        pytest.param({"commissioner": "112"}, None, id="commissioned by another"),
        pytest.param({"commissioner": "X2C4Y"}, None, id="commissioner of five characters"),
        pytest.param({"commissioner": "", "status": "X", "setting": ""}, None, id="not allocated"),
    ],
)
def test_whoever_else_is_in_the_file_is_no_member(
    two: bytes, ods_row: OdsRow, change: dict[str, str], note: str | None
) -> None:
    roll = read_epraccur(two + ods_row("Z91002", **change), "epraccur.csv", CCGS)
    assert [member.practice for member in roll.members] == ["Z96001", "Z91001"]
    assert roll.notes[0].startswith("epraccur.csv: the lines end in CRLF")
    assert len(roll.notes) == (1 if note is None else 2)
    assert note is None or note in roll.notes[1]


def test_the_provider_is_not_the_commissioner(two: bytes) -> None:
    assert b'"112"' in two
    with pytest.raises(InvalidRoll, match="without a practice of 112"):
        read_epraccur(two, "epraccur.csv", ["112"])


@pytest.mark.parametrize(
    ("change", "column", "reason"),
    [
        pytest.param({"code": "z91002"}, "1 (organisation code)", Reason.PRACTICE_CODE, id="code"),
        pytest.param({"code": "Z91001"}, "1 (organisation code)", Reason.PRACTICE_TWICE, id="code twice"),
        pytest.param(
            {"code": "Z91001", "status": "C"}, "1 (organisation code)", Reason.PRACTICE_TWICE, id="closed twice"
        ),
        pytest.param({"name": ""}, "2 (name)", Reason.NAME, id="no name"),
        pytest.param({"status": "Active"}, "13 (status)", Reason.STATUS, id="status"),
        pytest.param({"commissioner": "1.00E+00"}, "15 (commissioner)", Reason.SPREADSHEET, id="spreadsheet"),
        pytest.param({"commissioner": "01e"}, "15 (commissioner)", Reason.CCG_CODE, id="commissioner"),
        pytest.param({"setting": "4.0"}, "26 (prescribing setting)", Reason.SETTING, id="setting"),
    ],
)
def test_a_damaged_row_is_refused_by_line_and_column(
    two: bytes, ods_row: OdsRow, change: dict[str, str], column: str, reason: Reason
) -> None:
    (problem,) = refused(two + ods_row(**({"code": "Z91002"} | change)))
    assert (problem.line, problem.column, problem.reason) == (3, column, reason)


def test_a_row_of_another_width_is_refused(two: bytes) -> None:
    (problem,) = refused(two + b'"Z91002","NUTMEG"\r\n')
    assert problem.sentence.startswith("27 columns expected, as in every epraccur.csv, and 2 found")


def test_a_ccg_without_a_practice_is_refused(ods_row: OdsRow) -> None:
    (problem,) = refused(ods_row())
    assert problem.reason is Reason.CCG_WITHOUT_PRACTICE
