"""Warn about what a file may say but probably does not mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain

from ballot.constitution.clauses import unmet_wording
from ballot.constitution.effects import (
    MOST_NAMED,
    MemberVoter,
    blockers,
    candidates,
    consents,
    eligible_of,
    never_met,
    several_can_pass,
    tie_carries,
)
from ballot.constitution.margins_localities import least
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.phrases import comparison_phrase, joined, threshold_phrase, unit_noun
from ballot.constitution.rule import Constitution, LocalityPart, LocalityTest, Quorum, Rule, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.words import capitalised
from ballot.strict.fraction import meant_fraction

_HALF = Fraction(1, 2)
_ABOVE_HALF = Fraction(51, 100)
"""The highest threshold, above a half, that looks like a majority written as a percentage."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something allowed that looks like a mistake, and its line."""

    line: int
    sentence: str


def check_constitution(constitution: Constitution) -> Iterator[Oddity]:
    """The oddities in a rule file."""
    parts: list[Test | Quorum] = [*constitution.tests, *constitution.quorums]
    local: list[LocalityPart] = [*constitution.locality_tests, *constitution.locality_quorums]
    for own in constitution.questions:
        if own.replaces_nothing:
            yield Oddity(own.line, f"[question.{own.question}] replaces nothing.")
        parts += [*(own.tests or ()), *(own.quorums or ())]
        local += [*(own.locality_tests or ()), *(own.locality_quorums or ())]
    parts += [part.condition for part in local]
    for part in parts:
        ties = isinstance(part, Test) and not part.most_votes
        yield from _check_threshold(part.threshold, ties)
    for where_needed in local:
        if isinstance(where_needed.require, Threshold):
            yield from _check_threshold(where_needed.require, False)
    words = constitution.words
    for where, line, rule in _rules(constitution):
        if consents(rule):
            sentence = (
                f"{where}{capitalised(words.member.a)} that does not reply is taken to agree: nobody needs to vote for."
            )
            yield Oddity(line, f"{sentence} If votes for are needed too, add a [[test]] of them.")
    if constitution.weight is not None and all(part.unit is not Unit.WEIGHT for part in parts):
        yield Oddity(constitution.weight.line, "[weight] is counted, and no test or quorum uses it.")
    if constitution.weight is not None and constitution.weight.per == 1 and constitution.weight.rounding:
        yield Oddity(constitution.weight.line, "With per = 1 nothing is left to round, and rounding changes nothing.")

    for sentence in unmet_wording(constitution):
        yield Oddity(constitution.source.line, sentence)
    yield from _check_ties(constitution)


def _rules(constitution: Constitution) -> Iterator[tuple[str, int, Rule]]:
    """The rule at the top of the file, then each question's own, with the words that introduce it."""
    yield "", constitution.rule_for().all_tests[0].begins, constitution.rule_for()
    for own in constitution.questions:
        yield f"For the question {own.question}: ", own.line, constitution.rule_for(own.question)


def _check_ties(constitution: Constitution) -> Iterator[Oddity]:
    """Warn of ties that carry because a threshold is below a half. `_check_threshold` handles exactly a half."""
    for where, line, rule in _rules(constitution):
        halves = any(test.threshold.value == Fraction(1, 2) for test in rule.tests)
        if not rule.tests:
            continue  # Where the localities alone decide, a tie of all votes decides nothing
        by_number = any(test.threshold.counts_votes for test in rule.all_tests)
        if tie_carries(rule) and not halves and not by_number:
            whose = "any option" if rule.has_options else "those for and against"
            does = f"passes the tests of the whole {constitution.words.body.one}" if rule.locality_tests else "carries"
            yield Oddity(line, f"{where}A tie {does}, and so does less than half of {whose}.")
        if several_can_pass(rule) and not by_number:
            yield Oddity(line, f"{where}Two options can both pass, and then neither is carried.")


def check_against_roll(constitution: Constitution, voters: Sequence[MemberVoter]) -> Iterator[Oddity]:
    """The oddities that show only with the members on a roll."""
    yield from _check_limits(constitution, voters)
    eligible = eligible_of(constitution, voters)
    for where, line, rule in _rules(constitution):
        for part in never_met(rule, eligible):
            what = "test" if isinstance(part, Test) else "quorum"
            number = eligible.of(part.unit) or 0
            total = f"{number:,} eligible {unit_noun(part.unit, number, rule.words)}"
            sentence = f"{where}This {what} can never be met: {threshold_phrase(part.threshold)}, of {total}."
            yield Oddity(part.threshold.line, sentence)
        for option in candidates(rule):
            yield from _check_blockers(constitution, rule, voters, option, Oddity(line, where))
        yield from _check_localities(rule, voters)


def _check_blockers(
    constitution: Constitution, rule: Rule, voters: Sequence[MemberVoter], option: str | None, place: Oddity
) -> Iterator[Oddity]:
    """Practices whose votes nothing can replace."""
    for_ = "for" if option is None else f"for {option if option in rule.options else 'one option'}"
    found = blockers(constitution, rule, voters, option)
    if found and len(found) == len(voters):
        sentence = f"{place.sentence}Every {rule.words.member.one} can block it alone, all others voting {for_}."
        yield Oddity(place.line, sentence)
    elif found:
        names = joined(voter.practice for voter in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        yield Oddity(place.line, f"{place.sentence}{names}{more} can block it alone, all others voting {for_}.")


def _check_localities(rule: Rule, voters: Sequence[MemberVoter]) -> Iterator[Oddity]:
    """Warn of tests that need more localities than there are, and of localities with one practice."""
    sizes = Counter(voter.locality for voter in voters if voter.locality is not None)
    for part in rule.in_localities:
        if isinstance(part.require, int) and part.require > len(sizes):
            what = "test" if isinstance(part, LocalityTest) else "quorum"
            sentence = (
                f"This {what} can never be met: {part.require} localities are needed, and there are {len(sizes)}."
            )
            yield Oddity(part.condition.begins, sentence)
        alone = sorted(locality for locality, members in sizes.items() if members == 1)
        if alone:
            yield Oddity(part.condition.begins, f"Its own total tells the vote of the only member of {joined(alone)}.")


def _check_limits(constitution: Constitution, voters: Sequence[MemberVoter]) -> Iterator[Oddity]:
    """A minimum or a cap that changes no practice's votes."""
    weight = constitution.weight
    if weight is None:
        return
    votes = [weight.votes(voter.list_size or 0) for voter in voters]
    for key, without in (("minimum", replace(weight, minimum=None)), ("maximum", replace(weight, maximum=None))):
        if without != weight and votes == [without.votes(voter.list_size or 0) for voter in voters]:
            member = constitution.words.member.one
            yield Oddity(weight.line, f"The {key} changes nothing: no {member} of this roll reaches it.")


def _check_threshold(threshold: Threshold, ties: bool) -> Iterator[Oddity]:
    comparison, line, value = threshold.comparison, threshold.line, threshold.value
    if isinstance(value, int):
        return
    if value == 1 and comparison is Comparison.MORE_THAN:
        yield Oddity(line, "More than all of them can never be reached.")
    if value == 1 and comparison is Comparison.AT_MOST:
        yield Oddity(line, "At most all of them is no limit.")
    if value == _HALF and comparison is Comparison.AT_LEAST and ties:
        yield Oddity(line, "At least 1/2 carries on a tie; a majority is more than 1/2.")
    if value == _HALF and comparison is Comparison.AT_MOST:
        yield Oddity(line, 'At most 1/2 against allows a tie; fewer_than = "1/2" does not.')
    if _HALF < value <= _ABOVE_HALF and not comparison.is_limit:
        exactly = f"{threshold.written} is more than a majority needs."
        majority = Threshold(Comparison.MORE_THAN, _HALF, "1/2")
        instead = 'If a majority is meant, write more_than = "1/2"'
        yield Oddity(line, f"{exactly} {instead}: {_where_they_differ(threshold, majority)}.")
    elif meant := meant_fraction(threshold.written):
        exactly = f"{threshold.written} is exactly {value.numerator}/{value.denominator}."
        other = Threshold(threshold.comparison, meant, str(meant))
        yield Oddity(line, f"{exactly} If {meant} is meant, write {meant}: {_where_they_differ(threshold, other)}.")


def _where_they_differ(written: Threshold, meant: Threshold) -> str:
    """The first base that has a count for which only one of two thresholds is met, as a phrase."""
    apart = abs(Fraction(written.value) - Fraction(meant.value))
    denominator = Fraction(meant.value).denominator
    large = int(1 / (apart * denominator)) if apart else 0  # Two shares of a base this large leave room for the gap
    for base in chain(range(1, 1001), range(large, large + 2 * denominator + 2)):
        enough = {threshold: _least(threshold, base) for threshold in (written, meant)}
        if enough[written] != enough[meant]:
            met, unmet = sorted(enough, key=lambda threshold: enough[threshold], reverse=meant.comparison.is_limit)
            return f"{min(enough.values()):,} of {base:,} is {_said(met)} and not {_said(unmet)}"
    raise AssertionError("two thresholds that differ, and no count between them")


def _least(threshold: Threshold, base: int) -> int:
    """The smallest part of a base that meets the threshold; of a limit, the smallest that is above it."""
    is_limit = threshold.comparison.is_limit
    return least(0, base + 1, lambda part: threshold.is_met(part, base) is not is_limit)


def _said(threshold: Threshold) -> str:
    return f"{comparison_phrase(threshold.comparison)} {threshold.written}"


def check_outcome_rule(rule: OutcomeRule) -> Iterator[Oddity]:
    """The oddities in an [outcome]."""
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
