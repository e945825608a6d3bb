"""Votes that were really held, and what the rule decides from them.

Where the public figures are percentages only, counts with the same percentage stand in for them; the id says so.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from ballot.constitution.combine import combine
from ballot.constitution.counts import Counts, Measure
from ballot.constitution.decide import decide
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.rule import Denominator, Outcome, Quorum, QuorumCounting, Rule, RuleSource, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.strict.fraction import parse_fraction, rounded_percentage
from tests.support.counts import yes_or_no

SOURCE = RuleSource("Constitution", "1", "...", "a", "b")
CARRIED, LOST, INQUORATE = Outcome.CARRIED, Outcome.NOT_CARRIED, Outcome.INQUORATE
MEMBERS, CAST, FOR_AND_AGAINST, PRESENT = (
    Denominator.ELIGIBLE,
    Denominator.CAST,
    Denominator.FOR_AND_AGAINST,
    Denominator.ELIGIBLE_LESS_ABSTENTIONS,
)


def threshold(written: str) -> Threshold:
    word, value = written.split(" ")
    return Threshold(Comparison(word), parse_fraction(value), value)


def heads(eligible: int, for_: int, against: int, abstain: int = 0) -> Counts:
    return yes_or_no(Measure(eligible), Measure(for_), Measure(against), Measure(abstain))


def rule(base: Denominator, needed: str, quorum: str | None = None) -> Rule:
    turnout = (Quorum(Unit.PRACTICES, QuorumCounting.RETURNED, threshold(quorum)),) if quorum else ()
    return Rule((Test(Unit.PRACTICES, base, threshold(needed)),), 1, turnout, None, SOURCE)


@pytest.mark.parametrize(
    ("base", "needed", "quorum", "counts", "outcome", "share"),
    [
        pytest.param(CAST, "more_than 1/2", None, heads(12, 7, 4), CARRIED, "7/11", id="Vale Royal 7-4"),
        pytest.param(CAST, "more_than 1/2", None, heads(15, 13, 1), CARRIED, "13/14", id="South Cheshire 13-1"),
        pytest.param(CAST, "more_than 1/2", None, heads(33, 28, 4), CARRIED, "28/32", id="West Cheshire 28-4"),
        pytest.param(MEMBERS, "more_than 1/2", None, heads(40, 14, 3), LOST, "14/40", id="West London 35% (as 14/40)"),
        pytest.param(
            MEMBERS,
            "more_than 1/2",
            None,
            heads(200, 147, 9),
            CARRIED,
            "147/200",
            id="West London again 73.5% (147/200)",
        ),
        pytest.param(
            CAST, "more_than 1/2", "at_least 75%", heads(32, 19, 4), INQUORATE, "19/23", id="Surrey Downs below 75%"
        ),
        pytest.param(
            CAST, "more_than 1/2", "at_least 75%", heads(32, 20, 3, 1), CARRIED, "20/24", id="exactly 75% is a quorum"
        ),
        pytest.param(FOR_AND_AGAINST, "more_than 1/2", None, heads(41, 35, 1, 1), CARRIED, "35/36", id="Shropshire"),
        pytest.param(MEMBERS, "at_least 2/3", None, heads(41, 35, 1, 1), CARRIED, "35/41", id="Shropshire of members"),
        pytest.param(FOR_AND_AGAINST, "more_than 1/2", None, heads(13, 7, 1, 5), CARRIED, "7/8", id="Telford"),
        pytest.param(
            MEMBERS, "more_than 1/2", None, heads(13, 7, 1, 5), CARRIED, "7/13", id="Telford, half of members"
        ),
        pytest.param(MEMBERS, "at_least 2/3", None, heads(13, 7, 1, 5), LOST, "7/13", id="Telford, 2/3 of members"),
        pytest.param(PRESENT, "at_least 2/3", None, heads(13, 7, 1, 5), CARRIED, "7/8", id="Telford, less abstentions"),
        pytest.param(FOR_AND_AGAINST, "more_than 1/2", None, heads(117, 89, 16, 3), CARRIED, "89/105", id="Derbyshire"),
        pytest.param(CAST, "more_than 1/2", None, heads(117, 89, 16, 3), CARRIED, "89/108", id="Derbyshire, cast"),
        pytest.param(MEMBERS, "at_least 3/4", None, heads(117, 89, 16, 3), CARRIED, "89/117", id="Derbyshire, members"),
        pytest.param(MEMBERS, "at_least 77%", None, heads(117, 89, 16, 3), LOST, "89/117", id="Derbyshire at 77%"),
        pytest.param(CAST, "more_than 1/2", None, heads(150, 24, 107), LOST, "24/131", id="Staffordshire 24-107"),
        pytest.param(CAST, "more_than 1/2", None, heads(22, 1, 19), LOST, "1/20", id="Greater Preston 95% against"),
        pytest.param(CAST, "more_than 1/2", None, heads(30, 10, 17), LOST, "10/27", id="Chorley 63% against (10-17)"),
        pytest.param(CAST, "more_than 1/2", None, heads(20, 9, 3), CARRIED, "9/12", id="Nottinghamshire, votes cast"),
        pytest.param(MEMBERS, "more_than 1/2", None, heads(20, 9, 3), LOST, "9/20", id="Nottinghamshire, practices"),
    ],
)
def test_a_vote_that_was_held_is_decided_as_its_rule_says(
    base: Denominator, needed: str, quorum: str | None, counts: Counts, outcome: Outcome, share: str
) -> None:
    decision = decide(rule(base, needed, quorum), counts)

    assert decision.outcome is outcome
    assert str(decision.tests[0].share) == share


@pytest.mark.parametrize(
    ("share", "shown"),
    [((7, 8), "87.50%"), ((7, 13), "53.85%"), ((89, 105), "84.76%"), ((89, 108), "82.41%"), ((89, 117), "76.07%")],
)
def test_the_published_percentages_come_out_of_the_exact_fractions(share: tuple[int, int], shown: str) -> None:
    assert rounded_percentage(*share).removeprefix("about ") in (shown, shown.rstrip("0%") + "%")
    assert abs(Fraction(*share) - Fraction(shown.rstrip("%")) / 100) <= Fraction(1, 20000)


def outcome_rule(at_least: int | None, otherwise: Otherwise, *questions: str) -> OutcomeRule:
    return OutcomeRule(questions or ("merge",), at_least, (), otherwise, None, None)


def test_cheshire_proceeds_because_every_ccg_carried() -> None:
    votes = {"01C": heads(22, 18, 3), "02D": heads(12, 7, 4), "01R": heads(15, 13, 1), "02F": heads(33, 28, 4)}
    outcomes = {ccg: {"merge": decide(rule(CAST, "more_than 1/2"), counts).outcome} for ccg, counts in votes.items()}

    assert combine(outcome_rule(None, Otherwise.STOP), outcomes).members == ("01C", "01R", "02D", "02F")


NW_LONDON = [f"{number:02}X" for number in range(8)]


@pytest.mark.parametrize(
    ("west_london", "members"),
    [pytest.param(LOST, [], id="first vote"), pytest.param(CARRIED, NW_LONDON, id="after the re-ballot")],
)
def test_north_west_london_waits_for_west_london(west_london: Outcome, members: list[str]) -> None:
    outcomes = {ccg: {"merge": CARRIED} for ccg in NW_LONDON[:-1]} | {NW_LONDON[-1]: {"merge": west_london}}

    assert list(combine(outcome_rule(None, Otherwise.STOP), outcomes).members) == members


def test_the_second_question_of_north_west_london_is_judged_apart_from_the_merger() -> None:
    outcomes = {
        ccg: {"merge": CARRIED, "constitution": CARRIED if place < 3 else LOST} for place, ccg in enumerate(NW_LONDON)
    }

    assert combine(outcome_rule(None, Otherwise.STOP, "merge"), outcomes).proceeds
    assert not combine(outcome_rule(None, Otherwise.STOP, "merge", "constitution"), outcomes).proceeds
    assert len(combine(outcome_rule(3, Otherwise.PROCEED, "constitution"), outcomes).members) == 3
