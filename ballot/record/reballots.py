"""A re-ballot: a programme of its own in which some CCGs of an earlier one vote again.

Its terms cite the earlier programme by fingerprint and decision, so every ballot signs what the re-ballot is for. Its
record contains the whole earlier record under `cited/`. The outcome is the earlier programme's rule applied to the
latest decision of each CCG. Each constitution says who may vote again (`reballot`), and two people call for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ballot.constitution.combine import CarriedOption, Result
from ballot.constitution.outcome_rule import OutcomeRule
from ballot.constitution.programme import Programme
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Outcome
from ballot.protocol.canonical import Json, fields, parse_json, text
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.hashing import Hash
from ballot.record.errors import InvalidRecord

FOLDER = "cited/"
"""The folder of a record that contains the record it cites."""

Latest = Mapping[str, Mapping[str, Result]]
"""The latest result of each CCG by question. A CCG whose ballot was abandoned is missing."""


@dataclass(frozen=True, slots=True)
class Citation:
    """How the terms of a re-ballot name the earlier programme."""

    programme: str
    fingerprint: Hash
    decision: Hash

    def to_json(self) -> Json:
        return {"programme": self.programme, "fingerprint": self.fingerprint, "decision": self.decision}


@dataclass(frozen=True, slots=True)
class Cited:
    """The cited programme, after its own decision."""

    citation: Citation
    programme: Programme
    rule: OutcomeRule
    """The rule of the first programme in the chain of re-ballots."""
    questions: Mapping[str, Mapping[str, Json]]
    """The questions of every programme in the chain by id, as the terms write them."""
    constitutions: Mapping[str, Constitution]
    """The constitution under which each CCG voted last."""
    latest: Latest
    called: frozenset[str]
    """The CCGs for which two people called a re-ballot."""
    answered_by: str | None
    """The id of the only programme that may answer the call."""
    board: str


def result_of(outcome: Outcome, option: str | None) -> Result:
    """The result of one decision, for the rule across CCGs."""
    return CarriedOption(option) if outcome is Outcome.CARRIED and option is not None else outcome


def result_json(result: Result) -> Json:
    """A result as decision.json writes it among the latest."""
    if isinstance(result, CarriedOption):
        return {"outcome": Outcome.CARRIED.value, "option": result.option}
    return result.value


def latest_of(decision: bytes) -> dict[str, dict[str, Result]]:
    """The latest results in a decision.json; raises InvalidMessage if it does not contain them."""
    value = parse_json(decision)
    if not isinstance(value, dict):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected a decision")
    try:
        if "latest" in value:
            return {ccg: {q: _result(r) for q, r in answers.items()} for ccg, answers in value["latest"].items()}
        return {
            ccg: {q: _result({"outcome": d["outcome"], "option": d.get("option")}) for q, d in answers.items()}
            for ccg, answers in value["ccgs"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected the outcomes of every CCG in the decision") from None


def _result(value: Json) -> Result:
    if isinstance(value, str):
        return Outcome(value)
    found = fields(value, ("outcome", "option"))
    option = found["option"]
    return result_of(Outcome(found["outcome"]), None if option is None else text(option))


def check_reballot(
    programme: Programme, board: str, constitutions: Mapping[str, Constitution], cited: Cited
) -> Iterator[str]:
    """Yield the faults of a re-ballot, in sentences; none if it may be held.

    (1) It names the cited programme, and both or neither are rehearsals. (2) Two people called for this programme, on
    this board, and for exactly its CCGs, so that no one can hold two and choose one. (3) Its questions are unchanged.
    (4) Each CCG votes under the same rule as before; only the day of its list sizes may differ. (5) That rule allows
    another vote after the last result.
    """
    if programme.reballot_of != cited.citation.programme:
        yield f"it is a re-ballot of {programme.reballot_of}, and cites {cited.citation.programme}"
    if programme.rehearsal != cited.programme.rehearsal:
        yield "one of the two programmes is a rehearsal and the other is not"
    if cited.answered_by not in (None, programme.id):
        yield f"two people called for the re-ballot {cited.answered_by}, and this is {programme.id}"
    if board != cited.board:
        yield f"the call was made on the board {cited.board}, and this is on {board}"
    ccgs = {ccg.ods for ccg in programme.ccgs}
    if ccgs != cited.called:
        yield f"two people called for a re-ballot of {_listed(cited.called)}, and this is of {_listed(ccgs)}"
    for question in programme.questions:
        if cited.questions.get(question.id) != question_json(question):
            yield f"the question {question.id} differs from before"
    for ccg in sorted(ccgs):
        before, now = cited.constitutions.get(ccg), constitutions.get(ccg)
        if before is None or now is None or _undated(before) != _undated(now):
            yield f"{ccg} would vote under another rule than before"
            continue
        results = cited.latest.get(ccg)
        for question in programme.questions:
            if results is not None and results.get(question.id) not in before.reballot:
                yield f"the rule of {ccg} allows no other vote on {question.id} after the last result"


def question_json(question: Question) -> dict[str, Json]:
    """A question as the terms write it."""
    value: dict[str, Json] = {"id": question.id, "text": question.text, "answers": list(question.answers)}
    if question.options:
        value["options"] = list(question.options)
    return value


def _undated(constitution: Constitution) -> Constitution:
    """The rule without the day of its list sizes."""
    weight = constitution.weight
    if weight is None:
        return constitution
    return replace(constitution, weight=replace(weight, snapshot=weight.snapshot.min))


def _listed(ccgs: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(ccgs)) or "none"


def parse_citation(value: Json) -> Citation:
    """The citation in terms.json; raises InvalidMessage for another form."""
    found = fields(value, ("programme", "fingerprint", "decision"))
    try:
        return Citation(text(found["programme"]), Hash(text(found["fingerprint"])), Hash(text(found["decision"])))
    except InvalidMessage:
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected the citation of a programme") from None
