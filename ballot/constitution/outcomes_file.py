"""OUTCOMES.json: what every CCG decided, as anyone can write it, to try a programme's rule without a ballot.

    {"00Q": {"merge": "carried"}, "01A": {"merge": "not carried"}}

A question with options that was carried says with which: `{"form": {"outcome": "carried", "option": "merge"}}`; where
it was not, the word alone will do.
"""

from __future__ import annotations

from ballot.constitution.combine import CarriedOption, Result, find_fault
from ballot.constitution.errors import InvalidOutcomes
from ballot.constitution.outcome_rule import OutcomeRule
from ballot.constitution.rule import Outcome
from ballot.strict.errors import quoted
from ballot.strict.json_lines import JsonMember, Object, read_json_object


def parse_outcomes(content: bytes, file: str, rule: OutcomeRule) -> dict[str, dict[str, Result]]:
    """Read the outcomes for the CCGs and questions of the rule. Raises: InvalidOutcomes, whatever the bytes are."""
    root = read_json_object(content, file, InvalidOutcomes, depth=2)
    outcomes = {ccg: _answers(ccg, member, file) for ccg, member in root.items()}
    if fault := find_fault(rule, outcomes):
        keys, sentence = fault
        raise InvalidOutcomes(file, _line_of(root, keys), sentence)
    return outcomes


def _answers(ccg: str, member: JsonMember, file: str) -> dict[str, Result]:
    if not isinstance(member.value, dict):
        raise InvalidOutcomes(file, member.line, f"{quoted(ccg)} must be an object, not {quoted(member.value)}.")
    return {question: _result(answer, file) for question, answer in member.value.items()}


def _result(member: JsonMember, file: str) -> Result:
    if not isinstance(member.value, dict):
        return _word(member, file)
    found = member.value
    for key, inner in found.items():
        if key not in ("outcome", "option"):
            raise InvalidOutcomes(file, inner.line, f"{quoted(key)} is not a key that belongs here: outcome, option.")
    if "outcome" not in found:
        raise InvalidOutcomes(file, member.line, '"outcome" is missing.')
    outcome = _word(found["outcome"], file)
    option = found.get("option", JsonMember(None, member.line))
    if outcome is not Outcome.CARRIED:
        if option.value is not None:
            raise InvalidOutcomes(file, option.line, "What is not carried has no option.")
        return outcome
    if not isinstance(option.value, str) or not option.value:
        raise InvalidOutcomes(file, option.line, f'"option" must be the id of an option, not {quoted(option.value)}.')
    return CarriedOption(option.value)


def _word(member: JsonMember, file: str) -> Outcome:
    final = [outcome for outcome in Outcome if outcome is not Outcome.TIED]
    for outcome in final:
        if isinstance(member.value, str) and member.value == outcome.value:
            return outcome
    expected = ", ".join(quoted(outcome.value) for outcome in final)
    waits = " A tie waits for the casting vote." if member.value == Outcome.TIED.value else ""
    raise InvalidOutcomes(file, member.line, f"An outcome is one of {expected}, not {quoted(member.value)}.{waits}")


def _line_of(root: Object, keys: tuple[str, ...]) -> int:
    line, members = 1, root
    for key in keys:
        line, value = members[key].line, members[key].value
        members = value if isinstance(value, dict) else {}
    return line
