"""What is allowed in a file and still looks like a mistake, and the file read back in plain English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ballot.constitution.combine import otherwise_sentence, requirement_sentence
from ballot.constitution.explain import (
    base_phrase,
    citation,
    needed_sentence,
    threshold_phrase,
    turnout_phrase,
)
from ballot.constitution.fraction import meant_fraction
from ballot.constitution.numbers import unit_noun
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.programme import Policy, Programme, Returned
from ballot.constitution.rule import (
    Comparison,
    Constitution,
    Missing,
    Quorum,
    Rounding,
    Rule,
    Test,
    Threshold,
    Unit,
    Weight,
)

_ROUNDED = {
    Rounding.FLOOR: "a part of {} counting nothing",
    Rounding.CEILING: "a part of {} counting as one",
    Rounding.NEAREST: "half of {} or more counting as one and less as nothing",
}


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something allowed that looks like a mistake, and its line."""

    line: int
    sentence: str


def check_constitution(constitution: Constitution) -> Iterator[Oddity]:
    """What a second look at a rule file finds."""
    parts: list[Test | Quorum] = [*constitution.tests, *([constitution.quorum] if constitution.quorum else [])]
    for own in constitution.questions:
        if own.tests is None and own.quorum is None and own.combine is None:
            yield Oddity(own.line, f"[question.{own.question}] replaces nothing.")
        parts += [*(own.tests or ()), *([own.quorum] if own.quorum else [])]
    for part in parts:
        yield from _check_threshold(part.threshold, part.line, isinstance(part, Test))
    if constitution.weight is not None and all(part.unit is not Unit.WEIGHT for part in parts):
        yield Oddity(constitution.weight.line, "[weight] is counted, and no test or quorum uses it.")
    if constitution.weight is not None and constitution.weight.per == 1 and constitution.weight.rounding is not None:
        yield Oddity(constitution.weight.line, "With per = 1 nothing is left to round, and rounding changes nothing.")


def _check_threshold(threshold: Threshold, line: int, is_test: bool) -> Iterator[Oddity]:
    more_than = threshold.comparison is Comparison.MORE_THAN
    if isinstance(threshold.value, int):
        return
    if threshold.value == 1 and more_than:
        yield Oddity(line, "More than all of them can never be reached.")
    if threshold.value == Fraction(1, 2) and not more_than and is_test:
        yield Oddity(line, "At least 1/2 carries on a tie; a majority is more than 1/2.")
    if meant := meant_fraction(threshold.written):
        value = f"{threshold.value.numerator}/{threshold.value.denominator}"
        yield Oddity(line, f"{threshold.written} is exactly {value}. If {meant} is meant, write {meant}.")


def check_outcome_rule(rule: OutcomeRule) -> Iterator[Oddity]:
    """What a second look at an [outcome] finds."""
    if rule.at_least is None:
        return
    if rule.otherwise is Otherwise.STOP:
        yield Oddity(rule.line, 'at_least with otherwise = "stop" is the same as require = "all".')
    if rule.at_least < len(rule.all_of):
        yield Oddity(
            rule.line, f"at_least = {rule.at_least} asks for less than all_of, which names {len(rule.all_of)}."
        )


def read_constitution_aloud(constitution: Constitution) -> Iterator[str]:
    """The rule file in sentences."""
    yield f"{constitution.name} ({constitution.ccg}), by {citation(constitution.source)}."
    yield _read_weight(constitution.weight)
    yield from read_rule_aloud(constitution.rule_for())
    for own in constitution.questions:
        yield f"For the question {own.question}, instead:"
        yield from read_rule_aloud(constitution.rule_for(own.question))
    outcomes = " or ".join(sorted(outcome.value for outcome in constitution.reballot))
    yield f"The vote may be held again if it is {outcomes}." if outcomes else "The vote may not be held again."


def _read_weight(weight: Weight | None) -> str:
    if weight is None:
        return "One practice, one vote."
    missing = (
        "a practice without a list has none" if weight.missing is Missing.ZERO else "every practice must have a list"
    )
    limits = "".join(
        f", {word} {limit} for each practice"
        for word, limit in (("at least", weight.minimum), ("at most", weight.maximum))
        if limit is not None
    )
    if weight.per == 1:
        return f"One weighted vote per registered patient on {weight.snapshot.isoformat()}{limits}; {missing}."
    per, rounding = f"{weight.per:,}", _ROUNDED[weight.rounding or Rounding.FLOOR].format(f"{weight.per:,}")
    snapshot = weight.snapshot.isoformat()
    return f"One weighted vote per {per} registered patients on {snapshot}, {rounding}{limits}; {missing}."


def read_rule_aloud(rule: Rule) -> Iterator[str]:
    """What one question needs, in sentences."""
    if rule.quorum is None:
        yield "There is no quorum."
    else:
        needed = threshold_phrase(rule.quorum.threshold)
        eligible = f"eligible {unit_noun(rule.quorum.unit, 2)}"
        yield f"Quorum: {needed} of the {eligible}, counting those that {turnout_phrase(rule.quorum)}."
    for number, test in enumerate(rule.tests, start=1):
        name = f"Test {number}" if len(rule.tests) > 1 else "Test"
        yield f"{name}: of the {base_phrase(test)}, {threshold_phrase(test.threshold)} must be for."
    if len(rule.tests) > 1:
        yield needed_sentence(rule)


def read_programme_aloud(programme: Programme) -> Iterator[str]:
    """The programme in sentences."""
    yield f"{programme.name}{', a rehearsal' if programme.rehearsal else ''}."
    window = programme.window
    yield f"Open from {window.opens.isoformat(' ')} to {window.closes.isoformat(' ')}, {window.zone}."
    for question in programme.questions:
        yield f"Question {question.id}: {question.text} {' / '.join(question.answers)}."
    yield f"{len(programme.ccgs)} CCGs: {', '.join(ccg.ods for ccg in programme.ccgs)}."
    trustees = programme.trustees
    yield f"{trustees.threshold} of {len(trustees.names)} trustees open the totals: {', '.join(trustees.names)}."
    final = programme.policy is Policy.FINAL
    yield "A vote is final." if final else "A practice may vote again, and its last vote counts."
    after = programme.returned is Returned.AFTER_CLOSING
    yield f"Who voted is {'published after closing' if after else 'never published'}."
    yield from read_outcome_rule_aloud(programme.outcome)


def read_outcome_rule_aloud(rule: OutcomeRule) -> Iterator[str]:
    """The [outcome] in sentences."""
    are = "is" if len(rule.questions) == 1 else "are each"
    yield f"A CCG carries if {' and '.join(rule.questions)} {are} carried there."
    yield f"For the merger: {requirement_sentence(rule)}"
    if rule.at_least is not None:
        yield f"If enough carried and some did not: {otherwise_sentence(rule)}"
