"""The working of a decision in sentences."""

from __future__ import annotations

import json

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.decide import decide
from ballot.constitution.rule import Denominator, Quorum, QuorumCounting, Rule, RuleSource, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.strict.fraction import parse_fraction
from tests.support.counts import yes_or_no

SOURCE = RuleSource("Constitution, version 9", "6.4", "...", "a", "b")
WEIGHTS_ONLY = yes_or_no(
    Measure(10, 1000), Measure(None, 300), Measure(None, 200), Measure(None, 0), Measure(practices=5, weight=500)
)


def threshold(written: str) -> Threshold:
    word, value = written.split(" ")
    return Threshold(Comparison(word), parse_fraction(value), value)


def condition(unit: str, base: str, needed: str) -> Test:
    return Test(Unit(unit), Denominator(base), threshold(needed))


def quorum_of(needed: str) -> Quorum:
    return Quorum(Unit.PRACTICES, QuorumCounting.RETURNED, threshold(needed))


def rule(*tests: Test, needed: int | None = None, quorum: Quorum | None = None) -> Rule:
    return Rule(tests, len(tests) if needed is None else needed, (quorum,) if quorum else (), None, SOURCE)


def heads(eligible: int, for_: int, against: int, abstain: int = 0) -> Counts:
    return yes_or_no(Measure(eligible), Measure(for_), Measure(against), Measure(abstain))


HALF_OF_CAST = condition("practices", "cast", "more_than 1/2")


def test_a_decision_is_one_json_object_with_its_working() -> None:
    turnout = quorum_of("at_least 75%")

    answer = decide(rule(HALF_OF_CAST, quorum=turnout), heads(32, 20, 3, 1)).as_json()

    assert json.loads(json.dumps(answer)) == {
        "outcome": "carried",
        "quorum": {"required": True, "holds": True, "share": "24/32"},
        "tests": [{"holds": True, "share": "20/24"}],
        "explanation": [
            "Of 32 eligible practices: 20 for, 3 against, 1 abstaining, 8 not returned.",
            (
                "Quorum: 24 of 32 eligible practices returned a vote (abstentions included), 24/32 (75%); "
                "at least 75% (exactly 3/4) needed. It is met."
            ),
            (
                "Test: of 24 practices that voted (abstentions included), 20 voted for, 20/24 (about 83.33%); "
                "more than 1/2 needed. It holds."
            ),
            "By clause 6.4 of Constitution, version 9: carried.",
            "One practice not voting instead of for, and it would not have carried.",
            "It would still have carried with up to seven practices against instead of for.",
        ],
    }


def test_an_inquorate_decision_says_why_the_tests_decide_nothing() -> None:
    sentences = decide(rule(HALF_OF_CAST, quorum=quorum_of("more_than 1/2")), heads(2, 1, 0))

    assert sentences.explanation == (
        "Of 2 eligible practices: 1 for, 0 against, 0 abstaining, 1 not returned.",
        "This is unanimous: all who voted gave the same answer, so that the result tells how each of them voted.",
        (
            "Quorum: 1 of 2 eligible practices returned a vote (abstentions included), 1/2 (50%); "
            "more than 1/2 needed. It is not met."
        ),
        (
            "Test: of 1 practice that voted (abstentions included), 1 voted for, 1/1 (100%); "
            "more than 1/2 needed. It holds."
        ),
        "The quorum comes first: without it the tests decide nothing.",
        "By clause 6.4 of Constitution, version 9: inquorate.",
        "The quorum was short by one practice.",
        "One more practice voting for instead of not voting would have carried it.",
    )


def test_nothing_of_nothing_is_said_not_to_be_a_majority() -> None:
    tests = (condition("practices", "for-and-against", "at_least 1/2"), condition("weight", "cast", "more_than 1/2"))

    sentences = decide(rule(*tests, needed=1), yes_or_no(*[Measure(3, 9), *[Measure(0, 0)] * 3])).explanation

    assert sentences[2:] == (
        (
            "Test 1 of 2: there are no practices that voted for or against (abstentions left out), "
            "and 0 of 0 is not a majority. It does not hold."
        ),
        (
            "Test 2 of 2: there are no weighted votes cast (abstentions included), "
            "and 0 of 0 is not a majority. It does not hold."
        ),
        "At least 1 of the 2 tests must hold. Holding: 0 of 2.",
        "By clause 6.4 of Constitution, version 9: not carried.",
        (
            "One more practice voting for instead of not voting would have carried it; "
            "so would practices with at least one more weighted vote between them voting for instead of not voting."
        ),
    )


def test_a_count_of_weights_alone_says_how_many_ballots_were_returned() -> None:
    weights = condition("weight", "cast", "more_than 1/2")

    assert decide(rule(weights), WEIGHTS_ONLY).explanation[:2] == (
        "Of 10 eligible practices: 5 returned, 5 not returned.",
        "Of 1,000 eligible weighted votes: 300 for, 200 against, 0 abstaining, 500 not returned.",
    )
