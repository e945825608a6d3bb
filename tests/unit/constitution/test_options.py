"""Questions with more than two answers: which option is carried, why, and what their counts look like in a file."""

from __future__ import annotations

import json

import pytest

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.errors import CountsDoNotFit, InvalidCounts, InvalidRule
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_for_signing
from ballot.constitution.rule import Constitution, Outcome
from tests.support.counts import yes_or_no

HEAD = """\
ccg  = "00X"
name = "NHS Chorley and South Ribble CCG"
[source]
document = "Constitution"
clause   = "6.4"
wording  = "..."
encoded_by  = "A"
approved_by = "B"
"""
MERGE = '[[test]]\noption = "merge"\nmeasure = "practices"\nof = "cast"\nmore_than = "1/2"\n'
JOINT = MERGE.replace("merge", "joint")
MOST = '[[test]]\nmost_votes = true\nmeasure = "practices"\nof = "cast"\nat_least = "40%"\n'


def rules(tests: str, head: str = HEAD) -> Constitution:
    return load_constitution((head + tests).encode(), "00X.toml")


def heads(eligible: int, merge: int, joint: int, none: int, abstain: int = 0) -> Counts:
    answers = {"merge": merge, "joint": joint, "none": none, "abstain": abstain}
    return Counts(Measure(eligible), {name: Measure(number) for name, number in answers.items()})


@pytest.mark.parametrize(
    ("tests", "counts", "outcome", "option"),
    [
        pytest.param(MERGE, heads(13, 7, 3, 2, 1), "carried", "merge", id="a majority of the votes cast"),
        pytest.param(MERGE, heads(14, 7, 3, 3, 1), "not carried", None, id="exactly a half is not a majority"),
        pytest.param(MERGE, heads(13, 3, 9, 0), "not carried", None, id="no test is about the option with most votes"),
        pytest.param(MERGE + JOINT, heads(13, 3, 9, 0), "carried", "joint", id="each option has its own test"),
        pytest.param(MERGE + JOINT, heads(13, 6, 6, 0), "not carried", None, id="a tie under a majority"),
        pytest.param(
            MERGE.replace("cast", "eligible"), heads(13, 6, 1, 0), "not carried", None, id="a majority of the members"
        ),
        pytest.param(MOST, heads(20, 9, 8, 3), "carried", "merge", id="most votes with a minimum share"),
        pytest.param(MOST, heads(20, 7, 6, 7), "not carried", None, id="a tie for most votes"),
        pytest.param(MOST, heads(20, 8, 8, 2), "not carried", None, id="a tie above the minimum share"),
        pytest.param(MOST, heads(20, 7, 6, 6, 1), "not carried", None, id="most votes below the minimum share"),
        pytest.param(MOST, heads(20, 0, 0, 0, 5), "not carried", None, id="everybody abstains"),
        pytest.param(MOST, heads(20, 0, 0, 0), "not carried", None, id="nobody votes"),
        pytest.param(
            (MERGE + JOINT).replace('more_than = "1/2"', 'at_least = "1/3"'),
            heads(20, 8, 8, 4),
            "not carried",
            None,
            id="two options pass, and nothing says which",
        ),
        pytest.param(
            MERGE + MERGE.replace("cast", "eligible").replace("1/2", "1/3") + JOINT,
            heads(30, 9, 1, 1),
            "not carried",
            None,
            id="every test of the option must hold",
        ),
        pytest.param(
            'combine = "any"\n' + MERGE + MERGE.replace("cast", "eligible") + JOINT,
            heads(30, 9, 1, 1),
            "carried",
            "merge",
            id="any test of the option",
        ),
    ],
)
def test_an_option_is_carried_if_it_alone_passes(tests: str, counts: Counts, outcome: str, option: str | None) -> None:
    head = 'combine = "any"\n' + HEAD if tests.startswith("combine") else HEAD
    constitution = rules(tests.removeprefix('combine = "any"\n'), head)

    answer = decide(constitution.rule_for(), counts).as_json()

    assert (answer["outcome"], answer["option"]) == (outcome, option)
    assert answer["explanation"][-1].endswith(".")  # type: ignore[index]


def test_two_measures_must_agree_on_the_option_with_most_votes() -> None:
    weight = "[weight]\nper = 1\nsnapshot = 2020-04-01\n"
    constitution = rules(weight + MOST + MOST.replace('"practices"', '"weight"'))
    answers = {"merge": Measure(6, 300), "joint": Measure(4, 400), "abstain": Measure(0, 0)}

    decision = decide(constitution.rule_for(), Counts(Measure(12, 1000), answers))

    assert decision.as_json()["tests"] == [{"holds": True, "share": "6/10"}, {"holds": True, "share": "400/700"}]
    assert (decision.outcome.value, decision.option) == ("not carried", None)


def test_the_working_names_every_option() -> None:
    assert decide(rules(MOST).rule_for(), heads(20, 9, 8, 2, 1)).explanation == (
        "Of 20 eligible practices: 9 for merge, 8 for joint, 2 for none, 1 abstaining, 0 not returned.",
        (
            "Test: of 20 practices that voted (abstentions included), 9 voted for merge, more than for any other, "
            "9/20 (45%); at least 40% (exactly 2/5) needed. It holds."
        ),
        "The option merge passes.",
        "By clause 6.4 of Constitution: carried, with the option merge.",
        "One practice not voting instead of for merge, and it would not have carried.",
        "One practice for another option instead of for merge, and it would not have carried.",
    )


def test_a_tie_is_named_and_so_is_what_would_have_broken_it() -> None:
    found = decide(rules(MOST).rule_for(), heads(20, 8, 8, 3, 1)).explanation

    assert found[1:] == (
        (
            "Test: of 20 practices that voted (abstentions included), 8 voted for each of merge and joint, "
            "8/20 (40%); at least 40% (exactly 2/5) needed. That is a tie, and a tie is not carried. It does not hold."
        ),
        "No option passes.",
        "By clause 6.4 of Constitution: not carried.",
        "One more practice voting for merge instead of joint would have carried merge.",
        "One more practice voting for joint instead of merge would have carried joint.",
        "Six more practices voting for none instead of merge would have carried none.",
    )


def test_a_rule_for_options_is_read_back_for_signing() -> None:
    lines = list(read_for_signing(rules(MERGE + JOINT)))

    assert "    Test 1: of the practices that voted (abstentions included), more than 1/2 must be for merge." in lines
    assert "    If more than one option passes, none is carried." in lines
    assert "    A tie, everybody voting and half of them for each of two options, is not carried." in lines


def test_a_rule_by_which_two_options_can_pass_is_odd() -> None:
    third = (MERGE + JOINT).replace('more_than = "1/2"', 'at_least = "1/3"')

    assert [oddity.sentence for oddity in check_constitution(rules(third))] == [
        "A tie carries, and so does less than half of any option.",
        "Two options can both pass, and then neither is carried.",
    ]
    assert list(check_constitution(rules(MERGE + JOINT))) == []
    assert [oddity.sentence for oddity in check_constitution(rules(MERGE.replace("more_than", "at_least")))] == [
        "At least 1/2 carries on a tie; a majority is more than 1/2."
    ]


REFUSALS = {
    "both kinds of test": (MERGE + MERGE.replace('option = "merge"\n', ""), "15: Of the tests of one question all"),
    "an option and most votes": (MOST.replace("most_votes", 'option = "merge"\nmost_votes'), "10: A test is of one"),
    "most votes that are false": (MOST.replace("true", "false"), '10: "most_votes" is true, or left out.'),
    "an option that is a word of the counts": (MERGE.replace("merge", "abstain"), '10: "abstain" is not an id for'),
    "an option that is no id": (MERGE.replace("merge", "a b"), '10: "a b" is not an id'),
    "more tests than an option has": (MERGE + JOINT, '1: 2 tests must hold for "merge" and there are only 1.'),
}


@pytest.mark.parametrize(("tests", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_rule_for_options_that_leaves_something_open_is_refused(tests: str, refusal: str) -> None:
    head = "combine = { at_least = 2 }\n" + HEAD if "2 tests" in refusal else HEAD
    with pytest.raises(InvalidRule) as caught:
        rules(tests, head)

    assert str(caught.value).startswith(f"00X.toml:{refusal}")


COUNTS = """{
 "eligible": {"practices": 13},
 "options": {
  "merge": {"practices": 7},
  "joint": {"practices": 3}
 },
 "abstain": {"practices": 1}
}"""


def test_counts_of_options_are_read_as_they_stand() -> None:
    found = parse_counts(COUNTS.encode(), "c.json", weighted=False, options=True)

    assert found.options == ("merge", "joint")
    assert [found.answers[name].practices for name in found.answers] == [7, 3, 1]
    assert found.as_json() == json.loads(COUNTS)


BAD_COUNTS = {
    "for beside options": ('"abstain"', '"for"', '7: "for" is not a key that belongs here: eligible, options, abstain'),
    "no options": ('"options"', '"choices"', '3: "choices" is not a key'),
    "an option called against": ('"joint"', '"against"', '5: "against" is not an option'),
    "an option twice": ('"joint"', '"merge"', '5: "merge" stands twice'),
    "more votes than eligible": (": 7", ": 10", "2: More votes than eligible: 14 of 13, counted in practices."),
    "a number for an option": ('{"practices": 7}', "7", '4: "merge" must be an object, not 7.'),
}


@pytest.mark.parametrize(("old", "new", "refusal"), BAD_COUNTS.values(), ids=BAD_COUNTS.keys())
def test_counts_of_options_that_are_none_are_refused(old: str, new: str, refusal: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        parse_counts(COUNTS.replace(old, new, 1).encode(), "c.json", weighted=False, options=True)

    assert str(caught.value).startswith(f"c.json:{refusal}")


def test_a_rule_for_options_and_other_counts_do_not_fit() -> None:
    plain_counts = yes_or_no(Measure(3), Measure(2), Measure(1), Measure(0))
    with pytest.raises(CountsDoNotFit, match=r"^00X.toml:11: The rule's tests are of options"):
        decide(rules(MERGE).rule_for(), plain_counts)
    with pytest.raises(CountsDoNotFit, match=r'^00X.toml:11: "split" is not one of the options: "merge", "joint"'):
        decide(rules(MERGE.replace("merge", "split")).rule_for(), heads(9, 1, 1, 1))
    with pytest.raises(CountsDoNotFit, match=r"^00X.toml:10: The rule's tests are of for and against"):
        decide(rules(MERGE.replace('option = "merge"\n', "")).rule_for(), heads(9, 1, 1, 1))


def test_an_option_carried_by_practices_without_weight_says_only_what_practices_could_change() -> None:
    weight = '[weight]\nper = 1\nsnapshot = 2020-04-01\nmissing = "zero"\n'
    rule = rules(MERGE + MERGE.replace("practices", "weight") + weight, 'combine = "any"\n' + HEAD).rule_for()
    answers = {"merge": Measure(2, 0), "none": Measure(1, 5), "abstain": Measure(0, 0)}
    decision = decide(rule, Counts(Measure(3, 5), answers))

    assert decision.outcome is Outcome.CARRIED
    assert decision.explanation[-1].startswith("Counted in practices alone, ")
