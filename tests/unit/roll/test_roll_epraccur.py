from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.roll.member import Member
from ballot.roll.problems import InvalidRoll, Problem, RollReason
from ballot.roll.read import RollFile, read_files
from tests.support.beside import FOLDER
from tests.support.roll_files import read_epraccur

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
        pytest.param({"code": "z91002"}, "1 (organisation code)", RollReason.PRACTICE_CODE, id="code"),
        pytest.param({"code": "Z91001"}, "1 (organisation code)", RollReason.PRACTICE_TWICE, id="code twice"),
        pytest.param(
            {"code": "Z91001", "status": "C"}, "1 (organisation code)", RollReason.PRACTICE_TWICE, id="closed twice"
        ),
        pytest.param({"name": ""}, "2 (name)", RollReason.NAME, id="no name"),
        pytest.param({"status": "Open"}, "13 (status)", RollReason.STATUS, id="status"),
        pytest.param({"status": "a"}, "13 (status)", RollReason.STATUS, id="a small letter"),
        pytest.param({"status": ""}, "13 (status)", RollReason.STATUS, id="no status"),
        pytest.param(
            {"status": "ACTIVE", "setting": ""}, "26 (prescribing setting)", RollReason.SETTING, id="no setting"
        ),
        pytest.param({"setting": "RO76|"}, "26 (prescribing setting)", RollReason.SETTING, id="a bar and nothing"),
        pytest.param({"setting": "ro76"}, "26 (prescribing setting)", RollReason.SETTING, id="a role in small letters"),
        pytest.param({"setting": "4|RO76"}, "26 (prescribing setting)", RollReason.SETTING, id="a number and a role"),
        pytest.param(
            {"setting": "RO76;RO80"}, "26 (prescribing setting)", RollReason.SETTING, id="roles with a semicolon"
        ),
        pytest.param({"commissioner": "1.00E+00"}, "15 (commissioner)", RollReason.SPREADSHEET, id="spreadsheet"),
        pytest.param({"commissioner": "01e"}, "15 (commissioner)", RollReason.CCG_CODE, id="commissioner"),
        pytest.param({"setting": "4.0"}, "26 (prescribing setting)", RollReason.SETTING, id="setting"),
    ],
)
def test_a_damaged_row_is_refused_by_line_and_column(
    two: bytes, ods_row: OdsRow, change: dict[str, str], column: str, reason: RollReason
) -> None:
    (problem,) = refused(two + ods_row(**({"code": "Z91002"} | change)))
    assert (problem.line, problem.column, problem.reason) == (3, column, reason)


def test_a_row_of_another_width_is_refused(two: bytes) -> None:
    (problem,) = refused(two + b'"Z91002","NUTMEG"\r\n')
    assert problem.sentence.startswith("27 columns expected, as in every epraccur.csv, and 2 found")


def test_a_ccg_without_a_practice_is_refused(ods_row: OdsRow) -> None:
    (problem,) = refused(ods_row())
    assert problem.reason is RollReason.CCG_WITHOUT_PRACTICE


# -- The export of today ----------------------------------------------------------------------------------------------


@pytest.fixture
def today(ods_row: OdsRow) -> OdsRow:
    """One row as the export of today writes it."""

    def make(code: str = "Z91001", **more: str) -> bytes:
        return ods_row(code, **({"status": "ACTIVE", "setting": "RO76"} | more))

    return make


@pytest.mark.parametrize("status", ["ACTIVE", "Active", "active"])
@pytest.mark.parametrize("setting", ["RO76", "RO76|RO268", "RO80|RO76", "RO80 | RO76", "RO72|RO80|RO76"])
def test_ro76_among_the_roles_is_a_gp_practice(today: OdsRow, status: str, setting: str) -> None:
    data = today("Z96001", commissioner="01E") + today(status=status, setting=setting)
    roll = read_epraccur(data, "epraccur.csv", CCGS)
    assert [member.practice for member in roll.members] == ["Z96001", "Z91001"]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        pytest.param({"status": "INACTIVE"}, None, id="closed"),
        pytest.param({"status": "Inactive", "setting": ""}, None, id="closed, without a setting"),
        pytest.param({"status": "DORMANT"}, "left out as not active: Z91002 (dormant)", id="dormant"),
        pytest.param({"status": "PROPOSED"}, "Z91002 (proposed)", id="proposed"),
        pytest.param({"setting": "RO80"}, "1 active organisation of these CCGs left out", id="another role"),
        pytest.param({"setting": "RO80|RO87"}, "1 active organisation", id="other roles"),
        pytest.param({"setting": "RO760"}, "1 active organisation", id="a role that begins so"),
        pytest.param({"setting": "RO76", "commissioner": "QE1"}, None, id="commissioned by another"),
    ],
)
def test_whoever_else_is_in_the_export_is_no_member(today: OdsRow, change: dict[str, str], note: str | None) -> None:
    data = today() + today("Z96001", commissioner="01E") + today("Z91002", **change)
    roll = read_epraccur(data, "epraccur.csv", CCGS)
    assert [member.practice for member in roll.members] == ["Z96001", "Z91001"]
    assert [each for each in roll.notes[1:] if note is None or note not in each] == []
    assert len(roll.notes) == (1 if note is None else 2)


HEADER = ["Organisation Code", "Name", *(f"{number}" for number in range(3, 28))]
HEADER[12] = "Status"


@pytest.mark.parametrize("dress", [bytes, lambda data: b"\xef\xbb\xbf" + data, lambda data: data.replace(b'"', b"")])
@pytest.mark.parametrize("width", [27, 26])
@pytest.mark.parametrize("header", [HEADER, None], ids=["header", "no header"])
def test_the_export_is_known_in_every_dress(
    today: OdsRow, dress: Callable[[bytes], bytes], width: int, header: list[str] | None
) -> None:
    rows = [today(), today("Z96001", commissioner="01E")]
    if width == 26:
        rows = [row.replace(b',""\r\n', b"\r\n") for row in rows]
    if header:
        rows.insert(0, (",".join(header[:width]) + "\r\n").encode())
    roll = read_files(RollFile("epraccur.csv", dress(b"".join(rows))), CCGS)
    assert len(roll.members) == 2
    told = "\n".join(roll.notes)
    assert ("line 1 is a header, and was skipped." in told) == (header is not None)
    assert ("left out their last cells (27), read as empty" in told) == (width == 26)


def test_only_the_first_row_can_be_a_header(today: OdsRow) -> None:
    data = today() + ",".join(HEADER).encode() + b"\r\n" + today("Z96001", commissioner="01E")
    problem = refused(data)[0]
    assert (problem.line, problem.reason) == (2, RollReason.PRACTICE_CODE)


@pytest.mark.parametrize("width", [14, 23, 25])
def test_a_file_that_ends_before_the_setting_is_refused_by_name(today: OdsRow, width: int) -> None:
    row = b",".join(today().split(b",")[:width]) + b"\r\n"
    with pytest.raises(InvalidRoll, match=f"this seems to be epraccur.csv with {width} columns instead of 27"):
        read_files(RollFile("epraccur.csv", row), CCGS)


def test_a_name_that_was_garbled_is_noted(today: OdsRow) -> None:
    data = today(name="CAFÃ‰ SURGERY") + today("Z96001", commissioner="01E")
    roll = read_epraccur(data, "epraccur.csv", CCGS)
    assert "Z91001 CAFÃ‰ SURGERY (perhaps CAFÉ SURGERY)" in roll.notes[-1]


EXPORT = FOLDER / "cases" / "roll" / "epraccur-2026-export.csv"


@pytest.mark.shared
def test_the_export_among_the_cases_is_read() -> None:
    ccgs = ("00Q", "00R", "00X", "01A", "02M", "01E", "01K", "02G")
    roll = read_files(RollFile("epraccur.csv", EXPORT.read_bytes()), ccgs)
    assert [member.practice for member in roll.members] == [
        "Z90001", "Z91001", "Z92001", "Z93001", "Z94001", "Z95001", "Z96001", "Z97001",
    ]  # fmt: skip
    assert roll.notes == (
        "epraccur.csv: 1 active organisation of these CCGs left out, the setting not being 4 or RO76 (GP practice).",
    )
