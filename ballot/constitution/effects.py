"""What a rule does with an abstention, with a vote that is not returned, with a tie, and with one practice's weight.

Nothing here knows the arithmetic of a rule: each answer is had by asking `verdict` about made-up counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.numbers import joined
from ballot.constitution.rule import Base, Constitution, Counting, Outcome, Quorum, Rule, Test
from ballot.constitution.verdict import judge

_ABSTENTION = {
    Base.FOR_AND_AGAINST: "is left out of",
    Base.CAST: "has the effect of a vote against in",
    Base.ELIGIBLE: "has the effect of a vote against in",
    Base.ELIGIBLE_LESS_ABSTENTIONS: "is left out of",
}
_NOT_RETURNED = {
    Base.FOR_AND_AGAINST: "is left out of",
    Base.CAST: "is left out of",
    Base.ELIGIBLE: "has the effect of a vote against in",
    Base.ELIGIBLE_LESS_ABSTENTIONS: "has the effect of a vote against in",
}
_MANY = 10**6
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Voter:
    """A member practice and its list."""

    practice: str
    list_size: int | None


def read_effects_aloud(rule: Rule) -> Iterator[str]:
    """What an abstention, a vote not returned, a tie and an empty box do, in sentences."""
    yield f"An abstention {_effects(rule, _ABSTENTION)}{_towards_quorum(rule.quorum)}."
    towards = "" if rule.quorum is None else ", and does not count towards the quorum"
    yield f"A vote that is not returned {_effects(rule, _NOT_RETURNED)}{towards}."
    verb = "is carried" if tie_carries(rule) else "is not carried"
    yield f"A tie, everybody voting and as many for as against, {verb}."
    yield "If nobody votes for or against, it is not carried."


def _effects(rule: Rule, effects: dict[Base, str]) -> str:
    if len({effects[test.base] for test in rule.tests}) == 1:
        what = "the test" if len(rule.tests) == 1 else "every test"
        return f"{effects[rule.tests[0].base]} {what}"
    return joined(f"{effects[test.base]} test {number}" for number, test in enumerate(rule.tests, start=1))


def _towards_quorum(quorum: Quorum | None) -> str:
    if quorum is None:
        return ""
    counts = "counts" if quorum.counting is Counting.RETURNED else "does not count"
    return f", and {counts} towards the quorum"


def tie_carries(rule: Rule) -> bool:
    """With everybody voting, many of them, and as many for as against, by heads and by weight."""
    half = Measure(_MANY, _MANY)
    counts = Counts(Measure(2 * _MANY, 2 * _MANY), half, half, Measure(0, 0))
    return judge(rule, counts).outcome is Outcome.CARRIED


def blockers(constitution: Constitution, rule: Rule, voters: Sequence[Voter]) -> list[Voter]:
    """Those who alone, all others voting for, stop what would be carried; none where nothing can be carried."""
    if judge(rule, _all_but(constitution, voters, None)).outcome is not Outcome.CARRIED:
        return []
    return [
        voter for voter in voters if judge(rule, _all_but(constitution, voters, voter)).outcome is not Outcome.CARRIED
    ]


def _all_but(constitution: Constitution, voters: Sequence[Voter], opponent: Voter | None) -> Counts:
    against = [] if opponent is None else [opponent]
    for_ = [voter for voter in voters if voter is not opponent]
    return Counts(
        eligible_of(constitution, voters),
        eligible_of(constitution, for_),
        eligible_of(constitution, against),
        Measure(0, 0),
    )


def eligible_of(constitution: Constitution, voters: Sequence[Voter]) -> Measure:
    """All of them, by heads and by weight."""
    return Measure(len(voters), sum(constitution.votes(voter.list_size) for voter in voters))


def never_met(rule: Rule, eligible: Measure) -> list[Test | Quorum]:
    """The conditions that not even everybody voting for would meet."""
    parts: list[Test | Quorum] = [*([rule.quorum] if rule.quorum else []), *rule.tests]
    totals = [(part, eligible.of(part.unit) or 0) for part in parts]
    return [part for part, total in totals if not part.threshold.is_met(total, total)]
