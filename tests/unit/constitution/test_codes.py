"""Codes of bodies and members: one spelling, no two alike, and none that a spreadsheet or a file system changes."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.codes import ANY, CodeKind, code_fault, first_alike, is_code, looks
from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.programme import Returned, load_programme
from ballot.record.elections import election_name, is_election_name
from ballot.roll.codes import spreadsheet_number

PROGRAMME = """\
programme = "p"
name = "P"
[window]
opens = 2026-03-02 09:00:00
closes = 2026-03-20 17:00:00
zone = "Europe/London"
[[ccg]]
ods = "{body}"
name = "One"
[[ccg]]
ods = "{other}"
name = "Two"
[[question]]
id = "merge"
text = "Agree?"
answers = ["For", "Against", "Abstain"]
[trustees]
threshold = 2
names = ["A", "B", "C"]
[outcome]
questions = ["merge"]
require = "all"
otherwise = "stop"
{more}
"""


def programme(body: str = "00Q", other: str = "00R", more: str = "", top: str = "") -> bytes:
    return (top + PROGRAMME.format(body=body, other=other, more=more)).encode()


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (CodeKind.ODS, ["00Q", "01A", "X2C4Y", "U12345", "Q44A"]),
        (CodeKind.GP_PRACTICE, ["P81002", "Y02854", "GUE010"]),
        (CodeKind.OWN, ["LMC-NORTH", "AB", "S1", "SURGERY-7", "A-1-B", "A" * 12]),
        (CodeKind.DRAWN, ["K7R2XW4M"]),
    ],
)
def test_a_code_of_each_kind_is_known(kind: CodeKind, codes: list[str]) -> None:
    assert [code_fault(code, kind) for code in codes] == [None] * len(codes)


@pytest.mark.parametrize(
    ("kind", "code", "why"),
    [
        (CodeKind.ODS, "00", "is not an ODS code of 3 to 6"),
        (CodeKind.ODS, "U123456", "is not an ODS code"),
        (CodeKind.ODS, "0100", "is not an ODS code"),
        (CodeKind.ODS, "00q", "is not an ODS code"),
        (CodeKind.ODS, "00-Q", "is not an ODS code"),
        (CodeKind.GP_PRACTICE, "81002", "is not an ODS code of 6"),
        (CodeKind.OWN, "A", "is not a code of your own"),
        (CodeKind.OWN, "A" * 13, "is not a code of your own"),
        (CodeKind.OWN, "LMC--1", "is not a code of your own"),
        (CodeKind.OWN, "LMC-", "is not a code of your own"),
        (CodeKind.OWN, "-LMC", "is not a code of your own"),
        (CodeKind.OWN, "LMC.1", "is not a code of your own"),
        (CodeKind.OWN, "LMC_1", "is not a code of your own"),
        (CodeKind.OWN, "LMC\n", "is not a code of your own"),
        (CodeKind.OWN, "ÄRZTE", "is not a code of your own"),
        (CodeKind.OWN, "1E5", "is not a code of your own"),
        (CodeKind.OWN, "123", "is not a code of your own"),
        (CodeKind.OWN, "SEPT2", "spreadsheet"),
        (CodeKind.OWN, "MAR-20", "spreadsheet"),
        (CodeKind.OWN, "TRUE", "spreadsheet"),
        (CodeKind.OWN, "AUX", "Windows"),
        (CodeKind.OWN, "COM1", "Windows"),
        (CodeKind.DRAWN, "AEIOU234", "is not a drawn code"),
        (CodeKind.DRAWN, "1234567", "is not a drawn code"),
    ],
)
def test_a_code_of_another_form_is_refused_with_what_was_expected(kind: CodeKind, code: str, why: str) -> None:
    fault = code_fault(code, kind)
    assert fault is not None
    assert why in fault


@given(st.text(string.ascii_uppercase + string.digits + "-.", max_size=13), st.sampled_from(CodeKind))
def test_every_code_is_one_spelling_a_file_name_and_no_number(code: str, kind: CodeKind) -> None:
    if not is_code(code, kind):
        return
    assert code == code.upper()
    assert re.fullmatch(ANY, code)
    assert is_election_name(election_name(code, None))
    assert "." not in code
    if kind in (CodeKind.OWN, CodeKind.DRAWN):
        assert spreadsheet_number(code) is None


@given(st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=12))
def test_look_alike_letters_and_hyphens_make_no_difference(code: str) -> None:
    confused = code.replace("O", "0").replace("I", "L").replace("L", "1")
    assert looks(confused) == looks(code)
    found = first_alike(["UNLIKE-ALL99", code, confused])
    assert found == (None if confused == code else (code, confused))


def test_a_programme_without_a_table_of_codes_has_those_of_ccgs_and_gp_practices() -> None:
    found = load_programme(programme("00Q", "X2C4Y"), "p.toml")
    assert (found.codes.body, found.codes.member) == (CodeKind.ODS, CodeKind.GP_PRACTICE)
    assert found.returned is Returned.AFTER_CLOSING


def test_a_programme_says_whose_codes_its_bodies_and_members_have() -> None:
    found = load_programme(programme("LMC-A", "LMC-B", '[codes]\nbody = "own"\nmember = "ods"'), "p.toml")
    assert (found.codes.body, found.codes.member) == (CodeKind.OWN, CodeKind.ODS)
    assert [ccg.ods for ccg in found.ccgs] == ["LMC-A", "LMC-B"]


def test_members_who_are_persons_have_drawn_codes_and_who_voted_is_not_published() -> None:
    found = load_programme(programme(more='[members]\nkind = "persons"'), "p.toml")
    assert found.codes.persons
    assert found.codes.member is CodeKind.DRAWN
    assert found.returned is Returned.NEVER


@pytest.mark.parametrize(
    ("data", "line", "why"),
    [
        (programme("LMC-A"), 8, 'write [codes] with body = "own"'),
        (programme("U1234567"), 8, "is not an ODS code of 3 to 6"),
        (programme("00O", "000"), 11, '"000" looks like "00O"'),
        (programme("LMC-I", "LMC1", '[codes]\nbody = "own"'), 11, "looks like"),
        (programme("1E5", "LMC", '[codes]\nbody = "own"'), 8, "beginning with a letter"),
        (programme(more='[codes]\nbody = "gp-practice"'), 25, '"body" must be "ods" or "own"'),
        (programme(more='[codes]\nmember = "drawn"'), 25, '"member" must be'),
        (programme(more='[codes]\npractice = "ods"'), 25, "is not a key"),
        (programme(more='[members]\nkind = "people"'), 25, '"kind" must be "organisations" or "persons"'),
        (programme(more='[members]\nkind = "persons"\n[codes]\nmember = "own"'), 27, "leave this line out"),
        (programme(more='[members]\nkind = "persons"', top='returned = "after-closing"\n'), 1, 'returned = "never"'),
    ],
)
def test_a_wrong_kind_is_refused_with_its_line_and_what_to_write(data: bytes, line: int, why: str) -> None:
    with pytest.raises(InvalidProgramme) as refusal:
        load_programme(data, "p.toml")
    assert str(refusal.value).startswith(f"p.toml:{line}: ")
    assert why in str(refusal.value)
