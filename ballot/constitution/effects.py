"""What a rule does with a tie, and what single practices of a roll can do to it.

Nothing here knows the arithmetic of a rule: each answer is had by asking `verdict` about made-up counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, YES_OR_NO, Counts, Measure, summed
from ballot.constitution.rule import Constitution, Quorum, Rule, Test
from ballot.constitution.verdict import has_quorum, is_quorate, meets_tests, passes, subjects

MANY = 10**120
"""So many votes that no threshold in a file falls between two of them."""
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class MemberVoter:
    """A member practice, its list, and its locality where its CCG has localities."""

    practice: str
    list_size: int | None
    locality: str | None = None


def tie_carries(rule: Rule) -> bool:
    """Whether a tie can carry, by heads and by weight: everyone votes, with half for each of two answers.

    Ignores the locality tests.
    """
    half = Measure(MANY, MANY)
    for one, other in permutations(answers_of(rule), 2):
        counts = made_up(rule, Measure(2 * MANY, 2 * MANY), {one: half, other: half})
        passing = [option for option in subjects(counts) if meets_tests(rule, counts, option)]
        if has_quorum(rule, counts) and len(passing) == 1:
            return True
    return False


def consents(rule: Rule) -> bool:
    """Whether silence is consent: it can be carried without a vote for, ignoring the locality tests."""
    if rule.has_options:
        return False
    if not rule.tests:
        return all(part.test.against for part in rule.locality_tests)
    everyone = Measure(2 * MANY, 2 * MANY)
    silent = (made_up(rule, everyone, {ABSTAIN: Measure(some, some)}) for some in (0, MANY, 2 * MANY))
    return any(has_quorum(rule, counts) and meets_tests(rule, counts, None) for counts in silent)


def several_can_pass(rule: Rule) -> bool:
    """Whether two options can both pass, each with half of the votes."""
    half = Measure(MANY, MANY)
    for one, other in permutations(rule.options, 2):
        counts = made_up(rule, Measure(2 * MANY, 2 * MANY), {one: half, other: half})
        if meets_tests(rule, counts, one) and meets_tests(rule, counts, other):
            return True
    return False


def answers_of(rule: Rule) -> tuple[str, ...]:
    """For and against; or the options that the rule names, filled up to at least two."""
    if not rule.has_options:
        return (FOR, AGAINST)
    return (*rule.options, "another option", "yet another")[: max(len(rule.options) + 1, 2)]


def candidates(rule: Rule) -> tuple[str | None, ...]:
    """What could be carried: None for a question without options, otherwise each option named, or any single option."""
    if not rule.has_options:
        return (None,)
    return rule.options or answers_of(rule)[:1]


def made_up(rule: Rule, eligible: Measure, given: dict[str, Measure]) -> Counts:
    """Make up counts with these answers and zero for all others."""
    answers = (*answers_of(rule), ABSTAIN) if rule.has_options else YES_OR_NO
    return Counts(eligible, {answer: given.get(answer, Measure(0, 0)) for answer in answers})


def blockers(
    constitution: Constitution, rule: Rule, voters: Sequence[MemberVoter], option: str | None = None
) -> list[MemberVoter]:
    """The practices that can each block the option alone, when everyone else votes for it.

    Empty if nothing can be carried. If even all votes together fail the locality tests, those are ignored.
    """

    def carries_without(
        opponent: MemberVoter | None,
        meets: Callable[[Rule, Counts, str | None], bool],
        quorate: Callable[[Rule, Counts], bool],
    ) -> bool:
        counts = _all_but(constitution, rule, voters, opponent, option)
        return quorate(rule, counts) and meets(rule, counts, option)

    for meets, quorate in ((passes, is_quorate), (meets_tests, has_quorum)) if voters else ():
        if carries_without(None, meets, quorate):
            return [voter for voter in voters if not carries_without(voter, meets, quorate)]
    return []


def _all_but(
    constitution: Constitution,
    rule: Rule,
    voters: Sequence[MemberVoter],
    opponent: MemberVoter | None,
    option: str | None,
) -> Counts:
    """The counts if everyone but one practice votes for the option; by locality if the rule needs that."""
    for_ = option or FOR
    against = next(answer for answer in answers_of(rule)[::-1] if answer != for_)
    members: dict[str, list[MemberVoter]] = {}
    for voter in voters:
        members.setdefault((voter.locality or "") if rule.in_localities else "", []).append(voter)
    parts = {}
    for place, local in members.items():
        groups = {for_: [v for v in local if v is not opponent], against: [v for v in local if v is opponent]}
        given = {answer: eligible_of(constitution, group) for answer, group in groups.items()}
        parts[place] = made_up(rule, eligible_of(constitution, local), given)
    return summed(parts)


def eligible_of(constitution: Constitution, voters: Sequence[MemberVoter]) -> Measure:
    """All members, by heads and by weight."""
    return Measure(len(voters), sum(constitution.votes(voter.list_size) for voter in voters))


def never_met(rule: Rule, eligible: Measure) -> list[Test | Quorum]:
    """The conditions that would fail even if everyone voted for."""
    parts: list[Test | Quorum] = [*rule.all_quorums, *rule.all_tests]
    totals = [(part, eligible.of(part.unit) or 0) for part in parts]
    return [
        part
        for part, total in totals
        if not part.threshold.is_met(0 if part.threshold.comparison.is_limit else total, total)
    ]
