"""Is it carried? One rule and one set of counts in, one decision with its working out.

The quorum comes first: without it the vote is inquorate, whatever the tests say. The tests are worked out all the same
and stand in the decision, in the order of the file. Shares are kept unreduced, 20 of 24 as 20/24, so that anyone can
see what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.counts import Counts
from ballot.constitution.errors import InvalidCounts
from ballot.constitution.explain import explain
from ballot.constitution.findings import ConditionFinding, LocalityFinding, QuorumFinding
from ballot.constitution.margins_words import explain_margins
from ballot.constitution.possible import check_possible
from ballot.constitution.rule import Outcome, Rule
from ballot.constitution.verdict import judge


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule decides from the counts, why, and what would have changed it."""

    outcome: Outcome
    quorum: QuorumFinding | None  # None: the rule has no quorum
    tests: tuple[ConditionFinding, ...]
    explanation: tuple[str, ...]
    has_options: bool = False
    option: str | None = None  # The option that was carried
    locality_tests: tuple[LocalityFinding, ...] = ()

    def as_json(self) -> dict[str, object]:
        quorum: dict[str, object] = {"required": False, "holds": True}
        if self.quorum is not None:
            quorum = self.quorum.as_json()
        answer: dict[str, object] = {"outcome": self.outcome.value}
        if self.has_options:
            answer["option"] = self.option
        answer |= {"quorum": quorum, "tests": [test.as_json() for test in self.tests]}
        if self.locality_tests:
            answer["locality_tests"] = [found.as_json() for found in self.locality_tests]
        return {**answer, "explanation": list(self.explanation)}


def decide(rule: Rule, counts: Counts) -> Decision:
    """Apply a rule to the counts of one vote, and say so in sentences.

    Raises: CountsDoNotFit, if the rule needs a measure, an option or a locality that was not counted; InvalidCounts, if
    no practices could have given these counts.
    """
    check_possible(counts, rule.weight, rule.words)
    verdict = judge(rule, counts)
    if counts.casting_vote is not None and not verdict.tied:
        raise InvalidCounts("counts", 1, "There is no tie, and nothing for a casting vote to decide: leave it out.")
    return Decision(
        verdict.outcome,
        verdict.quorum,
        verdict.tests,
        (*explain(rule, counts, verdict), *explain_margins(rule, counts, verdict)),
        counts.has_options,
        verdict.option,
        verdict.locality_tests,
    )
