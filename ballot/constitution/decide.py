"""Is it carried? One rule and one set of counts in, one decision with its working out.

The quorum comes first: without it the vote is inquorate, whatever the tests say. The tests are worked out all the same
and stand in the decision, in the order of the file. Shares are kept unreduced, 20 of 24 as 20/24, so that anyone can
see what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.counts import Counts
from ballot.constitution.errors import CountsDoNotFit
from ballot.constitution.explain import explain
from ballot.constitution.findings import Finding, Share
from ballot.constitution.rule import Base, Counting, Outcome, Quorum, Rule, Test, Unit


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule makes of the counts, and why."""

    outcome: Outcome
    quorum: Finding | None  # None: the rule has no quorum
    tests: tuple[Finding, ...]
    explanation: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        quorum: dict[str, object] = {"required": False, "holds": True}
        if self.quorum is not None:
            quorum = {"required": True, **self.quorum.as_json()}
        return {
            "outcome": self.outcome.value,
            "quorum": quorum,
            "tests": [test.as_json() for test in self.tests],
            "explanation": list(self.explanation),
        }


def decide(rule: Rule, counts: Counts) -> Decision:
    """Apply a rule to the counts of one vote.

    (1) the quorum, (2) every test, (3) how many of the tests must hold, (4) the sentences.
    Raises: CountsDoNotFit, if the rule needs a measure that was not counted.
    """
    quorum = None if rule.quorum is None else _check_quorum(rule, rule.quorum, counts)
    tests = tuple(_check_test(rule, test, counts) for test in rule.tests)
    if quorum is not None and not quorum.holds:
        outcome = Outcome.INQUORATE
    elif sum(test.holds for test in tests) >= rule.needed:
        outcome = Outcome.CARRIED
    else:
        outcome = Outcome.NOT_CARRIED
    return Decision(outcome, quorum, tests, tuple(explain(rule, counts, quorum, tests, outcome)))


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
