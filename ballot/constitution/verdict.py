"""What a rule makes of counts, without a word of explanation: the quorum, every test, the outcome.

`decide` adds the sentences; `margins` asks here what other counts would have come to.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.counts import Counts
from ballot.constitution.errors import CountsDoNotFit
from ballot.constitution.findings import Finding, Share
from ballot.constitution.rule import Base, Counting, Outcome, Quorum, Rule, Test, Unit


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and what each condition came to."""

    outcome: Outcome
    quorum: Finding | None  # None: the rule has no quorum
    tests: tuple[Finding, ...]


def judge(rule: Rule, counts: Counts) -> Verdict:
    """Apply a rule to the counts of one vote.

    (1) the quorum, (2) every test, (3) how many of the tests must hold.
    Raises: CountsDoNotFit, if the rule needs a measure that was not counted.
    """
    quorum = None if rule.quorum is None else _check_quorum(rule, rule.quorum, counts)
    tests = tuple(_check_test(rule, test, counts) for test in rule.tests)
    if quorum is not None and not quorum.holds:
        return Verdict(Outcome.INQUORATE, quorum, tests)
    enough = sum(test.holds for test in tests) >= rule.needed
    return Verdict(Outcome.CARRIED if enough else Outcome.NOT_CARRIED, quorum, tests)


def _check_quorum(rule: Rule, quorum: Quorum, counts: Counts) -> Finding:
    unit = quorum.unit
    if quorum.counting is Counting.RETURNED:
        part = _known(counts.turnout(unit), rule, quorum.line, unit)
    else:
        part = sum(_known(answer.of(unit), rule, quorum.line, unit) for answer in (counts.for_, counts.against))
    eligible = _known(counts.eligible.of(unit), rule, quorum.line, unit)
    return Finding(Share(part, eligible), quorum.threshold.is_met(part, eligible))


def _check_test(rule: Rule, test: Test, counts: Counts) -> Finding:
    eligible, for_, against, abstain = (
        _known(group.of(test.unit), rule, test.line, test.unit)
        for group in (counts.eligible, counts.for_, counts.against, counts.abstain)
    )
    base = {
        Base.FOR_AND_AGAINST: for_ + against,
        Base.CAST: for_ + against + abstain,
        Base.ELIGIBLE: eligible,
        Base.ELIGIBLE_LESS_ABSTENTIONS: eligible - abstain,
    }[test.base]
    return Finding(Share(for_, base), test.threshold.is_met(for_, base))


def _known(value: int | None, rule: Rule, line: int, unit: Unit) -> int:
    if value is None:
        raise CountsDoNotFit(rule.file, line, f"The rule counts {unit.value} here, and the counts do not say them.")
    return value
