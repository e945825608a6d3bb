"""decision.json: the working of every rule, CCG by CCG and question by question, then the programme's outcome.

The office writes it and the auditor makes it again from the rule files, the roll and the results; equal bytes or a
fault. Shares are unreduced fractions as text; nothing is rounded except in sentences, beside the exact fraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.constitution.combine import ProgrammeOutcome, Result, combine
from ballot.constitution.counts import Counts, Measure, summed
from ballot.constitution.decide import Decision, decide
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution
from ballot.protocol.canonical import Json, write_json
from ballot.protocol.results import Result as Totals
from ballot.record.counting import Counting, make_counts
from ballot.record.reballots import Cited, Latest, result_json, result_of


@dataclass(frozen=True, slots=True)
class ElectionCount:
    """What the tally of one election gave; `locality` is None where the CCG has but one."""

    locality: str | None
    counting: Counting
    eligible: Measure
    num_tallied: int
    total_weight: int
    result: Totals

    def counts(self, place: int, question: Question) -> Counts:
        """Of one question, by its place; raises InvalidCounts if they cannot be those of one vote."""
        totals = self.result[place]
        return make_counts(self.counting, self.eligible, question.groups, totals, self.num_tallied, self.total_weight)


@dataclass(frozen=True, slots=True)
class CcgCount:
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
    """Every CCG's decisions and what follows; `outcome` is None where a CCG's ballot was abandoned.

    `latest` stands in a re-ballot only: what every CCG of the first programme decided last.
    """

    programme: str
    ccgs: Mapping[str, Mapping[str, Decided]]
    abandoned: tuple[str, ...]
    outcome: ProgrammeOutcome | None
    latest: Latest | None = None

    def to_bytes(self) -> bytes:
        value: dict[str, Json] = {
            "programme": self.programme,
            "ccgs": {ccg: {q: d.to_json() for q, d in answers.items()} for ccg, answers in self.ccgs.items()},
            "abandoned": list(self.abandoned),
        }
        if self.latest is not None:
            value["latest"] = {ccg: {q: result_json(r) for q, r in found.items()} for ccg, found in self.latest.items()}
        value["outcome"] = None if self.outcome is None else self.outcome.as_json()
        return write_json(value) + b"\n"


def decide_ccg(programme: Programme, count: CcgCount) -> dict[str, Decided]:
    """Every question of one CCG, by its own constitution; its counts are the sums over its elections.

    Raises: InvalidCounts, or ValueError where a result is not one of these questions.
    """
    decided = {}
    if any(len(election.result) != len(programme.questions) for election in count.elections):
        raise ValueError("a result answers other questions than the programme's")
    for place, question in enumerate(programme.questions):
        by_locality = {election.locality or "": election.counts(place, question) for election in count.elections}
        counts = by_locality[""] if "" in by_locality else summed(by_locality)
        decided[question.id] = Decided(counts, decide(count.constitution.rule_for(question.id), counts))
    return decided


def decide_programme(
    programme: Programme, counts: Mapping[str, CcgCount], cited: Cited | None = None
) -> ProgrammeDecision:
    """All CCGs in the programme's order; those without a count were abandoned, and then nothing follows.

    In a re-ballot, `cited` is what it is held for: its rule is applied to the latest that each CCG decided.
    """
    ccgs = {ccg.ods: decide_ccg(programme, counts[ccg.ods]) for ccg in programme.ccgs if ccg.ods in counts}
    abandoned = tuple(ccg.ods for ccg in programme.ccgs if ccg.ods not in counts)
    results, rule = results_of(ccgs), programme.outcome
    latest = None
    if cited is not None:
        latest = {ccg: {**cited.latest.get(ccg, {}), **results.get(ccg, {})} for ccg in {**cited.latest, **results}}
        results, rule = latest, cited.rule
    if rule is None:
        raise ValueError("a re-ballot is decided with the programme that it is held for")
    complete = not abandoned and (cited is None or set(rule.ccgs or ()) <= set(results))
    return ProgrammeDecision(programme.id, ccgs, abandoned, combine(rule, results) if complete else None, latest)


def results_of(ccgs: Mapping[str, Mapping[str, Decided]]) -> dict[str, dict[str, Result]]:
    """The bare results, for the rule across CCGs."""
    return {
        ccg: {q: result_of(d.decision.outcome, d.decision.option) for q, d in answers.items()}
        for ccg, answers in ccgs.items()
    }
