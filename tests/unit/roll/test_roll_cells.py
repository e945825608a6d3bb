from __future__ import annotations

import pytest

from ballot.roll.addresses import why_no_address
from ballot.roll.cells import parse_list_size, parse_name
from ballot.roll.codes import check_ccgs, parse_ccg, parse_practice
from ballot.roll.problems import InvalidRoll, Problem, Problems, RollReason

CCGS = ("00Q", "01A", "01E", "5E1", "X2C4Y")


@pytest.fixture
def problems() -> Problems:
    return Problems("roll.csv")


def only(problems: Problems) -> Problem:
    with pytest.raises(InvalidRoll) as caught:
        problems.check()
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize("code", ["P81002", "Y02854", "ALD200", "GUE010", "JER756"])
def test_a_practice_code_is_accepted_as_it_stands(code: str, problems: Problems) -> None:
    assert parse_practice(code, 2, "practice_ods_code", problems) == code
    problems.check()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "empty"),
        ("p81002", "P81002 was expected"),
        ("P8100", "not a practice's code"),
        ("P81O02", "not a practice's code"),
        ("P810022", "not a practice's code"),
        ("810021", "is a number"),
        ("P81 002", "not a practice's code"),
        ("\u041081002", "not a practice's code"),  # a Cyrillic letter
        ("P8100\u0662", "not a practice's code"),  # an Arabic digit
        ("P81002\n", "\\n"),
    ],
)
def test_a_bad_practice_code_is_refused(code: str, words: str, problems: Problems) -> None:
    assert parse_practice(code, 2, "practice_ods_code", problems) is None
    problem = only(problems)
    assert problem.reason is RollReason.PRACTICE_CODE
    assert words in problem.sentence


@pytest.mark.parametrize("code", CCGS)
def test_a_ccg_of_the_list_is_accepted(code: str, problems: Problems) -> None:
    assert parse_ccg(code, CCGS, 2, "ccg_ods_code", problems) == code
    problems.check()


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.0", "01E"),
        ("1E+00", "01E"),
        ("1.00E+00", "01E"),
        ("1,00E+00", "01E"),
        ("1", "01E"),
        ("10E-1", "01E"),
        ("50", "5E1"),
        ("5.0E+01", "5E1"),
        ("5E+01", "5E1"),
    ],
)
def test_what_a_spreadsheet_made_of_a_code_is_refused_with_the_code(cell: str, code: str, problems: Problems) -> None:
    assert parse_ccg(cell, CCGS, 2, "ccg_ods_code", problems) is None
    problem = only(problems)
    assert problem.reason is RollReason.SPREADSHEET
    assert f'"{cell}" looks like a spreadsheet\'s reading of the code {code}.' in problem.sentence


def test_a_number_that_no_code_explains_is_still_a_spreadsheets_doing(problems: Problems) -> None:
    parse_ccg("7.0", CCGS, 2, "ccg_ods_code", problems)
    assert "reading of a code." in only(problems).sentence


@pytest.mark.parametrize(
    ("cell", "reason", "words"),
    [
        ("00Z", RollReason.UNKNOWN_CCG, "not a CCG of this roll; one of 00Q, 01A, 01E, 5E1, X2C4Y was expected"),
        ("112", RollReason.UNKNOWN_CCG, "not a CCG of this roll"),
        ("01e", RollReason.CCG_CODE, "01E was expected"),
        ("", RollReason.CCG_CODE, "the cell is empty"),
        ("NHS Blackpool", RollReason.CCG_CODE, "not a CCG's code"),
    ],
)
def test_any_other_ccg_is_refused(cell: str, reason: RollReason, words: str, problems: Problems) -> None:
    assert parse_ccg(cell, CCGS, 2, "ccg_ods_code", problems) is None
    problem = only(problems)
    assert problem.reason is reason
    assert words in problem.sentence


def test_an_enormous_exponent_takes_no_time(problems: Problems) -> None:
    assert parse_ccg("9E999999999", CCGS, 2, "ccg_ods_code", problems) is None


@pytest.mark.parametrize("ccgs", [[], "01E", ["01E", "01E"], ["1.0"], ["01e"], ["0100"]])
def test_a_caller_must_name_good_ccgs(ccgs: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (each has its own words)
        check_ccgs(ccgs)


@pytest.mark.parametrize("name", ["DR A K JHA (SH)", "O'Hara & Partners", "THE SURGERY @ AYLESTONE", "Łódź"])
def test_a_name_is_accepted_as_it_stands(name: str, problems: Problems) -> None:
    assert parse_name(name, 2, "practice_name", problems) == name
    problems.check()


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("", RollReason.NAME, "empty"),
        ("x" * 201, RollReason.NAME, "201 characters"),
        ("a\nb", RollReason.NAME, "U+000A"),
        ("a\x1b[2J", RollReason.NAME, "U+001B"),
        ("a\u202eb", RollReason.NAME, "RIGHT-TO-LEFT OVERRIDE"),
        ("a\u00a0b", RollReason.NAME, "NO-BREAK SPACE"),
        ('=HYPERLINK("x")', RollReason.FORMULA, "formula"),
        ("+44", RollReason.FORMULA, "formula"),
        ("-1", RollReason.FORMULA, "formula"),
        ("@SUM(A1)", RollReason.FORMULA, "formula"),
    ],
)
def test_a_bad_name_is_refused(name: str, reason: RollReason, words: str, problems: Problems) -> None:
    assert parse_name(name, 2, "practice_name", problems) is None
    problem = only(problems)
    assert problem.reason is reason
    assert words in problem.sentence
    assert str(problem).isprintable()


@pytest.mark.parametrize(("cell", "size"), [("0", 0), ("1", 1), ("12345", 12345), ("9999999", 9_999_999)])
def test_a_plain_whole_number_is_a_list_size(cell: str, size: int, problems: Problems) -> None:
    assert parse_list_size(cell, 2, "registered_patients", problems) == size
    problems.check()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("12,345", "thousands separator"),
        ("1 234 567", "thousands separator"),
        ("12.5", "not whole"),
        ("2318.666667", "not whole"),
        ("12.0", "not whole"),
        ("-1", "negative"),
        ("\u22121", "negative"),
        ("1e3", "spreadsheet's way"),
        ("1.2E+04", "spreadsheet's way"),
        ("007", "begins with a zero"),
        ("10000000", "more than 9999999"),
        ("9" * 2000, "more than 9999999"),
        ("+5", "not a number"),
        ("\u0665", "not a number"),
        ("n/a", "not a number"),
        ("", "is empty"),
    ],
)
def test_any_other_list_size_is_refused_with_the_reason(cell: str, words: str, problems: Problems) -> None:
    assert parse_list_size(cell, 2, "registered_patients", problems) is None
    problem = only(problems)
    assert problem.reason is RollReason.LIST_SIZE
    assert words in problem.sentence
    assert "such as 12345 was expected" in problem.sentence


@pytest.mark.parametrize(
    "address",
    [
        "manager@example.org",
        "dr.o'hara+vote@nhs.net",
        "p81002.manager@sub.example.nhs.uk",
        "a@bücher.example",
        "a@xn--bcher-kva.example",
        "a@BÜCHER.example",
        "a@straße.example",
        "a@пример.example",
        "a@例え.example",
        "a@한국abc.example",
        "a@ŵyneb.cymru",
        f"{'a' * 64}@example.org",
    ],
)
def test_an_address_is_accepted(address: str) -> None:
    assert why_no_address(address) is None


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("manager", "no @"),
        ("a@b@example.org", "more than one @"),
        ("a b@example.org", "blank"),
        ("a@example.org\r\nBcc: all@example.org", "line end"),
        ("a@example.org\n", "line end"),
        ("a\u200b@example.org", "does not print"),
        ("a@example.org,b@example.org", "more than one"),
        ("a@example.org;b@example.org", "more than one"),
        ("Ada<a@example.org>", "bare address"),
        ('"a"@example.org', "bare address"),
        ("a@[127.0.0.1]", "bare address"),
        ("a@127.0.0.1", "after the @"),
        ("a@localhost", "after the @"),
        ("a@-example.org", "after the @"),
        ("a@example..org", "after the @"),
        ("a@example.org.", "after the @"),
        (f"a@{'b' * 64}.org", "after the @"),
        ("a@\uff45xample.org", "after the @"),
        ("a@example\u3002org", "after the @"),
        ("@example.org", "before the @"),
        (".a@example.org", "before the @"),
        ("a..b@example.org", "before the @"),
        ("-oProxy@example.org", "before the @"),
        ("=1+1@example.org", "before the @"),
        ("ä@example.org", 'has "ä" (U+00E4, LATIN SMALL LETTER A WITH DIAERESIS) before the @'),
        ("a\u2013b@example.org", "(U+2013, EN DASH) before the @"),
        ("a@north\u2013surgery.example.org", "(U+2013, EN DASH) after the @"),
        ("a@north\u2010surgery.example.org", "(U+2010, HYPHEN) after the @"),
        ("a@north\u2212surgery.example.org", "(U+2212, MINUS SIGN) after the @"),
        ("a@ex\u0430mple.org", "(U+0430, CYRILLIC SMALL LETTER A) after the @"),
        ("a@EX\u0410MPLE.org", "(U+0430, CYRILLIC SMALL LETTER A) after the @"),
        ("a@example.\u03bfrg", "(U+03BF, GREEK SMALL LETTER OMICRON) after the @"),
        ("a@\u0430\u0440\u0440\u04cf\u0435.com", "(U+0430, CYRILLIC SMALL LETTER A) after the @"),
        ("a@xn--80ak6aa92e.com", "(U+0430, CYRILLIC SMALL LETTER A) after the @"),
        ("a@xn--exmple-4nf.org", "(U+0430, CYRILLIC SMALL LETTER A) after the @"),
        ("a@\u0261oogle.com", "(U+0261, LATIN SMALL LETTER SCRIPT G) after the @"),
        ("a@example\u2024org", "(U+2024, ONE DOT LEADER) after the @"),
        ("a@\u2115hs.net", "(U+2115, DOUBLE-STRUCK CAPITAL N) after the @"),
        ("a@b\u00b5.org", "(U+00B5, MICRO SIGN) after the @"),
        ("a@xn--a.org", "after the @"),
        ("a@xn--.org", "after the @"),
        ("a@\u0301b.org", "after the @"),
        (f"a@{'ü' * 60}.org", "after the @"),
        (f"{'a' * 65}@example.org", "before the @"),
        (f"a@{'b.' * 130}org", "more than the 254"),
    ],
)
def test_anything_else_is_no_address(address: str, words: str) -> None:
    why = why_no_address(address)
    assert why is not None
    assert words in why
