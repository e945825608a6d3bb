"""Tests that must hold in each locality, or in a number of them."""

from __future__ import annotations

import json

import pytest

from ballot.constitution.counts import Counts, Measure, summed
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.effects import MemberVoter
from ballot.constitution.errors import CountsDoNotFit, InvalidCounts, InvalidRule
from ballot.constitution.lint import check_against_roll
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_for_signing
from ballot.constitution.rule import Constitution
from tests.support.counts import yes_or_no

RULE = """\
ccg  = "01A"
name = "NHS East Lancashire CCG"
[source]
document = "Constitution"
clause   = "6.4"
wording  = "..."
encoded_by  = "A"
approved_by = "B"
[[test]]
measure = "practices"
of = "cast"
more_than = "1/2"
[[locality_test]]
column  = "pcn_code"
require = "all"
measure = "practices"
of      = "cast"
more_than = "1/2"
"""
TWO = RULE.replace('"all"', "{ at_least = 2 }")


def rules(text: str) -> Constitution:
    return load_constitution(text.encode(), "01A.toml")


def heads(*localities: tuple[int, int, int]) -> Counts:
    """Eligible, for and against in U1, U2, ...; the CCG's are the sums."""
    parts = {
        f"U{number}": yes_or_no(Measure(eligible), Measure(for_), Measure(against), Measure(0))
        for number, (eligible, for_, against) in enumerate(localities, start=1)
    }
    return summed(parts)


@pytest.mark.parametrize(
    ("text", "counts", "outcome"),
    [
        pytest.param(RULE, heads((5, 3, 2), (4, 3, 1), (3, 2, 0)), "carried", id="in all of them"),
        pytest.param(RULE, heads((5, 5, 0), (4, 4, 0), (3, 1, 2)), "not carried", id="one against is enough"),
        pytest.param(RULE, heads((5, 5, 0), (4, 4, 0), (3, 0, 0)), "not carried", id="one in which nobody voted"),
        pytest.param(RULE, heads((5, 5, 0), (4, 2, 2), (3, 3, 0)), "not carried", id="a tie in one of them"),
        pytest.param(TWO, heads((5, 5, 0), (4, 4, 0), (3, 0, 3)), "carried", id="in two of three"),
        pytest.param(TWO, heads((9, 9, 0), (2, 0, 2), (3, 1, 2)), "not carried", id="in one of three"),
        pytest.param(TWO, heads((9, 0, 9), (2, 2, 0), (3, 3, 0)), "not carried", id="in two, and not in the whole"),
        pytest.param(TWO, heads((9, 9, 0)), "not carried", id="two are needed and there is one"),
    ],
)
def test_a_locality_test_must_hold_besides_the_others(text: str, counts: Counts, outcome: str) -> None:
    assert decide(rules(text).rule_for(), counts).outcome.value == outcome


def test_the_working_names_every_locality_and_where_votes_were_wanting() -> None:
    decision = decide(rules(RULE).rule_for(), heads((5, 5, 0), (4, 1, 3), (3, 0, 1)))

    assert decision.as_json()["locality_tests"] == [
        {
            "holds": False,
            "needed": 3,
            "holding": 1,
            "localities": {
                "U1": {"holds": True, "share": "5/5"},
                "U2": {"holds": False, "share": "1/4"},
                "U3": {"holds": False, "share": "0/1"},
            },
        }
    ]
    assert decision.explanation[1] == (
        "All who voted in U1 and U3 gave the same answer, so that the result tells how each of them voted."
    )
    assert decision.explanation[4:] == (
        (
            "Locality test, U2: of 4 practices that voted (abstentions included), 1 voted for, 1/4 (25%); "
            "more than 1/2 needed. It does not hold there."
        ),
        (
            "Locality test, U3: of 1 practice that voted (abstentions included), 0 voted for, 0/1 (0%); "
            "more than 1/2 needed. It does not hold there."
        ),
        ("Locality test: it must hold in every locality (pcn_code). Holding: in 1 of 3. That is not enough."),
        "By clause 6.4 of Constitution: not carried.",
        "Three more practices (two of U2 and one of U3) voting for instead of against would have carried it.",
    )


def test_what_can_be_spared_does_not_depend_on_where() -> None:
    assert decide(rules(RULE).rule_for(), heads((5, 5, 0), (9, 7, 2), (9, 8, 0))).explanation[-1] == (
        "It would still have carried with up to four fewer practices for if they had not voted, and up to two if they "
        "had been against, whichever their localities."
    )
    assert decide(rules(RULE).rule_for(), heads((1, 1, 0), (9, 9, 0))).explanation[-2:] == (
        "One practice in some locality not voting instead of for, and it would not have carried.",
        "One practice in some locality against instead of for, and it would not have carried.",
    )


def test_options_are_asked_for_in_each_locality_too() -> None:
    text = RULE.replace("measure", 'option = "merge"\nmeasure')
    parts = {
        name: Counts(
            Measure(9), {"merge": Measure(merge), "joint": Measure(joint), "none": Measure(1), "abstain": Measure(0)}
        )
        for name, merge, joint in (("U1", 6, 1), ("U2", 3, 1))
    }

    assert decide(rules(text).rule_for(), summed(parts)).option == "merge"
    parts["U2"] = parts["U2"].moved(next(iter(rules(text).tests)).unit, 1, "merge", "joint")
    lost = decide(rules(text).rule_for(), summed(parts))
    assert lost.option is None
    assert lost.explanation[-1] == (
        "One more practice (one of U2) voting for merge instead of joint would have carried merge."
    )


def options_of(*localities: tuple[int, int, int]) -> Counts:
    """Votes for merge, joint and none in U1, U2, ..., of nine eligible each."""
    return summed(
        {
            f"U{number}": Counts(
                Measure(9), {"merge": Measure(a), "joint": Measure(b), "none": Measure(c), "abstain": Measure(0)}
            )
            for number, (a, b, c) in enumerate(localities, start=1)
        }
    )


def test_nothing_is_said_to_lose_an_option_that_another_only_seems_to_endanger() -> None:
    """`joint` has its third of the votes, and not in every locality: one more for it changes nothing."""
    test = '[[test]]\noption = "{}"\nmeasure = "practices"\nof = "cast"\nat_least = "1/3"\n'
    local = '[[locality_test]]\noption = "joint"\ncolumn = "pcn_code"\nrequire = "all"\n'
    text = RULE[: RULE.index("[[test]]")] + test.format("merge") + test.format("joint")
    text += local + test.format("joint").partition("\n")[2].partition("\n")[2]

    decided = decide(rules(text).rule_for(), options_of((4, 4, 0), (4, 1, 1)))

    assert decided.option == "merge"
    assert decide(rules(text).rule_for(), options_of((3, 5, 0), (4, 1, 1))).option == "merge"
    assert "would not have carried" not in " ".join(decided.explanation)


def test_a_rule_for_localities_is_read_back_for_signing() -> None:
    assert (
        "    Locality test: of the practices that voted (abstentions included), more than 1/2 must be for; it must "
        "hold in at least 2 localities (pcn_code)."
    ) in list(read_for_signing(rules(TWO)))


def test_a_roll_shows_a_test_that_cannot_be_met_and_a_locality_of_one() -> None:
    voters = [MemberVoter("P1", 1, "U1"), MemberVoter("P2", 1, "U1")]

    assert [oddity.sentence for oddity in check_against_roll(rules(TWO), voters)][1:] == [
        "This test can never be met: 2 localities are needed, and there are 1."
    ]
    assert "Its own total tells the vote of the only member of U2." in [
        oddity.sentence for oddity in check_against_roll(rules(TWO), [*voters, MemberVoter("P3", 1, "U2")])
    ]


TEST = RULE[RULE.index("[[locality_test]]") :]
REFUSALS = {
    "no column": (RULE.replace('column  = "pcn_code"\n', ""), '13: "column" is missing'),
    "a column that is no name": (RULE.replace("pcn_code", "PCN code"), '14: "PCN code" is not the name of a column'),
    "require nothing": (RULE.replace('require = "all"\n', ""), '13: "require" is missing'),
    "require most": (RULE.replace('"all"', '"most"'), '15: "require" must be "all", not "most".'),
    "require none": (TWO.replace("at_least = 2", "at_least = 0"), "15: "),
    "two columns": (RULE + TEST.replace("pcn_code", "town"), '22: Members are divided by "pcn_code"'),
    "three tests": (RULE + TEST + TEST, "28: There are more than 2 locality tests and quorums that count practices."),
    "weight without [weight]": (
        RULE.replace('"all"\nmeasure = "practices"', '"all"\nmeasure = "weight"'),
        "16: This test counts weight and the file has no [weight].",
    ),
    "options in the localities alone": (
        RULE.replace('"all"\nmeasure', '"all"\noption = "merge"\nmeasure'),
        "10: Of the tests of one question all are for options",
    ),
}


@pytest.mark.parametrize(("text", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_locality_test_that_leaves_something_open_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        rules(text)

    assert str(caught.value).startswith(f"01A.toml:{refusal}")


COUNTS = """{
 "eligible": {"practices": 9}, "for": {"practices": 5}, "against": {"practices": 2}, "abstain": {"practices": 1},
 "localities": {
  "U1": {"eligible": {"practices": 5},
   "for": {"practices": 4}, "against": {"practices": 0}, "abstain": {"practices": 1}},
  "U2": {"eligible": {"practices": 4},
   "for": {"practices": 1}, "against": {"practices": 2}, "abstain": {"practices": 0}}
 }
}"""


def test_counts_of_localities_are_read_as_they_stand() -> None:
    found = parse_counts(COUNTS.encode(), "c.json", weighted=False, localities=True)

    assert list(found.localities) == ["U1", "U2"]
    assert found == summed(found.localities)
    assert found.as_json() == json.loads(COUNTS)


BAD_COUNTS = {
    "not the sums": (
        '"for": {"practices": 5}',
        '"for": {"practices": 6}',
        '2: The practices of "for" are not the sum of the localities\': 6, not 5.',
    ),
    "eligible not the sums": ('"practices": 9', '"practices": 10', '2: The practices of "eligible" are not the sum'),
    "a locality twice": ('"U2"', '"U1"', '6: "U1" stands twice'),
    "no localities": ('"localities"', '"places"', '3: "places" is not a key'),
    "a locality with localities": ('"eligible": {"practices": 4}', '"localities": {}', '6: "localities" is not a key'),
    "more votes than eligible in one": (
        '{"practices": 5},\n',
        '{"practices": 4},\n',
        "4: More votes than eligible: 5 of 4",
    ),
}


@pytest.mark.parametrize(("old", "new", "refusal"), BAD_COUNTS.values(), ids=BAD_COUNTS.keys())
def test_counts_of_localities_that_are_none_are_refused(old: str, new: str, refusal: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        parse_counts(COUNTS.replace(old, new, 1).encode(), "c.json", weighted=False, localities=True)

    assert str(caught.value).startswith(f"c.json:{refusal}")


def test_a_rule_for_localities_and_counts_without_them_do_not_fit() -> None:
    counts = yes_or_no(Measure(3), Measure(2), Measure(1), Measure(0))
    with pytest.raises(CountsDoNotFit, match=r"^01A.toml:16: The rule counts each locality here"):
        decide(rules(RULE).rule_for(), counts)
