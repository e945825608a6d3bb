"""One rule, one set of counts: every base, comparison, quorum and combination, and every arithmetic trap."""

from __future__ import annotations

import datetime as dt

import pytest

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.decide import decide
from ballot.constitution.errors import ConstitutionError, CountsDoNotFit
from ballot.constitution.rule import Denominator, Outcome, Quorum, QuorumCounting, Rule, RuleSource, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.weight import MissingList, Weight
from ballot.strict.fraction import parse_fraction
from tests.support.counts import yes_or_no

SOURCE = RuleSource("Constitution, version 9", "6.4", "...", "a", "b")
WEIGHT = Weight(1, dt.date(2020, 4, 1), MissingList.ZERO)


def threshold(written: str) -> Threshold:
    word, value = written.split(" ")
    return Threshold(Comparison(word), int(value) if value.isdigit() else parse_fraction(value), value)


def condition(unit: str, base: str, needed: str) -> Test:
    return Test(Unit(unit), Denominator(base), threshold(needed))


def quorum_of(unit: str, counting: str, needed: str) -> Quorum:
    return Quorum(Unit(unit), QuorumCounting(counting), threshold(needed))


def rule(*tests: Test, needed: int | None = None, quorum: Quorum | None = None) -> Rule:
    return Rule(
        tests, len(tests) if needed is None else needed, (quorum,) if quorum else (), WEIGHT, SOURCE, "01A.toml"
    )


def heads(eligible: int, for_: int, against: int, abstain: int = 0) -> Counts:
    return yes_or_no(Measure(eligible), Measure(for_), Measure(against), Measure(abstain))


HALF_OF_CAST = condition("practices", "cast", "more_than 1/2")


@pytest.mark.parametrize(
    ("base", "needed", "counts", "carried", "share"),
    [
        pytest.param("cast", "more_than 1/2", heads(5, 3, 2), True, "3/5", id="3 of 5 is more than half"),
        pytest.param("cast", "more_than 1/2", heads(16, 8, 8), False, "8/16", id="8 of 16 is not more than half"),
        pytest.param("cast", "at_least 1/2", heads(16, 8, 8), True, "8/16", id="8 of 16 is at least half"),
        pytest.param("cast", "at_least 1/2", heads(15, 7, 8), False, "7/15", id="7 of 15 is below half"),
        pytest.param("cast", "at_least 2/3", heads(3, 2, 1), True, "2/3", id="2 of 3 is at least two thirds"),
        pytest.param("cast", "at_least 66.67%", heads(3, 2, 1), False, "2/3", id="2 of 3 is below 66.67%"),
        pytest.param("cast", "at_least 66.66%", heads(3, 2, 1), True, "2/3", id="2 of 3 is above 66.66%"),
        pytest.param("cast", "at_least 100%", heads(9, 4, 0), True, "4/4", id="unanimous of those that voted"),
        pytest.param("eligible", "at_least 100%", heads(9, 8, 0), False, "8/9", id="one short of everybody"),
        pytest.param("eligible", "more_than 100%", heads(9, 9, 0), False, "9/9", id="more than everybody"),
        pytest.param("cast", "more_than 1/2", heads(9, 4, 3, 1), False, "4/8", id="an abstention is a vote cast"),
        pytest.param("for-and-against", "more_than 1/2", heads(9, 4, 3, 1), True, "4/7", id="an abstention left out"),
        pytest.param("eligible", "more_than 1/2", heads(9, 4, 3, 1), False, "4/9", id="everybody eligible"),
        pytest.param("eligible-less-abstentions", "at_least 1/2", heads(9, 4, 3, 1), True, "4/8", id="less abstainers"),
        pytest.param("for-and-against", "at_least 1/3", heads(9, 0, 0, 9), False, None, id="all abstain: 0 of 0"),
        pytest.param("cast", "at_least 1/3", heads(9, 0, 0, 0), False, None, id="nobody voted: 0 of 0"),
        pytest.param("cast", "more_than 1/2", heads(9, 0, 0, 9), False, "0/9", id="all abstain, counted"),
        pytest.param("eligible-less-abstentions", "at_least 1/9", heads(9, 0, 0, 9), False, None, id="nobody is left"),
        pytest.param("eligible", "at_least 1/9", heads(0, 0, 0, 0), False, None, id="nobody is eligible"),
        pytest.param(
            "cast", "more_than 1/2", heads(2 * 10**40, 10**40, 10**40), False, f"{10**40}/{2 * 10**40}", id="huge tie"
        ),
        pytest.param(
            "cast",
            "more_than 1/2",
            heads(2 * 10**40 + 1, 10**40 + 1, 10**40),
            True,
            f"{10**40 + 1}/{2 * 10**40 + 1}",
            id="one more than a huge tie, where a float sees none",
        ),
    ],
)
def test_a_test_compares_the_votes_for_with_its_base_exactly(
    base: str, needed: str, counts: Counts, carried: bool, share: str | None
) -> None:
    decision = decide(rule(condition("practices", base, needed)), counts)

    assert decision.as_json()["tests"] == [{"holds": carried, "share": share}]
    assert decision.outcome is (Outcome.CARRIED if carried else Outcome.NOT_CARRIED)


@pytest.mark.parametrize(
    ("counting", "needed", "counts", "holds", "share"),
    [
        pytest.param("returned", "at_least 75%", heads(32, 20, 3, 1), True, "24/32", id="exactly enough"),
        pytest.param("returned", "more_than 75%", heads(32, 20, 3, 1), False, "24/32", id="exactly is not more"),
        pytest.param("returned", "at_least 75%", heads(32, 20, 3), False, "23/32", id="one short"),
        pytest.param("for-and-against", "at_least 75%", heads(32, 20, 3, 1), False, "23/32", id="abstention left out"),
        pytest.param("returned", "at_least 24", heads(32, 20, 3, 1), True, "24/32", id="a whole number"),
        pytest.param("returned", "more_than 24", heads(32, 20, 3, 1), False, "24/32", id="more than a whole number"),
        pytest.param("returned", "at_least 33", heads(32, 32, 0), False, "32/32", id="more than there are"),
        pytest.param("returned", "at_least 1", heads(0, 0, 0), False, None, id="nobody is eligible, one is needed"),
        pytest.param("returned", "at_least 1/9", heads(0, 0, 0), False, None, id="nobody is eligible, a ninth is"),
    ],
)
def test_the_quorum_comes_first(counting: str, needed: str, counts: Counts, holds: bool, share: str | None) -> None:
    decision = decide(rule(HALF_OF_CAST, quorum=quorum_of("practices", counting, needed)), counts)

    assert decision.as_json()["quorum"] == {"required": True, "holds": holds, "share": share}
    assert (decision.outcome is Outcome.INQUORATE) is not holds


def test_tests_are_worked_out_even_when_inquorate() -> None:
    decision = decide(rule(HALF_OF_CAST, quorum=quorum_of("practices", "returned", "at_least 3/4")), heads(40, 3, 1))

    assert decision.outcome is Outcome.INQUORATE
    assert decision.as_json()["tests"] == [{"holds": True, "share": "3/4"}]


def test_without_a_quorum_none_is_required_and_none_is_missed() -> None:
    assert decide(rule(HALF_OF_CAST), heads(40, 1, 0)).as_json()["quorum"] == {"required": False, "holds": True}


BOTH = yes_or_no(Measure(10, 700), Measure(6, 300), Measure(4, 400), Measure(0, 0))


@pytest.mark.parametrize(
    ("needed", "outcome"),
    [
        pytest.param(1, "carried", id="any"),
        pytest.param(2, "carried", id="at least 2"),
        pytest.param(3, "not carried", id="all"),
    ],
)
def test_as_many_tests_must_hold_as_the_rule_needs(needed: int, outcome: str) -> None:
    tests = (
        HALF_OF_CAST,
        condition("weight", "cast", "more_than 1/2"),
        condition("practices", "eligible", "at_least 60%"),
    )

    decision = decide(rule(*tests, needed=needed), BOTH)

    assert [finding.holds for finding in decision.tests] == [True, False, True]
    assert decision.outcome.value == outcome


def test_a_double_majority_needs_heads_and_patients() -> None:
    tests = (HALF_OF_CAST, condition("weight", "cast", "more_than 1/2"))

    assert decide(rule(*tests), BOTH).outcome is Outcome.NOT_CARRIED
    assert str(decide(rule(*tests), BOTH).tests[1].share) == "300/700"


WEIGHTS_ONLY = yes_or_no(
    Measure(10, 1000), Measure(None, 300), Measure(None, 200), Measure(None, 0), Measure(practices=5, weight=500)
)


def test_a_count_of_weights_alone_still_serves_a_turnout_of_practices() -> None:
    weights = condition("weight", "cast", "more_than 1/2")

    decision = decide(rule(weights, quorum=quorum_of("practices", "returned", "at_least 1/2")), WEIGHTS_ONLY)

    assert decision.outcome is Outcome.CARRIED
    assert decision.quorum is not None
    assert str(decision.quorum.parts[0].share) == "5/10"


@pytest.mark.parametrize(
    ("part", "counts"),
    [
        pytest.param(HALF_OF_CAST, WEIGHTS_ONLY, id="a test of practices, weights counted"),
        pytest.param(
            condition("weight", "cast", "more_than 1/2"), heads(9, 5, 4), id="a test of weight, heads counted"
        ),
        pytest.param(
            quorum_of("practices", "for-and-against", "at_least 1/2"), WEIGHTS_ONLY, id="who voted for or against"
        ),
        pytest.param(quorum_of("weight", "returned", "at_least 1/2"), heads(9, 5, 4), id="a turnout of weight"),
    ],
)
def test_a_measure_that_was_not_counted_is_refused_and_not_taken_for_zero(part: Test | Quorum, counts: Counts) -> None:
    known = condition("weight", "cast", "more_than 1/2") if counts is WEIGHTS_ONLY else HALF_OF_CAST
    asked = rule(part) if isinstance(part, Test) else rule(known, quorum=part)

    with pytest.raises(CountsDoNotFit, match=r"^01A.toml:0: The rule counts (practices|weight) here") as refusal:
        decide(asked, counts)

    assert isinstance(refusal.value, ConstitutionError)


@pytest.mark.parametrize(
    ("parts", "practices", "weight"),
    [
        pytest.param([HALF_OF_CAST], True, False, id="heads"),
        pytest.param([condition("weight", "cast", "more_than 1/2")], False, True, id="patients"),
        pytest.param([HALF_OF_CAST, condition("weight", "cast", "more_than 1/2")], True, True, id="both"),
        pytest.param([HALF_OF_CAST, quorum_of("weight", "returned", "at_least 1/2")], True, True, id="weight turnout"),
        pytest.param(
            [condition("weight", "cast", "more_than 1/2"), quorum_of("practices", "returned", "at_least 1/2")],
            False,
            True,
            id="a practices turnout never forces both",
        ),
        pytest.param(
            [condition("weight", "cast", "more_than 1/2"), quorum_of("practices", "for-and-against", "at_least 1/2")],
            True,
            True,
            id="practices for and against do",
        ),
    ],
)
def test_a_rule_says_which_measures_it_needs_by_answer(
    parts: list[Test | Quorum], practices: bool, weight: bool
) -> None:
    tests = [part for part in parts if isinstance(part, Test)]
    quorum = next((part for part in parts if isinstance(part, Quorum)), None)

    asked = rule(*tests, quorum=quorum)

    assert (asked.needs_practices_by_answer, asked.needs_weight_by_answer) == (practices, weight)
