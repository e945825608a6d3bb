"""The working of a decision in sentences, the same ones on every page, in the record, and from the command line.

Each says what was counted, out of what, the exact fraction, and what the rule needs. A percentage is rounded for the
eye, says "about" when it is, and always stands beside the exact fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from ballot.constitution.counts import Counts
from ballot.constitution.findings import Finding
from ballot.constitution.numbers import unit_noun
from ballot.constitution.rule import (
    Base,
    Comparison,
    Counting,
    Outcome,
    Quorum,
    Rule,
    Source,
    Test,
    Threshold,
    Unit,
)

_OF = {
    (Unit.PRACTICES, Base.FOR_AND_AGAINST): "{} that voted for or against (abstentions left out)",
    (Unit.PRACTICES, Base.CAST): "{} that voted (abstentions included)",
    (Unit.PRACTICES, Base.ELIGIBLE): "eligible {}, whether they voted or not",
    (Unit.PRACTICES, Base.ELIGIBLE_LESS_ABSTENTIONS): "eligible {} that did not abstain, whether they voted or not",
    (Unit.WEIGHT, Base.FOR_AND_AGAINST): "{} given for or against (abstentions left out)",
    (Unit.WEIGHT, Base.CAST): "{} cast (abstentions included)",
    (Unit.WEIGHT, Base.ELIGIBLE): "eligible {}, whether cast or not",
    (Unit.WEIGHT, Base.ELIGIBLE_LESS_ABSTENTIONS): "eligible {} that did not abstain, whether cast or not",
}
_TURNOUT = {
    (Unit.PRACTICES, Counting.RETURNED): "returned a vote (abstentions included)",
    (Unit.PRACTICES, Counting.FOR_AND_AGAINST): "voted for or against (abstentions left out)",
    (Unit.WEIGHT, Counting.RETURNED): "were returned (abstentions included)",
    (Unit.WEIGHT, Counting.FOR_AND_AGAINST): "were given for or against (abstentions left out)",
}


def explain(
    rule: Rule, counts: Counts, quorum: Finding | None, tests: Sequence[Finding], outcome: Outcome
) -> Iterator[str]:
    """The sentences of one decision: what was counted, the quorum, each test, the verdict."""
    for unit in Unit:
        if sentence := _counted(counts, unit):
            yield sentence
    if rule.quorum is not None and quorum is not None:
        yield _quorum(rule.quorum, quorum)
    for number, (test, finding) in enumerate(zip(rule.tests, tests, strict=True), start=1):
        yield _test(f"Test {number} of {len(tests)}" if len(tests) > 1 else "Test", test, finding)
    if len(tests) > 1:
        holding = sum(finding.holds for finding in tests)
        yield f"{needed_sentence(rule)} Holding: {holding} of {len(tests)}."
    if outcome is Outcome.INQUORATE:
        yield "The quorum comes first: without it the tests decide nothing."
    yield f"By {citation(rule.source)}: {outcome.value}."


def base_phrase(test: Test, number: int = 2) -> str:
    """What the votes for are measured against: `practices that voted (abstentions included)`."""
    return _OF[test.unit, test.base].format(unit_noun(test.unit, number))


def turnout_phrase(quorum: Quorum) -> str:
    return _TURNOUT[quorum.unit, quorum.counting]


def threshold_phrase(threshold: Threshold) -> str:
    """`more than 1/2`, `at least 66.67% (exactly 6667/10000)`, `at least 20`."""
    comparison = "at least" if threshold.comparison is Comparison.AT_LEAST else "more than"
    if isinstance(threshold.value, Fraction) and threshold.written.endswith("%"):
        value = threshold.value
        return f"{comparison} {threshold.written} (exactly {value.numerator}/{value.denominator})"
    return f"{comparison} {threshold.written}"


def needed_sentence(rule: Rule) -> str:
    """How many of several tests must hold."""
    if rule.needed == len(rule.tests):
        return "Every test must hold."
    return f"At least {rule.needed} of the {len(rule.tests)} tests must hold."


def citation(source: Source) -> str:
    return f"clause {source.clause} of {source.document}"


def _counted(counts: Counts, unit: Unit) -> str | None:
    """Everything known in one measure, or None where it was not counted."""
    eligible, returned = counts.eligible.of(unit), counts.turnout(unit)
    if eligible is None or returned is None:
        return None
    parts = f"{returned} returned"
    for_, against, abstain = (group.of(unit) for group in (counts.for_, counts.against, counts.abstain))
    if for_ is not None:
        parts = f"{for_} for, {against} against, {abstain} abstaining"
    return f"Of {eligible} eligible {unit_noun(unit, eligible)}: {parts}, {eligible - returned} not returned."


def _quorum(quorum: Quorum, finding: Finding) -> str:
    share = finding.share
    if share.base == 0:
        return f"Quorum: there are no eligible {unit_noun(quorum.unit, 0)}, and 0 of 0 is not a quorum. It is not met."
    return (
        f"Quorum: {share.part} of {share.base} eligible {unit_noun(quorum.unit, share.base)} {turnout_phrase(quorum)}, "
        f"{share.with_percentage()}; {threshold_phrase(quorum.threshold)} needed. "
        f"It is {'met' if finding.holds else 'not met'}."
    )


def _test(name: str, test: Test, finding: Finding) -> str:
    share = finding.share
    if share.base == 0:
        return f"{name}: there are no {base_phrase(test, 0)}, and 0 of 0 is not a majority. It does not hold."
    verb = "voted for" if test.unit is Unit.PRACTICES else "were for"
    return (
        f"{name}: of {share.base} {base_phrase(test, share.base)}, {share.part} {verb}, "
        f"{share.with_percentage()}; {threshold_phrase(test.threshold)} needed. "
        f"It {'holds' if finding.holds else 'does not hold'}."
    )
