"""decision.json: the working of every rule, CCG by CCG and question by question, then the programme's outcome.

The office writes it and the auditor makes it again from the rule files, the roll and the results; equal bytes or a
fault. Shares are unreduced fractions as text; nothing is rounded except in sentences, beside the exact fraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.constitution.combine import ProgrammeOutcome, combine
from ballot.constitution.counts import Counts, Measure
from ballot.constitution.decide import Decision, decide
from ballot.constitution.programme import Programme
from ballot.constitution.rule import Constitution, Outcome
from ballot.protocol.canonical import Json, write_json
from ballot.protocol.results import Result
from ballot.record.counting import Counting, add_counts, make_counts


@dataclass(frozen=True, slots=True)
class ElectionCount:
    """What the tally of one election gave; `locality` is None where the CCG has but one."""

    locality: str | None
    counting: Counting
    eligible: Measure
    num_tallied: int
    total_weight: int
    result: Result

    def counts(self, question: int) -> Counts:
        """Of one question, by its place; raises InvalidCounts if they cannot be those of one vote."""
        return make_counts(self.counting, self.eligible, self.result[question], self.num_tallied, self.total_weight)


@dataclass(frozen=True, slots=True)
class Count:
    """What the tallies of one CCG gave, one of each of its elections: enough to decide every question."""

    constitution: Constitution
    elections: tuple[ElectionCount, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """One question of one CCG."""

    counts: Counts
    decision: Decision

    def to_json(self) -> Json:
        return {"counts": self.counts.as_json(), **self.decision.as_json()}


@dataclass(frozen=True, slots=True)
class ProgrammeDecision:
    """Every CCG's decisions and what follows; `outcome` is None where a CCG's ballot was abandoned."""

    programme: str
    ccgs: Mapping[str, Mapping[str, Decided]]
    abandoned: tuple[str, ...]
    outcome: ProgrammeOutcome | None

    def to_bytes(self) -> bytes:
        value: dict[str, Json] = {
            "programme": self.programme,
            "ccgs": {ccg: {q: d.to_json() for q, d in answers.items()} for ccg, answers in self.ccgs.items()},
            "abandoned": list(self.abandoned),
            "outcome": None if self.outcome is None else self.outcome.as_json(),
        }
        return write_json(value) + b"\n"


def decide_ccg(programme: Programme, count: Count) -> dict[str, Decided]:
    """Every question of one CCG, by its own constitution; its counts are the sums over its elections.

    Raises: InvalidCounts, or ValueError where a result is not one of these questions.
    """
    decided = {}
    if any(len(election.result) != len(programme.questions) for election in count.elections):
        raise ValueError("a result answers other questions than the programme's")
    for place, question in enumerate(programme.questions):
        by_election = {election.locality: election.counts(place) for election in count.elections}
        counts = add_counts(list(by_election.values()))
        decided[question.id] = Decided(counts, decide(count.constitution.rule_for(question.id), counts))
    return decided


def decide_programme(programme: Programme, counts: Mapping[str, Count]) -> ProgrammeDecision:
    """All CCGs in the programme's order; those without a count were abandoned, and then nothing follows."""
    ccgs = {ccg.ods: decide_ccg(programme, counts[ccg.ods]) for ccg in programme.ccgs if ccg.ods in counts}
    abandoned = tuple(ccg.ods for ccg in programme.ccgs if ccg.ods not in counts)
    outcome = None if abandoned else combine(programme.outcome, outcomes_of(ccgs))
    return ProgrammeDecision(programme.id, ccgs, abandoned, outcome)


def outcomes_of(ccgs: Mapping[str, Mapping[str, Decided]]) -> dict[str, dict[str, Outcome]]:
    """The bare outcomes, for the rule across CCGs."""
    return {ccg: {q: d.decision.outcome for q, d in answers.items()} for ccg, answers in ccgs.items()}
