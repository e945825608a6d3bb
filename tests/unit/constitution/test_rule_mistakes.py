"""Common mistakes in rule files, and the advice in each refusal."""

from __future__ import annotations

import pytest

from ballot.constitution.counts_file import parse_counts
from ballot.constitution.errors import InvalidCounts, InvalidProgramme, InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.phrases import citation
from ballot.constitution.reading import read_constitution_aloud, read_for_signing

RULE = """\
ccg  = "01A"
name = "A CCG"
combine = "all"
reballot = ["inquorate"]
[source]
document = "Constitution"
clause = "6.4"
wording = "..."
encoded_by = "A"
approved_by = "B"
[weight]
per = 2000
rounding = "floor"
snapshot = 2020-04-01
[quorum]
measure = "practices"
counting = "returned"
at_least = "75%"
[[test]]
measure = "practices"
of = "cast"
more_than = "1/2"
[[locality_test]]
column = "pcn"
require = "all"
measure = "weight"
of = "cast"
more_than = "1/2"
"""
MAJORITY = 'A majority is written more_than = "1/2"'
BRITISH = "2020-04-01 is 1 April 2020."
STRAIGHT = 'write the straight one, ", on both sides.'
MISTAKES = {
    "require a number": ('require = "all"', "require = 3", 25, "write require = { at_least = 3 }."),
    "require a number as text": ('require = "all"', 'require = "at least 3"', 25, "write require = { at_least = 3 }."),
    "combine a number": ('combine = "all"', "combine = 1", 3, "write combine = { at_least = 1 }."),
    "combine a list": ('combine = "all"', 'combine = ["all"]', 3, "write combine = { at_least = 2 }."),
    "combine further down": ('"1/2"\n[[loc', '"1/2"\ncombine = "any"\n[[loc', 23, "It belongs at the top of the file"),
    "lost": ('["inquorate"]', '["lost"]', 4, '"inquorate" or "not carried", not "lost". Here that is "not carried".'),
    "not_carried": ('["inquorate"]', '["not_carried"]', 4, 'Write "not carried".'),
    "carried": ('["inquorate"]', '["carried"]', 4, 'Name "inquorate", "not carried" or both.'),
    "reballot no list": ('["inquorate"]', '"inquorate"', 4, 'must be a list, such as ["inquorate"]'),
    "a number in quotes": ('at_least = "75%"', 'at_least = "10"', 18, "at_least = 10; a share as "),
    "a number in a test": ('more_than = "1/2"', 'at_least = "10"', 22, 'at_least = 10; a share as "10%"'),
    "a bare number in a test": ('more_than = "1/2"', "at_least = 10", 21, 'leave "of" out.'),
    "a number in words": ('more_than = "1/2"', 'at_least = "seven"', 22, "Write at_least = 7."),
    "not more than": ('more_than = "1/2"', 'at_most = "not more than 10%"', 22, 'write votes = "against" beside it.'),
    "a limit in words": (
        '"cast"\nmore_than = "1/2"',
        '"cast"\nvotes = "against"\nat_most = "10 per cent"',
        23,
        'Write at_most = "10%".',
    ),
    "fewer than in words": (
        '"cast"\nmore_than = "1/2"',
        '"cast"\nvotes = "against"\nat_most = "fewer than four"',
        23,
        "Write fewer_than = 4.",
    ),
    "nobody against": (
        '"cast"\nmore_than = "1/2"',
        '"cast"\nvotes = "against"\nat_most = "0%"',
        23,
        "Write at_most = 0.",
    ),
    "all but one": ('more_than = "1/2"', 'at_least = "all but one"', 22, "Write all_but = 1."),
    "not more than, for": ('more_than = "1/2"', 'at_least = "not less than two thirds"', 22, 'Write at_least = "2/3".'),
    "50%+1": ('more_than = "1/2"', 'at_least = "50%+1"', 22, MAJORITY),
    "half plus one": ('more_than = "1/2"', 'at_least = "half plus one"', 22, MAJORITY),
    "majority": ('more_than = "1/2"', 'at_least = "majority"', 22, MAJORITY),
    "a simple majority": ('more_than = "1/2"', 'at_least = "simple majority"', 22, MAJORITY),
    "two thirds": ('more_than = "1/2"', 'at_least = "two-thirds"', 22, 'Write at_least = "2/3".'),
    "a decimal": ('more_than = "1/2"', 'at_least = "0.67"', 22, 'Write at_least = "67%", or "2/3" if that is meant.'),
    "a bare decimal": ('more_than = "1/2"', "at_least = 0.75", 22, 'Write at_least = "75%".'),
    "a blank before %": ('"75%"', '"75 %"', 18, 'Write at_least = "75%".'),
    "per cent": ('"75%"', '"75 per cent"', 18, 'Write at_least = "75%".'),
    "decimal comma": ('"75%"', '"66,7%"', 18, 'Write at_least = "66.7%"'),
    "over": ('at_least = "75%"', 'at_least = "over 50%"', 18, 'Write more_than = "50%".'),
    "a sign for a half": ('"1/2"', '"\u00bd"', 22, 'Write more_than = "1/2".'),
    "unanimous": ('more_than = "1/2"', 'at_least = "unanimous"', 22, 'Write at_least = "100%".'),
    "curly quotes": ('"practices"', "\u201cpractices\u201d", 16, STRAIGHT),
    "curly single quotes": ('"practices"', "\u2018practices\u2019", 16, STRAIGHT),
    "a share without quotes": ('"75%"', "75%", 18, 'A share stands in quotation marks: "75%".'),
    "a fraction without quotes": ('"1/2"', "1/2", 22, 'A share stands in quotation marks: "1/2".'),
    "2,000": ("2000", "2,000", 12, "Write the number without commas: 2000."),
    "2,000 in quotes": ("2000", '"2,000"', 12, "Write per = 2000."),
    "2 000": ("2000", "2 000", 12, "nothing can stand on its line but a comment"),
    "a British date": ("2020-04-01", "01/04/2020", 14, BRITISH),
    "a date with dots": ("2020-04-01", "1.4.2020", 14, BRITISH),
    "a date in words": ("2020-04-01", "1 April 2020", 14, BRITISH),
    "a date in quotes": ("2020-04-01", '"2020-04-01"', 14, "without quotation marks."),
    "a British date in quotes": ("2020-04-01", '"01/04/2020"', 14, BRITISH),
    "no such day": ("2020-04-01", "2020-04-31", 14, "The calendar has no such day"),
    "a word without quotes": ('"practices"', "practices", 16, 'Words stand in quotation marks: "practices".'),
    "a colon": ('measure = "practices"', 'measure: "practices"', 16, "Write = after the key and not a colon"),
    "no =": ('measure = "practices"', 'measure "practices"', 16, "Write key = value."),
    "[test]": ("[[test]]", "[test]", 19, "Write [[test]], with two brackets on each side."),
    "[[tests]]": ("[[test]]", "[[tests]]", 19, 'Did you mean "test"?'),
    "brackets": ("[[test]]", "[[test]", 19, "Brackets do not match"),
    "patients": ('"practices"', '"patients"', 16, 'Here that is "weight".'),
    "practice": ('"practices"', '"practice"', 16, 'Write "practices".'),
    "members": ('"cast"', '"members"', 21, 'Here that is "eligible".'),
    "votes cast": ('"cast"', '"the votes cast"', 21, 'Here that is "cast".'),
    "at-least": ("at_least", "at-least", 18, 'Did you mean "at_least"?'),
    "an open text": ('"A CCG"', '"A CCG', 2, 'A quotation mark " is missing'),
    "twice": ('clause = "6.4"\n', 'clause = "6.4"\nclause = "6.5"\n', 8, "This key stands twice in one table"),
    "True": ('"1/2"\n[[loc', '"1/2"\nmost_votes = True\n[[loc', 23, "Write true, in small letters"),
    "true in quotes": ('"1/2"\n[[loc', '"1/2"\nmost_votes = "true"\n[[loc', 23, "Write most_votes = true, without"),
}


@pytest.mark.parametrize(("old", "new", "line", "advice"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_on_its_line_with_what_to_write_instead(
    old: str, new: str, line: int, advice: str
) -> None:
    assert old in RULE

    with pytest.raises(InvalidRule) as caught:
        load_constitution(RULE.replace(old, new, 1).encode(), "f")

    assert str(caught.value).startswith(f"f:{line}: ")
    assert advice in caught.value.sentence
    assert caught.value.sentence.isprintable()


def test_tests_in_single_brackets_are_told_how_several_are_written() -> None:
    text = RULE.replace("[[test]]", "[test]").replace("[[locality_test]]", "[test]")

    with pytest.raises(InvalidRule, match=r"f:23: .* each is written \[\[test\]\], with two brackets"):
        load_constitution(text.encode(), "f")


@pytest.mark.parametrize("require", ["6", '"6"', '"at least 6"'])
def test_a_programme_that_requires_a_number_is_told_how_to_write_it(require: str) -> None:
    text = f'[outcome]\nquestions = ["merge"]\nrequire = {require}\notherwise = "stop"\n'

    with pytest.raises(InvalidProgramme, match=r"p:3: .*CCGs, write require = { at_least = 6 }\."):
        load_outcome_rule(text.encode(), "p")


COUNTS = """\
{"eligible": {"practices": 3},
"for": {"practices": 1},
"against": {"practices": 0},
"abstain": {"practices": 0}}
"""
COUNTS_MISTAKES = {
    "localities": ('"abstain"', '"localities": {"U1": {"eligible": {}}},\n"abstain"', 4, "no [[locality_test]]"),
    "options": ('"for"', '"options": {"a": {"practices": 1}},\n"for"', 2, "write for and against"),
    "1,000": ("3}", "1,000}", 1, "Write numbers without commas"),
    "a comma too many": ("0}}", "0},}", 4, "Remove the comma"),
    "single quotes": ('"for"', "'for'", 2, "straight double quotation marks"),
    "curly quotes": ('"for"', "\u201cfor\u201d", 2, "straight double quotation marks"),
    "a number in quotes": ("3}", '"3"}', 1, "Write the digits alone"),
    "capitals": ('"for"', '"For"', 2, 'Did you mean "for"?'),
}


@pytest.mark.parametrize(("old", "new", "line", "advice"), COUNTS_MISTAKES.values(), ids=COUNTS_MISTAKES.keys())
def test_a_mistake_in_counts_is_refused_with_what_to_write_instead(old: str, new: str, line: int, advice: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        parse_counts(COUNTS.replace(old, new, 1).encode(), "c", weighted=False)

    assert str(caught.value).startswith(f"c:{line}: ")
    assert advice in caught.value.sentence


@pytest.mark.parametrize(
    ("kind", "advice"), [("options", "This rule is for options"), ("localities", "The rule has a [[locality_test]]")]
)
def test_counts_without_what_the_rule_asks_for_are_told_so(kind: str, advice: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        parse_counts(COUNTS.encode(), "c", weighted=False, **{kind: True})  # type: ignore[arg-type]

    assert advice in caught.value.sentence


@pytest.mark.parametrize(
    ("clause", "cited"),
    [
        ("7.1", "clause 7.1"),
        ("Clause 7.1", "clause 7.1"),
        ("clauses 7.1 and 7.2", "clause 7.1 and 7.2"),
        ("E.4", "clause E.4"),
        ("xii", "clause xii"),
        ("Section 5(b)", "Section 5(b)"),
        ("Appendix C, paragraph 3", "Appendix C, paragraph 3"),
        ("\u00a7 12", "\u00a7 12"),
        ("Clause", "Clause"),
    ],
)
def test_a_clause_is_called_one_once(clause: str, cited: str) -> None:
    constitution = load_constitution(RULE.replace('"6.4"', f'"{clause}"').encode(), "f")

    assert citation(constitution.source) == f"{cited} of Constitution"
    assert next(iter(read_constitution_aloud(constitution))) == f"A CCG (01A), by {cited} of Constitution."
    assert "clause clause" not in "\n".join(read_for_signing(constitution)).lower()
