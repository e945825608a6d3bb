"""Does the merger proceed? The programme's outcome rule over what every CCG decided.

For a CCG to have carried, each of the rule's questions must be exactly `carried` there: inquorate is not carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ballot.constitution.errors import InvalidOutcomes, plain, quoted
from ballot.constitution.json_lines import Member, Object, read_json_object
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.rule import Outcome

Outcomes = Mapping[str, Mapping[str, Outcome]]


@dataclass(frozen=True, slots=True)
class ProgrammeOutcome:
    """Whether the merger proceeds, with which CCGs, and why."""

    proceeds: bool
    members: tuple[str, ...]
    explanation: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return {"proceeds": self.proceeds, "members": list(self.members), "explanation": list(self.explanation)}


def combine(rule: OutcomeRule, outcomes: Outcomes) -> ProgrammeOutcome:
    """Apply the outcome rule.

    (1) which CCGs carried, (2) whether they are all, or enough and the named ones, (3) if enough but not all, what
    the rule says otherwise. Raises: InvalidOutcomes, if the CCGs and questions are not those the rule asks for.
    """
    if fault := find_fault(rule, outcomes):
        raise InvalidOutcomes("outcomes", 1, fault[1])
    carried = tuple(sorted(ccg for ccg in outcomes if _has_carried(rule, outcomes[ccg])))
    everyone = len(carried) == len(outcomes)
    enough = everyone if rule.at_least is None else len(carried) >= rule.at_least
    is_met = enough and set(rule.all_of) <= set(carried)
    proceeds = is_met and (everyone or rule.otherwise is Otherwise.PROCEED)
    members = carried if proceeds else ()
    sentences = _explain(rule, outcomes, carried, is_met, proceeds)
    return ProgrammeOutcome(proceeds, members, tuple(sentences))


def parse_outcomes(content: bytes, file: str, rule: OutcomeRule) -> dict[str, dict[str, Outcome]]:
    """Read OUTCOMES.json: `{"00Q": {"merge": "carried"}, ...}`. Raises: InvalidOutcomes, whatever the bytes are."""
    root = read_json_object(content, file, InvalidOutcomes, depth=1)
    outcomes = {ccg: _answers(ccg, member, file) for ccg, member in root.items()}
    if fault := find_fault(rule, outcomes):
        keys, sentence = fault
        raise InvalidOutcomes(file, _line_of(root, keys), sentence)
    return outcomes


def find_fault(rule: OutcomeRule, outcomes: Outcomes) -> tuple[tuple[str, ...], str] | None:
    """The first CCG or question too many or too few: the keys that lead to it, and a sentence."""
    if not outcomes:
        return (), "No CCG is named."
    for ccg, answers in outcomes.items():
        if rule.ccgs is not None and ccg not in rule.ccgs:
            return (ccg,), f"{quoted(ccg)} is not a CCG of this programme."
        for question in answers:
            if rule.known_questions is not None and question not in rule.known_questions:
                return (ccg, question), f"{quoted(question)} is not a question of this programme."
        for question in rule.questions:
            if question not in answers:
                return (ccg,), f"{quoted(ccg)} has no outcome for the question {quoted(question)}."
    for ccg in (*(rule.ccgs or ()), *rule.all_of):
        if ccg not in outcomes:
            return (), f"{quoted(ccg)} has no outcome."
    return None


def _answers(ccg: str, member: Member, file: str) -> dict[str, Outcome]:
    if not isinstance(member.value, dict):
        raise InvalidOutcomes(file, member.line, f"{quoted(ccg)} must be an object, not {quoted(member.value)}.")
    return {question: _word(answer, file) for question, answer in member.value.items()}


def _word(member: Member, file: str) -> Outcome:
    for outcome in Outcome:
        if isinstance(member.value, str) and member.value == outcome.value:
            return outcome
    expected = ", ".join(quoted(outcome.value) for outcome in Outcome)
    raise InvalidOutcomes(file, member.line, f"An outcome is one of {expected}, not {quoted(member.value)}.")


def _line_of(root: Object, keys: tuple[str, ...]) -> int:
    line = 1
    members = root
    for key in keys:
        line, value = members[key].line, members[key].value
        members = value if isinstance(value, dict) else {}
    return line


def _has_carried(rule: OutcomeRule, answers: Mapping[str, Outcome]) -> bool:
    return all(answers[question] is Outcome.CARRIED for question in rule.questions)


def _explain(
    rule: OutcomeRule, outcomes: Outcomes, carried: tuple[str, ...], is_met: bool, proceeds: bool
) -> Iterator[str]:
    for ccg in sorted(outcomes):
        results = "; ".join(f"{plain(question)}: {outcomes[ccg][question].value}" for question in rule.questions)
        yield f"{plain(ccg)}: {'carried' if ccg in carried else 'not carried'} ({results})."
    yield f"{len(carried)} of {len(outcomes)} CCGs carried. {requirement_sentence(rule)} {_verb(is_met)}"
    rest = ", ".join(plain(ccg) for ccg in sorted(set(outcomes) - set(carried)))
    if is_met and rest:
        yield f"{rest} did not carry. {otherwise_sentence(rule)}"
    if proceeds:
        yield f"The merger proceeds, with {', '.join(plain(ccg) for ccg in carried)}."
    else:
        yield "The merger does not proceed."


def _verb(is_met: bool) -> str:
    return "That is met." if is_met else "That is not met."


def requirement_sentence(rule: OutcomeRule) -> str:
    """Which CCGs must carry."""
    if rule.at_least is None:
        return "All must carry."
    named = f", {', '.join(plain(ccg) for ccg in rule.all_of)} among them" if rule.all_of else ""
    return f"At least {rule.at_least} must carry{named}."


def otherwise_sentence(rule: OutcomeRule) -> str:
    """What happens when enough carried and some did not."""
    if rule.otherwise is Otherwise.PROCEED:
        return "The rule is then to proceed with those that carried."
    return "The rule is then to stop."
