"""What a rule does with an abstention, with a vote that is not returned, with a tie, and with one practice's weight.

Nothing here knows the arithmetic of a rule: each answer is had by asking `verdict` about made-up counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, YES_OR_NO, Counts, Measure
from ballot.constitution.numbers import joined
from ballot.constitution.rule import Base, Constitution, Counting, Quorum, Rule, Test
from ballot.constitution.verdict import has_quorum, meets_tests, subjects

_ABSTENTION = {
    Base.FOR_AND_AGAINST: "is left out of",
    Base.CAST: "has the effect of a vote {} in",
    Base.ELIGIBLE: "has the effect of a vote {} in",
    Base.ELIGIBLE_LESS_ABSTENTIONS: "is left out of",
}
_NOT_RETURNED = {
    Base.FOR_AND_AGAINST: "is left out of",
    Base.CAST: "is left out of",
    Base.ELIGIBLE: "has the effect of a vote {} in",
    Base.ELIGIBLE_LESS_ABSTENTIONS: "has the effect of a vote {} in",
}
_MANY = 10**6
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Voter:
    """A member practice, its list, and its locality where its CCG has localities."""

    practice: str
    list_size: int | None
    locality: str | None = None


def read_effects_aloud(rule: Rule) -> Iterator[str]:
    """What an abstention, a vote not returned, a tie and an empty box do, in sentences."""
    yield f"An abstention {_effects(rule, _ABSTENTION)}{_towards_quorum(rule.quorum)}."
    towards = "" if rule.quorum is None else ", and does not count towards the quorum"
    yield f"A vote that is not returned {_effects(rule, _NOT_RETURNED)}{towards}."
    verb = "is carried" if tie_carries(rule) else "is not carried"
    if rule.has_options:
        yield f"A tie, everybody voting and half of them for each of two options, {verb}."
        yield "If nobody votes for any option, nothing is carried."
    else:
        yield f"A tie, everybody voting and as many for as against, {verb}."
        yield "If nobody votes for or against, it is not carried."


def _effects(rule: Rule, effects: dict[Base, str]) -> str:
    against = "for another option" if rule.has_options else "against"
    said = [effects[test.base].format(against) for test in rule.tests]
    if len(set(said)) == 1:
        what = "the test" if len(said) == 1 else "every test"
        return f"{said[0]} {what}"
    return joined(f"{effect} test {number}" for number, effect in enumerate(said, start=1))


def _towards_quorum(quorum: Quorum | None) -> str:
    if quorum is None:
        return ""
    counts = "counts" if quorum.counting is Counting.RETURNED else "does not count"
    return f", and {counts} towards the quorum"


def tie_carries(rule: Rule) -> bool:
    """With everybody voting, many of them, and half for each of two answers, by heads and by weight.

    The tests of localities are not asked.
    """
    half = Measure(_MANY, _MANY)
    for one, other in permutations(answers_of(rule), 2):
        counts = _made_up(rule, Measure(2 * _MANY, 2 * _MANY), {one: half, other: half})
        passing = [option for option in subjects(counts) if meets_tests(rule, counts, option)]
        if has_quorum(rule, counts) and len(passing) == 1:
            return True
    return False


def several_can_pass(rule: Rule) -> bool:
    """Are there two options that pass with half of the votes each?"""
    half = Measure(_MANY, _MANY)
    for one, other in permutations(rule.options, 2):
        counts = _made_up(rule, Measure(2 * _MANY, 2 * _MANY), {one: half, other: half})
        if meets_tests(rule, counts, one) and meets_tests(rule, counts, other):
            return True
    return False


def answers_of(rule: Rule) -> tuple[str, ...]:
    """For and against; or the options that the rule names, and as many more as it takes to have two."""
    if not rule.has_options:
        return (FOR, AGAINST)
    return (*rule.options, "another option", "yet another")[: max(len(rule.options) + 1, 2)]


def _made_up(rule: Rule, eligible: Measure, given: dict[str, Measure]) -> Counts:
    answers = (*answers_of(rule), ABSTAIN) if rule.has_options else YES_OR_NO
    return Counts(eligible, {answer: given.get(answer, Measure(0, 0)) for answer in answers})


def blockers(constitution: Constitution, rule: Rule, voters: Sequence[Voter], option: str | None = None) -> list[Voter]:
    """Those who alone, all others voting for, stop what would be carried; none where nothing can be carried."""

    def carries_without(opponent: Voter | None) -> bool:
        counts = _all_but(constitution, rule, voters, opponent, option)
        return has_quorum(rule, counts) and meets_tests(rule, counts, option)

    if not carries_without(None):
        return []
    return [voter for voter in voters if not carries_without(voter)]


def _all_but(
    constitution: Constitution, rule: Rule, voters: Sequence[Voter], opponent: Voter | None, option: str | None
) -> Counts:
    for_ = option or FOR
    against = next(answer for answer in answers_of(rule)[::-1] if answer != for_)
    groups = {for_: [voter for voter in voters if voter is not opponent], against: [opponent] if opponent else []}
    given = {answer: eligible_of(constitution, group) for answer, group in groups.items()}
    return _made_up(rule, eligible_of(constitution, voters), given)


def eligible_of(constitution: Constitution, voters: Sequence[Voter]) -> Measure:
    """All of them, by heads and by weight."""
    return Measure(len(voters), sum(constitution.votes(voter.list_size) for voter in voters))


def never_met(rule: Rule, eligible: Measure) -> list[Test | Quorum]:
    """The conditions that not even everybody voting for would meet."""
    parts: list[Test | Quorum] = [*([rule.quorum] if rule.quorum else []), *rule.all_tests]
    totals = [(part, eligible.of(part.unit) or 0) for part in parts]
    return [part for part, total in totals if not part.threshold.is_met(total, total)]
