"""Reading a CCG's rule file: its content is kept, and every gap is refused with its line."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from ballot.constitution.errors import InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.rule import Combine, Denominator, Outcome, QuorumCounting, Unit
from ballot.constitution.threshold import Comparison
from ballot.constitution.weight import MissingList

FULL = """\
ccg  = "01A"
name = "NHS East Lancashire CCG"
combine  = { at_least = 1 }
reballot = ["inquorate", "not carried"]

[source]
document = "Constitution, version 9"
clause   = "6.4"
wording  = "A resolution is carried if ..."
encoded_by  = "A"
approved_by = "B"

[weight]
per      = 1
snapshot = 2020-04-01
missing  = "zero"

[quorum]
measure  = "practices"
counting = "returned"
at_least = "75%"

[[test]]
measure   = "practices"
of        = "cast"
more_than = "1/2"

[[test]]
measure  = "weight"
of       = "eligible"
at_least = "66.67%"

[question.constitution.quorum]
measure   = "practices"
counting  = "for-and-against"
more_than = 20

[[question.constitution.test]]
measure  = "practices"
of       = "eligible-less-abstentions"
at_least = "3/4"
"""


def test_everything_the_file_says_is_kept() -> None:
    found = load_constitution(FULL.encode(), "01A.toml")

    assert (found.ccg, found.name, found.combine) == ("01A", "NHS East Lancashire CCG", 1)
    assert (found.source.clause, found.source.approved_by) == ("6.4", "B")
    assert found.reballot == {Outcome.INQUORATE, Outcome.NOT_CARRIED}
    assert found.weight is not None
    assert (found.weight.per, found.weight.snapshot, found.weight.missing) == (1, dt.date(2020, 4, 1), MissingList.ZERO)
    (quorum,) = found.quorums
    assert (quorum.unit, quorum.counting) == (Unit.PRACTICES, QuorumCounting.RETURNED)
    assert [(test.unit, test.base, test.threshold.value) for test in found.tests] == [
        (Unit.PRACTICES, Denominator.CAST, Fraction(1, 2)),
        (Unit.WEIGHT, Denominator.ELIGIBLE, Fraction(6667, 10000)),
    ]
    assert [test.threshold.comparison for test in found.tests] == [Comparison.MORE_THAN, Comparison.AT_LEAST]


def test_a_question_replaces_its_parts_and_inherits_the_rest() -> None:
    found = load_constitution(FULL.encode(), "01A.toml")

    own, top = found.rule_for("constitution"), found.rule_for("merge")

    assert top == found.rule_for()
    assert (len(top.tests), len(own.tests)) == (2, 1)
    assert own.tests[0].base is Denominator.ELIGIBLE_LESS_ABSTENTIONS
    assert own.quorums is not None
    assert own.quorums[0].threshold.value == 20
    assert (own.needed_of(None), own.weight, own.source) == (1, top.weight, top.source)


def test_a_question_may_replace_the_quorum_alone() -> None:
    text = FULL[: FULL.index("[[question")]

    found = load_constitution(text.encode(), "01A.toml")

    assert found.rule_for("constitution").tests == found.tests
    assert found.rule_for("constitution").quorums != found.quorums


def test_a_question_may_say_how_its_own_tests_combine() -> None:
    text = FULL.replace(
        "[question.constitution.quorum]", '[question.constitution]\ncombine = "all"\n\n[question.x.quorum]'
    )

    found = load_constitution(text.encode().replace(b"{ at_least = 1 }", b'"any"'), "01A.toml")

    assert found.rule_for("constitution").needed_of(None) == 1
    assert load_constitution(_with_two_tests(text), "01A.toml").rule_for("constitution").needed_of(None) == 2


def _with_two_tests(text: str) -> bytes:
    """The same file with a second test of the question's own."""
    own = text[text.index("[[question") :]
    return (text + own).encode()


def test_what_is_left_out_has_the_documented_meaning() -> None:
    text = FULL.replace('missing  = "zero"\n', "").replace("combine  = { at_least = 1 }\n", "")
    text = text.replace('reballot = ["inquorate", "not carried"]\n', "")

    found = load_constitution(text.encode(), "01A.toml")

    assert found.combine is Combine.ALL
    assert found.rule_for().needed_of(None) == 2
    assert found.reballot == {Outcome.INQUORATE}
    assert found.weight is not None
    assert found.weight.missing is MissingList.REFUSE


def test_the_needs_of_all_questions_are_taken_together() -> None:
    found = load_constitution(FULL.encode(), "01A.toml")

    assert not found.needs_weight_by_answer(["constitution"])
    assert found.needs_weight_by_answer(["constitution", "merge"])
    assert found.needs_practices_by_answer(["constitution"])


def test_windows_line_ends_and_dotted_keys_are_toml_too() -> None:
    text = FULL.replace("[weight]\nper      = 1\n", "[weight]\nper = 1\n").replace("\n", "\r\n")

    assert load_constitution(text.encode(), "01A.toml") == load_constitution(FULL.encode(), "01A.toml")


REFUSALS = {
    "unknown key": ('ccg  = "01A"', 'cgg  = "01A"', '1: "cgg" is not a key that belongs at the top'),
    "no ccg": ('ccg  = "01A"', "", '1: "ccg" is missing at the top of the file.'),
    "small letters": ('"01A"', '"01a"', '1: "01a" is not an ODS code'),
    "short code": ('"01A"', '"01"', '1: "01" is not an ODS code'),
    "a number with a leading zero": ('"01A"', "01", "1: This is not TOML"),
    "a number for a text": ('"01A"', "1", '1: "ccg" must be a text in quotation marks, not 1.'),
    "empty name": ('"NHS East Lancashire CCG"', '" "', '2: "name" is empty.'),
    "control": ('"NHS East Lancashire CCG"', r'"a\u0000"', '2: "name" contains a control'),
    "3 of 2": ("{ at_least = 1 }", "{ at_least = 3 }", "3: 3 tests must hold and there are only 2."),
    "0 of 2": ("{ at_least = 1 }", "{ at_least = 0 }", '3: "at_least" must be a whole number'),
    "inherited": ("{ at_least = 1 }", "{ at_least = 2 }", "33: 2 tests must hold and there are only 1."),
    "at_most": ("{ at_least = 1 }", "{ at_most = 1 }", '3: "at_most" is not a key that belongs in [combine]'),
    "most": ("{ at_least = 1 }", '"most"', '3: "combine" must be "all" or "any", not "most".'),
    "combine true": ("{ at_least = 1 }", "true", '3: "combine" must be "all" or "any", not true.'),
    "reballot word": ('"not carried"]', '"lost"]', '4: "reballot" must be'),
    "reballot carried": ('"not carried"]', '"carried"]', "4: What is carried is not voted on again."),
    "reballot twice": ('"not carried"]', '"inquorate"]', '4: "inquorate" stands twice'),
    "no clause": ('clause   = "6.4"\n', "", '6: "clause" is missing in [source].'),
    "a float": ('"6.4"', "6.4", '8: "clause" must be a text in quotation marks, not 6.4.'),
    "nan": ('"6.4"', "nan", '8: "clause" must be a text in quotation marks, not nan.'),
    "a date": ('"6.4"', "2020-01-01", '8: "clause" must be a text in quotation marks, not 2020-01-01.'),
    "open string": ('"6.4"', '"6.4', "8: This is not TOML: "),
    "no per": ("per      = 1\n", "", '13: "per" is missing in [weight].'),
    "no rounding": ("per      = 1\n", "per = 1000\n", '13: "rounding" is missing in [weight].'),
    "rounding word": ("per      = 1\n", 'per = 2\nrounding = "up"\n', '15: "rounding" must be "floor" or "ceiling" or'),
    "rounding true": ("per      = 1\n", "per = 1\nrounding = true\n", '15: "rounding" must be "floor" or'),
    "per 0": ("per      = 1\n", "per = 0\n", '14: "per" must be a whole number of at least 1, not 0.'),
    "per true": ("per      = 1\n", "per = true\n", '14: "per" must be a whole number of at least 1, not true.'),
    "per 1.0": ("per      = 1\n", "per = 1.0\n", '14: "per" must be a whole number of at least 1, not 1.0.'),
    "minimum 0": ("per      = 1\n", "per = 1\nminimum = 0\n", '15: "minimum" must be a whole number of at least 1'),
    "maximum 9.5": ("per      = 1\n", "per = 1\nmaximum = 9.5\n", '15: "maximum" must be a whole number of at least 1'),
    "maximum as text": ("per      = 1\n", 'per = 1\nmaximum = "9"\n', '15: "maximum" must be a whole number'),
    "minimum above maximum": (
        "per      = 1\n",
        "per = 1\nmaximum = 9\nminimum = 10\n",
        "16: The minimum of 10 is above the maximum of 9.",
    ),
    "a weight of another name": (
        "per      = 1\n",
        "per = 1\nmost = 9\n",
        '15: "most" is not a key that belongs in [weight]',
    ),
    "date as text": ("= 2020-04-01", '= "2020-04-01"', '15: "snapshot" must be a date'),
    "date with time": ("= 2020-04-01", "= 2020-04-01T00:00:00", '15: "snapshot" must be a date'),
    "missing word": ('"zero"', '"skip"', '16: "missing" must be "refuse" or "zero", not "skip".'),
    "quorum left open": ('counting = "returned"\n', "", '18: "counting" is missing in [quorum].'),
    "no threshold": ('at_least = "75%"', "", "18: Say how much is needed"),
    "0": ('at_least = "75%"', "at_least = 0", '21: "at_least" must be a whole number of at least 1'),
    "0.75": ('at_least = "75%"', "at_least = 0.75", '21: "at_least" must be a fraction'),
    "true": ('at_least = "75%"', "at_least = true", '21: "at_least" must be a fraction'),
    "24 in quotes": ('at_least = "75%"', 'at_least = "24"', '21: "at_least": "24" is not a fraction'),
    "test without threshold": ('more_than = "1/2"', "", "23: Say how much is needed"),
    "a number out of": ('more_than = "1/2"', "more_than = 1", "25: 1 is a number of votes, whatever it is out of"),
    "a limit on votes for": ('more_than = "1/2"', 'at_most = "1/2"', '26: "at_most" is a limit on the votes against'),
    "votes against needed": ('of        = "cast"', 'votes = "against"', "26: No rule asks for votes against."),
    "no limit": (
        'of        = "cast"\nmore_than = "1/2"',
        'votes = "against"\nof = "cast"',
        "23: How many votes against are allowed: at_most or fewer_than is missing.",
    ),
    "all but a share": ('more_than = "1/2"', 'all_but = "10%"', '26: "all_but" must be a whole number of at least 1'),
    "all but and a share": (
        'more_than = "1/2"',
        'more_than = "1/2"\nall_but = 1',
        "27: Say either more_than or all_but, not both.",
    ),
    "all but of what": ('of        = "cast"\nmore_than = "1/2"', "all_but = 1", '23: "of" is missing in [test]'),
    "a limit in a quorum": ('at_least = "75%"', 'at_most = "75%"', '21: "at_most" is not a key that belongs'),
    "other votes": ('of        = "cast"', 'votes = "no"\nof = "cast"', '25: "votes" must be "for" or "against"'),
    "0.5": ('more_than = "1/2"', "more_than = 0.5", '26: "more_than" must be a fraction'),
    "infinity": ('more_than = "1/2"', "more_than = inf", '26: "more_than" must be a fraction'),
    "both": ('more_than = "1/2"', 'more_than = "1/2"\nat_least = "1/2"', "27: Say either"),
    "no base": ('of        = "cast"\n', "", '23: "of" is missing in [test].'),
    "unknown base": ('of        = "cast"', 'of = "members"', '25: "of" must be "for-and-against" or'),
    "list": ('of        = "cast"', 'of = ["cast"]', '25: "of" must be "for-and-against" or'),
    "patients": ('measure  = "weight"', 'measure = "patients"', '29: "measure" must be "practices" or'),
    "no weight": (
        '[weight]\nper      = 1\nsnapshot = 2020-04-01\nmissing  = "zero"\n',
        "",
        "25: This test counts weight and the file has no [weight].",
    ),
    "localities without a column": ("[[test]]", "[[locality_test]]", '23: "column" is missing in [locality_test].'),
    "locality of a question": (
        "[[question.constitution.test]]",
        "[[question.constitution.locality_test]]",
        '38: "column" is missing',
    ),
    "weight of a question": (
        "constitution.quorum]",
        "constitution.weight]",
        '33: "weight" is not a key that belongs in [question.constitution]',
    ),
    "odd id": ("[question.constitution.quorum]", '[question."a b".quorum]', '33: "a b" is not an id'),
    "source one deeper": ("[source]", "[source.x]", '6: "x" is not a key that belongs in [source]'),
    "broken header": ("[[test]]", "[[test]", "23: This is not TOML: "),
    "table twice": ("[weight]", "[source]", "13: This is not TOML: Cannot declare"),
}


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_is_not_a_rule_is_refused_with_its_line(old: str, new: str, refusal: str) -> None:
    assert old in FULL

    with pytest.raises(InvalidRule) as caught:
        load_constitution(FULL.replace(old, new, 1).encode(), "01A.toml")

    assert str(caught.value).startswith(f"01A.toml:{refusal}")
    assert "\n" not in str(caught.value)


def test_a_file_must_have_a_test() -> None:
    text = FULL[: FULL.index("[[test]]")]

    with pytest.raises(InvalidRule, match=r'^f:1: "test" is missing at the top of the file.$'):
        load_constitution(text.encode(), "f")
    with pytest.raises(InvalidRule, match=r'^f:1: "test" must be one or more \[\[test\]\] tables, not a list.$'):
        load_constitution(b"test = []\n" + text.encode(), "f")


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"", '1: "ccg" is missing', id="empty"),
        pytest.param(b"\xef\xbb\xbfccg = 1", "1: This file begins with a byte order mark", id="byte order mark"),
        pytest.param(b"a = 1\nb = '\xff'", "2: This line is not UTF-8", id="not UTF-8"),
        pytest.param(b"#" * 70_000, "1: This file is larger than 64 KiB.", id="too large"),
        pytest.param(b"\na = " + b"[" * 2000, "2: This file cannot be read: values are nested", id="deep list"),
        pytest.param(b"a = " + b"{a=" * 2000, "1: This file cannot be read: values are nested", id="deep table"),
        pytest.param(b"\n[" + b"a." * 9000 + b"a]", "2: This file cannot be read: this key has more", id="long key"),
        pytest.param(b"a = " + b"9" * 5000, "1: This file cannot be read: this value is longer", id="giant number"),
        pytest.param(b"a = 0x" + b"f" * 5000, "1: This file cannot be read: this value is longer", id="giant hex"),
        pytest.param(b"a = 1.\n" + b"9" * 5000, "1: This is not TOML", id="broken float"),
        pytest.param(b"\x00", "1: This is not TOML", id="NUL"),
        pytest.param(b"ccg = \n\n", "1: This is not TOML: Invalid value", id="no value"),
        pytest.param(b'ccg = """\n\n', "1: This is not TOML", id="ends inside a string"),
        pytest.param(b'"\\u001b[2J" = 1', '1: "\\x1b[2J" is not a key', id="terminal escape"),
        pytest.param(b"z" * 500 + b" = 1", '1: "' + "z" * 60 + '..." is not a key', id="very long key"),
    ],
)
def test_hostile_bytes_are_refused_in_one_sentence(content: bytes, refusal: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        load_constitution(content, "f.toml")

    assert str(caught.value).startswith(f"f.toml:{refusal}")
    assert str(caught.value).isprintable()
