"""What is allowed in a file and still looks like a mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ballot.constitution.effects import (
    MOST_NAMED,
    Voter,
    blockers,
    eligible_of,
    never_met,
    several_can_pass,
    tie_carries,
)
from ballot.constitution.fraction import meant_fraction
from ballot.constitution.numbers import joined, unit_noun
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.phrases import threshold_phrase
from ballot.constitution.rule import (
    Comparison,
    Constitution,
    Quorum,
    Rule,
    Test,
    Threshold,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something allowed that looks like a mistake, and its line."""

    line: int
    sentence: str


def check_constitution(constitution: Constitution) -> Iterator[Oddity]:
    """What a second look at a rule file finds."""
    parts: list[Test | Quorum] = [*constitution.tests, *([constitution.quorum] if constitution.quorum else [])]
    parts += [part.test for part in constitution.locality_tests]
    for own in constitution.questions:
        if own.tests is None and own.quorum is None and own.combine is None and own.locality_tests is None:
            yield Oddity(own.line, f"[question.{own.question}] replaces nothing.")
        parts += [*(own.tests or ()), *([own.quorum] if own.quorum else [])]
        parts += [part.test for part in own.locality_tests or ()]
    for part in parts:
        ties = isinstance(part, Test) and not part.most_votes
        yield from _check_threshold(part.threshold, part.line, ties)
    if constitution.weight is not None and all(part.unit is not Unit.WEIGHT for part in parts):
        yield Oddity(constitution.weight.line, "[weight] is counted, and no test or quorum uses it.")
    if constitution.weight is not None and constitution.weight.per == 1 and constitution.weight.rounding is not None:
        yield Oddity(constitution.weight.line, "With per = 1 nothing is left to round, and rounding changes nothing.")

    yield from _check_ties(constitution)


def _rules(constitution: Constitution) -> Iterator[tuple[str, int, Rule]]:
    """The rule of the top of the file, and each question's own, with where it begins."""
    yield "", constitution.tests[0].line, constitution.rule_for()
    for own in constitution.questions:
        yield f"For the question {own.question}: ", own.line, constitution.rule_for(own.question)


def _check_ties(constitution: Constitution) -> Iterator[Oddity]:
    """Ties that carry through a threshold below a half; those of exactly a half are named with their threshold."""
    for where, line, rule in _rules(constitution):
        halves = any(test.threshold.value == Fraction(1, 2) for test in rule.tests)
        if tie_carries(rule) and not halves:
            whose = "any option" if rule.has_options else "those for and against"
            yield Oddity(line, f"{where}A tie carries, and so does less than half of {whose}.")
        if several_can_pass(rule):
            yield Oddity(line, f"{where}Two options can both pass, and then neither is carried.")


def check_against_roll(constitution: Constitution, voters: Sequence[Voter]) -> Iterator[Oddity]:
    """What a second look at a rule file finds when the members it is for are known."""
    yield from _check_limits(constitution, voters)
    eligible = eligible_of(constitution, voters)
    for where, line, rule in _rules(constitution):
        for part in never_met(rule, eligible):
            what = "test" if isinstance(part, Test) else "quorum"
            total = f"{eligible.of(part.unit)} eligible {unit_noun(part.unit, eligible.of(part.unit) or 0)}"
            sentence = f"{where}This {what} can never be met: {threshold_phrase(part.threshold)}, of {total}."
            yield Oddity(part.line, sentence)
        for option in rule.options or (None,):
            yield from _check_blockers(constitution, rule, voters, option, Oddity(line, where))
        yield from _check_localities(rule, voters)


def _check_blockers(
    constitution: Constitution, rule: Rule, voters: Sequence[Voter], option: str | None, place: Oddity
) -> Iterator[Oddity]:
    """Practices without which nothing can be carried, and for which none can make up."""
    for_ = "for" if option is None else f"for {option}"
    found = blockers(constitution, rule, voters, option)
    if found and len(found) == len(voters):
        sentence = f"{place.sentence}Every practice can block it alone, all others voting {for_}."
        yield Oddity(place.line, sentence)
    elif found:
        names = joined(voter.practice for voter in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        yield Oddity(place.line, f"{place.sentence}{names}{more} can block it alone, all others voting {for_}.")


def _check_localities(rule: Rule, voters: Sequence[Voter]) -> Iterator[Oddity]:
    """Tests that must hold in more localities than there are, and localities of one practice."""
    sizes = Counter(voter.locality for voter in voters if voter.locality is not None)
    for part in rule.locality_tests:
        if part.at_least is not None and part.at_least > len(sizes):
            sentence = f"This test can never be met: {part.at_least} localities are needed, and there are {len(sizes)}."
            yield Oddity(part.test.line, sentence)
        alone = sorted(locality for locality, members in sizes.items() if members == 1)
        if alone:
            yield Oddity(part.test.line, f"Its own total tells the vote of the only member of {joined(alone)}.")


def _check_limits(constitution: Constitution, voters: Sequence[Voter]) -> Iterator[Oddity]:
    """A minimum or a cap that changes no practice's votes."""
    weight = constitution.weight
    if weight is None:
        return
    votes = [weight.votes(voter.list_size or 0) for voter in voters]
    for key, without in (("minimum", replace(weight, minimum=None)), ("maximum", replace(weight, maximum=None))):
        if without != weight and votes == [without.votes(voter.list_size or 0) for voter in voters]:
            yield Oddity(weight.line, f"The {key} changes nothing: no practice of this roll reaches it.")


def _check_threshold(threshold: Threshold, line: int, ties: bool) -> Iterator[Oddity]:
    more_than = threshold.comparison is Comparison.MORE_THAN
    if isinstance(threshold.value, int):
        return
    if threshold.value == 1 and more_than:
        yield Oddity(line, "More than all of them can never be reached.")
    if threshold.value == Fraction(1, 2) and not more_than and ties:
        yield Oddity(line, "At least 1/2 carries on a tie; a majority is more than 1/2.")
    if meant := meant_fraction(threshold.written):
        value = f"{threshold.value.numerator}/{threshold.value.denominator}"
        yield Oddity(line, f"{threshold.written} is exactly {value}. If {meant} is meant, write {meant}.")


def check_outcome_rule(rule: OutcomeRule) -> Iterator[Oddity]:
    """What a second look at an [outcome] finds."""
    for group in rule.groups:
        yield from check_outcome_rule(group.rule)
    members = {ccg for group in rule.groups for ccg in group.rule.ccgs or ()}
    if rule.groups and (left := [ccg for ccg in rule.ccgs or () if ccg not in members]):
        yield Oddity(rule.line, f"{joined(left)} votes and is in no group.")
    if rule.at_least is None:
        return
    if rule.otherwise is Otherwise.STOP:
        yield Oddity(rule.line, 'at_least with otherwise = "stop" is the same as require = "all".')
    if rule.at_least < len(rule.all_of):
        yield Oddity(
            rule.line, f"at_least = {rule.at_least} asks for less than all_of, which names {len(rule.all_of)}."
        )
