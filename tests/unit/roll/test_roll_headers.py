"""Columns in another spelling, columns that almost match ours, and rows without their last columns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll, RollReason
from ballot.roll.read import Format, RollFile, read_files
from tests.support.beside import FOLDER
from tests.support.roll_files import detect

CCGS = ("01E", "00Q")
HEADER = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,representative,email"
Simple = Callable[..., bytes]
CASES = FOLDER / "cases" / "roll"


def read(data: bytes, **more: dict[str, str]) -> Roll:
    return read_files(RollFile("roll.csv", data), CCGS, **more)


@pytest.mark.parametrize(
    ("was", "name"),
    [
        ("email", "Email"),
        ("email", "E-mail"),
        ("email", "E_MAIL"),
        ("email", "e mail"),
        ("email", "E\u2011Mail"),
        ("representative", "Representative"),
        ("ccg_ods_code", "CCG_ODS_Code"),
        ("ccg_ods_code", "CCG ODS code"),
        ("practice_ods_code", "Practice-ODS-Code"),
        ("practice_name", "PracticeName"),
        ("registered_patients", "Registered\u00a0patients"),
    ],
)
def test_capitals_blanks_and_hyphens_of_a_column_do_not_matter(simple: Simple, was: str, name: str) -> None:
    plain = read(simple())
    roll = read(simple(header=HEADER.replace(was, name)))
    assert roll.members == plain.members
    assert roll.notes == (f"roll.csv: columns were read under another spelling: {_printed(name)} as {was}.",)


def _printed(name: str) -> str:
    return name.replace("\u00a0", "\\xa0")


def test_all_columns_may_be_spelled_otherwise_at_once(simple: Simple) -> None:
    assert read(simple(header=HEADER.upper().replace("_", " "))).members == read(simple()).members


def test_further_addresses_and_localities_are_found_under_another_spelling(simple: Simple) -> None:
    header = HEADER.replace("representative", "Notify").replace("email", "PCN-Code")
    lines = ("00Q,Z91001,A,1,c@d.org,U1", "01E,Z96001,B,1,,")
    roll = read(simple(*lines, header=header), localities={"00Q": "pcn_code"})
    assert [(member.notify, member.locality) for member in roll.of("00Q")] == [(("c@d.org",), "U1")]


@pytest.mark.parametrize("again", ["email,Email", "E-mail,EMAIL"])
def test_a_column_in_two_spellings_is_there_twice(simple: Simple, again: str) -> None:
    header = HEADER.replace("representative,email", again)
    with pytest.raises(InvalidRoll) as caught:
        read(simple(header=header))
    assert [(problem.column, problem.reason) for problem in caught.value.problems] == [
        ("email", RollReason.COLUMN_TWICE)
    ]


@pytest.mark.parametrize(
    ("was", "name"),
    [
        ("email", "email address"),
        ("email", "E-mail-address"),
        ("email", "Practice email"),
        ("email", "mail"),
        ("email", "emial"),
        ("email", "emails"),
        ("representative", "Representatives"),
        ("representative", "representive"),
        ("representative", "Name of representative"),
        ("representative", "notify addresses"),
    ],
)
def test_a_column_that_is_nearly_an_optional_one_is_refused_by_name(simple: Simple, was: str, name: str) -> None:
    expected = "notify" if "notify" in name else was
    with pytest.raises(InvalidRoll) as caught:
        read(simple(header=HEADER.replace(was, name)))
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.reason) == (1, expected, RollReason.NEAR_COLUMN)
    assert f'"{name}", which would be ignored. Call it {expected}, or take it out of the file.' in problem.sentence


def test_beside_the_column_itself_one_that_is_near_is_ignored_as_any_other(simple: Simple) -> None:
    data = simple("00Q,Z91001,A,1,,,x@y.org", "01E,Z96001,B,1,,,", header=HEADER + ",old email")
    assert read(data).notes == ("roll.csv: 1 column ignored: old email.",)


@pytest.mark.parametrize("name", ["note", "locality", "postcode", "pcn_code", "telephone", "male", "", "x" * 1999])
def test_a_column_that_is_like_none_of_ours_is_ignored(simple: Simple, name: str) -> None:
    header = HEADER.replace("email", name)
    data = simple("00Q,Z91001,A,1,,x", "01E,Z96001,B,1,,", header=header)
    assert "1 column ignored" in read(data).notes[0]


@pytest.mark.parametrize("change", [str.lower, str.title, lambda header: header.replace("_", " ")])
def test_list_sizes_are_known_under_another_spelling(
    lists: Callable[..., bytes], simple: Simple, change: Callable[[str], str]
) -> None:
    header, rest = lists(("Z91001", "12345"), ("Z96001", "5000")).decode().split("\r\n", 1)
    data = f"{change(header)}\r\n{rest}".encode()
    assert detect(data, "lists.csv") is Format.LIST_SIZES
    roll = read_files(RollFile("roll.csv", simple()), CCGS, RollFile("lists.csv", data))
    assert roll.snapshot is not None


# -- Cells left out ------------------------------------------------------------------------------------------------


def test_optional_cells_that_excel_left_out_are_empty_and_noted(simple: Simple) -> None:
    roll = read(simple("01E,Z96001,Teacup,1,Dr A,a@b.org", "00Q,Z91001,Inkwell,1", "00Q,Z91002,Nutmeg,2,Dr B"))
    assert [(member.representative, member.email) for member in roll.of("00Q")] == [(None, None), ("Dr B", None)]
    assert roll.notes == (
        "roll.csv: 2 rows left out their last cells (representative, email), read as empty; the first is on line 3.",
    )


def test_cells_of_ignored_columns_may_be_left_out_too(simple: Simple) -> None:
    roll = read(simple("01E,Z96001,Teacup,1,,,U1", "00Q,Z91001,Inkwell,1,,", header=HEADER + ",pcn_code"))
    assert "1 row left out its last cells (pcn_code), read as empty; the first is on line 3." in roll.notes[0]


def test_a_cell_that_is_needed_may_not_be_left_out(simple: Simple) -> None:
    with pytest.raises(InvalidRoll) as caught:
        read(simple("01E,Z96001,Teacup,1,,", "00Q,Z91001,Inkwell"))
    assert [(problem.line, problem.reason) for problem in caught.value.problems] == [(3, RollReason.COLUMN_COUNT)]


def test_a_locality_left_out_is_missing_only_where_a_rule_needs_it(simple: Simple) -> None:
    data = simple("01E,Z96001,Teacup,1,,", "00Q,Z91001,Inkwell,1,,,U1", header=HEADER + ",pcn_code")
    assert read(data, localities={"00Q": "pcn_code"}).of("00Q")[0].locality == "U1"
    with pytest.raises(InvalidRoll, match="every practice of 01E needs a locality"):
        read(data, localities={"01E": "pcn_code"})


# -- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CafÃ© Surgery", "Café Surgery"),
        ("Oâ€™Hara Surgery", "O\u2019Hara Surgery"),
        ("Å\u0081Ã³dÅº".replace("Å\u0081", "L"), "Lódź"),
        ("Caf\ufffd Surgery", None),
    ],
)
@pytest.mark.parametrize("column", ["practice_name", "representative"])
def test_a_garbled_name_is_noted(simple: Simple, name: str, meant: str | None, column: str) -> None:
    line = f"00Q,Z91001,{name},1,," if column == "practice_name" else f"00Q,Z91001,Inkwell,1,{name},"
    (note,) = read(simple("01E,Z96001,Teacup,1,,", line)).notes
    perhaps = f" (perhaps {meant})" if meant else ""
    assert note == f"roll.csv: 1 name looks garbled, as if read in the wrong encoding: Z91001 {name}{perhaps}."


@pytest.mark.parametrize("name", ["Café O\u2019Hara", "Łódź", "Ŵyneb", "Ângel", "São João", "ÃO", "Å"])
def test_a_name_with_accents_is_not_garbled(simple: Simple, name: str) -> None:
    assert read(simple("01E,Z96001,Teacup,1,,", f"00Q,Z91001,{name},1,,")).notes == ()


# -- The cases beside the checkout -----------------------------------------------------------------------------------


@pytest.mark.shared
def test_the_case_of_another_header_keeps_its_addresses() -> None:
    roll = read_files(RollFile("roll.csv", (CASES / "header-Email.csv").read_bytes()), ("00Q",))
    assert roll.members[0].email == "z91001@example.org"


@pytest.mark.shared
def test_the_case_of_a_dash_is_refused_by_naming_it() -> None:
    with pytest.raises(InvalidRoll, match=r"column email: .*\(U\+2013, EN DASH\) after the @"):
        read_files(RollFile("roll.csv", (CASES / "en-dash-in-domain.csv").read_bytes()), ("00Q",))
