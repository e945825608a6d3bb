"""decision.json: the working of every rule for each CCG and question, then the programme's outcome.

The office writes it. The auditor makes it again from the rule files, the roll and the results; other bytes are a
fault. Shares are unreduced fractions as text. Only sentences round, and they give the exact fraction too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ballot.constitution.combine import ProgrammeOutcome, Result, combine
from ballot.constitution.counts import AGAINST, FOR, Counts, Measure, summed
from ballot.constitution.decide import Decision, decide
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Outcome
from ballot.protocol.canonical import Json, write_json
from ballot.protocol.results import Result as Totals
from ballot.record.counting import Counting, make_counts
from ballot.record.moves import Move
from ballot.record.programme_events import ProgrammeEvent
from ballot.record.reballots import Cited, Latest, result_json, result_of


@dataclass(frozen=True, slots=True)
class ElectionCount:
    """The tally of one election; `locality` is None where its CCG has only one election."""

    locality: str | None
    counting: Counting
    eligible: Measure
    num_tallied: int
    total_weight: int
    result: Totals

    def counts(self, place: int, question: Question) -> Counts:
        """The counts of the question at this place; raises InvalidCounts if no vote could give them."""
        totals = self.result[place]
        return make_counts(self.counting, self.eligible, question.groups, totals, self.num_tallied, self.total_weight)


@dataclass(frozen=True, slots=True)
class CcgCount:
    """The tallies of all elections of one CCG: enough to decide every question."""

    constitution: Constitution
    elections: tuple[ElectionCount, ...]
    casting: Mapping[str, str] = field(default_factory=dict)
    """The casting votes that were given, by question: `for` or `against`."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision on one question in one CCG, and its counts."""

    counts: Counts
    decision: Decision

    def to_json(self) -> Json:
        return {"counts": self.counts.as_json(), **self.decision.as_json()}


@dataclass(frozen=True, slots=True)
class ProgrammeDecision:
    """Every CCG's decisions and the outcome, which is None if a CCG's ballot was abandoned or a tie waits.

    `latest` is only there in a re-ballot: what every CCG of the first programme decided last.
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
    """Decide every question of one CCG by its own constitution, on the sums of the counts of its elections.

    Raises: InvalidCounts, or ValueError if a result has another number of questions.
    """
    decided = {}
    if any(len(election.result) != len(programme.questions) for election in count.elections):
        raise ValueError("a result answers other questions than the programme's")
    for place, question in enumerate(programme.questions):
        by_locality = {election.locality or "": election.counts(place, question) for election in count.elections}
        counts = by_locality[""] if "" in by_locality else summed(by_locality)
        counts = replace(counts, casting_vote=count.casting.get(question.id))
        decided[question.id] = Decided(counts, decide(count.constitution.rule_for(question.id), counts))
    return decided


def decide_programme(
    programme: Programme, counts: Mapping[str, CcgCount], cited: Cited | None = None
) -> ProgrammeDecision:
    """Decide for all CCGs in the programme's order. A CCG without a count was abandoned; then there is no outcome.

    In a re-ballot, `cited` is the earlier programme: its rule is applied to the latest decision of each CCG.
    """
    ccgs = {ccg.ods: decide_ccg(programme, counts[ccg.ods]) for ccg in programme.ccgs if ccg.ods in counts}
    abandoned = tuple(ccg.ods for ccg in programme.ccgs if ccg.ods not in counts)
    results, rule = results_of(ccgs), programme.outcome
    latest = None
    if cited is not None:
        latest = {ccg: {**cited.latest.get(ccg, {}), **results.get(ccg, {})} for ccg in {**cited.latest, **results}}
        results, rule = latest, cited.rule
    if rule is None:
        raise ValueError("a re-ballot cannot be decided without the programme that it cites")
    waits = any(result is Outcome.TIED for answers in results.values() for result in answers.values())
    complete = not abandoned and not waits and (cited is None or set(rule.ccgs or ()) <= set(results))
    return ProgrammeDecision(programme.id, ccgs, abandoned, combine(rule, results) if complete else None, latest)


def casting_votes(events: Iterable[ProgrammeEvent]) -> dict[str, dict[str, str]]:
    """The casting votes in a log, by CCG and question.

    Raises: ValueError, if one is given twice or is neither for nor against.
    """
    found: dict[str, dict[str, str]] = {}
    for event in events:
        if event.move is not Move.CASTING_VOTE:
            continue
        question, given = event.data["question"], event.data["given"]
        of_ccg = found.setdefault(event.ccg or "", {})
        if given not in (FOR, AGAINST) or not isinstance(question, str) or question in of_ccg:
            raise ValueError("a casting vote is given twice, or is neither for nor against")
        of_ccg[question] = given
    return found


def results_of(ccgs: Mapping[str, Mapping[str, Decided]]) -> dict[str, dict[str, Result]]:
    """The results alone by CCG and question, as the rule across CCGs needs them."""
    return {
        ccg: {q: result_of(d.decision.outcome, d.decision.option) for q, d in answers.items()}
        for ccg, answers in ccgs.items()
    }
