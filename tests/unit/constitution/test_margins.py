"""What would have changed a decision, in the sentences that follow the verdict."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ballot.constitution.counts import Counts, Measure, summed
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.errors import InvalidCounts
from ballot.constitution.rule import Denominator, LocalityTest, Quorum, QuorumCounting, Rule, RuleSource, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.strict.fraction import parse_fraction
from tests.support.counts import yes_or_no

SOURCE = RuleSource("Constitution, version 9", "6.4", "...", "a", "b")


def threshold(written: str) -> Threshold:
    word, value = written.split(" ")
    return Threshold(Comparison(word), int(value) if value.isdigit() else parse_fraction(value), value)


def condition(unit: str, base: str, needed: str) -> Test:
    return Test(Unit(unit), Denominator(base), threshold(needed))


def quorum_of(needed: str, counting: str = "returned") -> Quorum:
    return Quorum(Unit.PRACTICES, QuorumCounting(counting), threshold(needed))


def rule(*tests: Test, needed: int | None = None, quorum: Quorum | None = None) -> Rule:
    return Rule(tests, len(tests) if needed is None else needed, (quorum,) if quorum else (), None, SOURCE)


def heads(eligible: int, for_: int, against: int, abstain: int = 0) -> Counts:
    return yes_or_no(Measure(eligible), Measure(for_), Measure(against), Measure(abstain))


def both(eligible: tuple[int, int], *answers: tuple[int, int]) -> Counts:
    return yes_or_no(Measure(*eligible), *(Measure(*answer) for answer in answers))


HALF = condition("practices", "cast", "more_than 1/2")
HALF_OF_WEIGHT = condition("weight", "cast", "more_than 1/2")
MEMBERS = condition("practices", "eligible", "at_least 2/3")
DOUBLE = (HALF, HALF_OF_WEIGHT)
WEIGHTS_ONLY = yes_or_no(
    Measure(10, 1000), Measure(None, 300), Measure(None, 200), Measure(None, 0), Measure(practices=5, weight=500)
)


@pytest.mark.parametrize(
    ("asked", "counts", "sentences"),
    [
        pytest.param(
            rule(HALF),
            heads(20, 8, 10),
            [
                "Two more practices voting for instead of against would have carried it.",
            ],
            id="lost by two, and those that did not vote are too few",
        ),
        pytest.param(
            rule(HALF),
            heads(16, 6, 6, 1),
            [
                (
                    "One more practice voting for instead of against would have carried it; "
                    "so would one more practice voting for instead of abstaining; "
                    "so would two more practices voting for instead of not voting."
                )
            ],
            id="three ways",
        ),
        pytest.param(
            rule(MEMBERS),
            heads(13, 7, 1, 5),
            ["Two more practices voting for instead of abstaining would have carried it."],
            id="Telford and Wrekin at 2/3 of members",
        ),
        pytest.param(
            rule(condition("practices", "eligible", "at_least 100%")),
            heads(13, 7, 1, 5),
            [
                (
                    "Only changes of more than one kind would have carried it, such as five more practices voting for "
                    "instead of abstaining and one more practice voting for instead of against."
                )
            ],
            id="more than one kind of change",
        ),
        pytest.param(
            rule(condition("practices", "eligible", "more_than 100%")),
            heads(13, 7, 1, 5),
            ["No change of votes alone could have carried it: not even 13 eligible practices for."],
            id="what cannot be reached",
        ),
        pytest.param(
            rule(HALF, quorum=quorum_of("at_least 75%")),
            heads(32, 19, 4),
            [
                "The quorum was short by one practice.",
                "One more practice voting for instead of not voting would have carried it.",
            ],
            id="Surrey Downs, one short of 75%",
        ),
        pytest.param(
            rule(HALF, quorum=quorum_of("at_least 75%", "for-and-against")),
            heads(32, 19, 2, 9),
            [
                "The quorum was short by three practices voting for or against.",
                "Three more practices voting for instead of abstaining would have carried it.",
            ],
            id="a quorum that abstentions do not count towards",
        ),
        pytest.param(
            rule(HALF, quorum=quorum_of("at_least 33")),
            heads(32, 32, 0),
            [
                "No turnout could have met the quorum: not even all 32 eligible practices.",
                "No change of votes alone could have carried it: not even 32 eligible practices for.",
            ],
            id="a quorum that nothing meets",
        ),
        pytest.param(
            rule(*DOUBLE),
            both((12, 1000), (6, 300), (4, 400), (0, 0)),
            [
                (
                    "Practices with at least 51 more weighted votes between them voting for instead of against would "
                    "have carried it; so would practices with at least 101 more weighted votes between them voting for "
                    "instead of not voting."
                )
            ],
            id="a double majority lost by weight alone",
        ),
        pytest.param(
            rule(*DOUBLE),
            both((8, 750), (3, 300), (4, 400), (0, 0)),
            [
                (
                    "At least one more practice with at least 51 more weighted votes between them voting for instead "
                    "of against would have carried it."
                )
            ],
            id="a double majority lost by both",
        ),
        pytest.param(
            rule(HALF_OF_WEIGHT, quorum=quorum_of("at_least 70%")),
            WEIGHTS_ONLY,
            ["The quorum was short by two practices.", "Two more practices returning a vote would have carried it."],
            id="weights alone, and a turnout of practices",
        ),
        pytest.param(
            rule(HALF),
            heads(20, 12, 4, 1),
            [
                (
                    "It would still have carried with up to six fewer practices for if they had not voted, "
                    "and up to three if they had been against."
                )
            ],
            id="carried with some to spare",
        ),
        pytest.param(
            rule(HALF),
            heads(5, 3, 2),
            [
                "One practice not voting instead of for, and it would not have carried.",
                "One practice against instead of for, and it would not have carried.",
            ],
            id="carried by one",
        ),
        pytest.param(
            rule(HALF, quorum=quorum_of("at_least 75%")),
            heads(32, 20, 3, 1),
            [
                "One practice not voting instead of for, and it would not have carried.",
                "It would still have carried with up to seven practices against instead of for.",
            ],
            id="carried with a quorum of exactly 75%",
        ),
        pytest.param(
            rule(*DOUBLE, needed=1),
            both((12, 1000), (6, 300), (4, 400), (0, 0)),
            [
                (
                    "Counted in practices alone, it would still have carried with up to one practice not voting "
                    "instead of for."
                ),
                "Counted in practices alone, one practice against instead of for, and it would not have carried.",
                "Counted in weight alone, no change of votes would have lost it.",
            ],
            id="any of two, one measure idle",
        ),
        pytest.param(
            rule(HALF_OF_WEIGHT, quorum=quorum_of("at_least 1/2")),
            WEIGHTS_ONLY,
            [
                "One fewer practice voting, and there would have been no quorum.",
                (
                    "Counted in weight alone, it would still have carried if practices for with up to 99 weighted "
                    "votes between them had not voted, or with up to 49 had been against."
                ),
            ],
            id="carried by weights, with no turnout to spare",
        ),
    ],
)
def test_a_decision_says_what_would_have_changed_it(asked: Rule, counts: Counts, sentences: list[str]) -> None:
    found = decide(asked, counts).explanation
    verdict = next(place for place, line in enumerate(found) if line.startswith("By clause"))

    assert list(found[verdict + 1 :]) == sentences


def test_a_vote_whose_margins_would_take_hours_to_find_is_decided_and_no_more_is_said() -> None:
    """Two tests that each must hold in half of six hundred localities; then numbers of a thousand digits."""
    tests = tuple(LocalityTest(test, "pcn_code", 300) for test in (HALF, MEMBERS))
    asked = replace(rule(HALF), locality_tests=tests)
    many = summed({f"U{number}": heads(9, 2, 4, 1) for number in range(600)})

    assert decide(asked, many).explanation[-1] == "By clause 6.4 of Constitution, version 9: not carried."
    asked = rule(*[HALF] * 300)
    for votes in (heads(3 * 10**900, 10**900, 2 * 10**900), heads(3 * 10**900, 2 * 10**900, 10**900)):
        assert decide(asked, votes).explanation[-1].startswith("By clause 6.4")


def test_the_margins_of_a_ccg_in_sixty_localities_are_found() -> None:
    few = tuple(LocalityTest(test, "pcn_code", 30) for test in (HALF, MEMBERS))
    votes = summed({f"U{number}": heads(9, 2, 4, 1) for number in range(60)})

    assert decide(replace(rule(HALF), locality_tests=few), votes).explanation[-1].endswith("would have carried it.")


def test_counts_name_no_more_options_than_a_question_can_have() -> None:
    votes = {"practices": 1}
    value = {"eligible": {"practices": 99}, "options": {f"o{n}": votes for n in range(21)}, "abstain": votes}
    with pytest.raises(InvalidCounts, match=r"c.json:1: A question has at most 20 options, not 21\."):
        parse_counts(json.dumps(value).encode(), "c.json", weighted=False, options=True)
