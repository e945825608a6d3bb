"""Does the merger proceed? The programme's outcome rule over what every CCG decided.

For a CCG to have carried, each of the rule's questions must be exactly `carried` there: inquorate is not carried. A
question with options is carried with one of them: with the one the rule names, or, where it names none, with the same
in all CCGs that carried. Where the programme has groups, each answers for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ballot.constitution.errors import InvalidOutcomes
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.phrases import bodies, joined
from ballot.constitution.rule import Outcome
from ballot.strict.errors import plain, quoted


@dataclass(frozen=True, slots=True)
class CarriedOption:
    """The option with which a question was carried."""

    option: str


Result: TypeAlias = Outcome | CarriedOption
Outcomes: TypeAlias = Mapping[str, Mapping[str, Result]]


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """Whether one group's new body comes about, and which CCGs it has."""

    name: str
    outcome: ProgrammeOutcome

    def as_json(self) -> dict[str, object]:
        return {"name": self.name, **self.outcome.as_json()}


@dataclass(frozen=True, slots=True)
class ProgrammeOutcome:
    """Whether the merger proceeds, with which CCGs, and why. With groups: whether any of them proceeds."""

    proceeds: bool
    members: tuple[str, ...]
    explanation: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    """The option agreed on, for each question with options, where it proceeds."""
    groups: tuple[GroupOutcome, ...] = ()

    def as_json(self) -> dict[str, object]:
        answer: dict[str, object] = {"proceeds": self.proceeds, "members": list(self.members)}
        if self.options:
            answer["option"] = dict(self.options)
        if self.groups:
            answer["groups"] = [group.as_json() for group in self.groups]
        return {**answer, "explanation": list(self.explanation)}


def combine(rule: OutcomeRule, outcomes: Outcomes) -> ProgrammeOutcome:
    """Apply the outcome rule.

    (1) which CCGs carried, (2) whether they are all, or enough and the named ones, (3) whether they agree on an option
    where there are options, (4) if enough but not all, what the rule says otherwise. With groups, the same for each.
    Raises: InvalidOutcomes, if the CCGs and questions are not those the rule asks for.
    """
    if fault := find_fault(rule, outcomes):
        raise InvalidOutcomes("outcomes", 1, fault[1])
    if not rule.groups:
        return _combine(rule, outcomes)
    groups = tuple(
        GroupOutcome(group.name, _combine(group.rule, {ccg: outcomes[ccg] for ccg in group.rule.ccgs or ()}))
        for group in rule.groups
    )
    going = [group for group in groups if group.outcome.proceeds]
    members = tuple(sorted(ccg for group in going for ccg in group.outcome.members))
    return ProgrammeOutcome(bool(going), members, tuple(_explain_groups(rule, groups)), groups=groups)


def _combine(rule: OutcomeRule, outcomes: Outcomes) -> ProgrammeOutcome:
    carried = tuple(sorted(ccg for ccg in outcomes if _has_carried(rule, outcomes[ccg])))
    everyone = len(carried) == len(outcomes)
    enough = everyone if rule.at_least is None else len(carried) >= rule.at_least
    is_met = enough and set(rule.all_of) <= set(carried)
    chosen = {question: _options_of(question, outcomes, carried) for question in rule.questions}
    at_odds = any(len(options) > 1 for options in chosen.values())
    proceeds = is_met and not at_odds and (everyone or rule.otherwise is Otherwise.PROCEED)
    agreed = {question: options[0] for question, options in chosen.items() if options} if proceeds else {}
    sentences = (
        *_explain(rule, outcomes, carried, is_met),
        *_explain_options(rule, chosen),
        _verdict(rule, carried, proceeds),
    )
    return ProgrammeOutcome(proceeds, carried if proceeds else (), sentences, agreed)


def _options_of(question: str, outcomes: Outcomes, carried: tuple[str, ...]) -> tuple[str, ...]:
    """The different options with which these CCGs carried a question; empty for a question without options."""
    results = (outcomes[ccg][question] for ccg in carried)
    return tuple(sorted({result.option for result in results if isinstance(result, CarriedOption)}))


def find_fault(rule: OutcomeRule, outcomes: Outcomes) -> tuple[tuple[str, ...], str] | None:
    """Find the first missing or surplus CCG or question: return its keys and a sentence, or None."""
    if not outcomes:
        return (), f"No {rule.words.body.one} is named."
    named = {q for a in outcomes.values() for q, result in a.items() if isinstance(result, CarriedOption)}
    known = rule.ccgs
    if known is None and rule.groups:
        known = tuple(dict.fromkeys(ccg for group in rule.groups for ccg in group.rule.ccgs or ()))
    for ccg, answers in outcomes.items():
        if known is not None and ccg not in known:
            return (ccg,), f"{quoted(ccg)} is not {rule.words.body.a} of this programme."
        for question in answers:
            if rule.known_questions is not None and question not in rule.known_questions:
                return (ccg, question), f"{quoted(question)} is not a question of this programme."
        for question in rule.questions:
            if question not in answers:
                return (ccg,), f"{quoted(ccg)} has no outcome for the question {quoted(question)}."
            if answers[question] is Outcome.CARRIED and (question in named or _names_option(rule, question)):
                return (ccg, question), f"{quoted(question)} is carried with an option; say which one."
    for ccg in (*(known or ()), *rule.all_of):
        if ccg not in outcomes:
            return (), f"{quoted(ccg)} has no outcome."
    return None


def _names_option(rule: OutcomeRule, question: str) -> bool:
    return question in rule.options or any(question in group.rule.options for group in rule.groups)


def _has_carried(rule: OutcomeRule, answers: Mapping[str, Result]) -> bool:
    return all(_is_carried(answers[question], rule.options.get(question)) for question in rule.questions)


def _is_carried(result: Result, option: str | None) -> bool:
    if isinstance(result, CarriedOption):
        return option is None or result.option == option
    return result is Outcome.CARRIED


# -- In sentences --------------------------------------------------------------------------------------------------


def _explain(rule: OutcomeRule, outcomes: Outcomes, carried: tuple[str, ...], is_met: bool) -> Iterator[str]:
    for ccg in sorted(outcomes):
        yield f"{rule.called(ccg)}: {_all_said(rule, outcomes[ccg], ccg in carried)}."
    for question, option in rule.options.items():
        yield f"Only {plain(option)} counts as carried for {_question(rule, question)}."
    verb = "That is met." if is_met else "That is not met."
    yield f"{len(carried)} of {len(outcomes)} {rule.words.body.many} carried. {requirement_sentence(rule)} {verb}"
    rest = sorted(set(outcomes) - set(carried))
    if is_met and rest:
        yield f"{bodies(map(rule.called, rest), rule.words)} did not carry. {otherwise_sentence(rule)}"


def _all_said(rule: OutcomeRule, answers: Mapping[str, Result], has_carried: bool) -> str:
    """Each CCG's outcome for the rule's only question, in the words of its own decision."""
    if len(rule.questions) == 1:
        result = answers[rule.questions[0]]
        counts = has_carried or not isinstance(result, CarriedOption)
        return _said(result) if counts else f"{_said(result)}, which does not count here"
    results = "; ".join(f"{rule.called(question)} {_said(answers[question])}" for question in rule.questions)
    return f"{'carried' if has_carried else 'did not carry'} ({results})"


def _said(result: Result) -> str:
    return f"carried, {plain(result.option)}" if isinstance(result, CarriedOption) else result.value


def _question(rule: OutcomeRule, question: str) -> str:
    return "the question" if len(rule.questions) == 1 else rule.called(question)


def _explain_options(rule: OutcomeRule, chosen: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for question, options in chosen.items():
        if len(options) > 1:
            yield f"They do not agree on one option for {_question(rule, question)}: {joined(map(plain, options))}."


def _verdict(rule: OutcomeRule, carried: tuple[str, ...], proceeds: bool) -> str:
    if proceeds:
        return f"The {rule.words.subject.one} goes ahead with {bodies(map(rule.called, carried), rule.words)}."
    return f"The {rule.words.subject.one} does not go ahead."


def _explain_groups(rule: OutcomeRule, groups: tuple[GroupOutcome, ...]) -> Iterator[str]:
    for group in groups:
        going = group.outcome.proceeds
        verb = (
            f"goes ahead with {bodies(map(rule.called, group.outcome.members), rule.words)}"
            if going
            else "does not go ahead"
        )
        yield f"{plain(group.name)} {verb}."
    number = sum(group.outcome.proceeds for group in groups)
    yield f"{number} of {len(groups)} groups {'goes' if number == 1 else 'go'} ahead."


def requirement_sentence(rule: OutcomeRule) -> str:
    """How many of the CCGs must agree, and which."""
    if rule.at_least is None:
        return f"All {rule.words.body.many} must agree."
    of = "" if rule.ccgs is None else f" of {len(rule.ccgs)}"
    named = f", {bodies(map(rule.called, rule.all_of), rule.words)} among them" if rule.all_of else ""
    return f"At least {rule.at_least}{of} {rule.words.body.many} must agree{named}."


def otherwise_sentence(rule: OutcomeRule) -> str:
    """What happens when enough carried and some did not."""
    if rule.otherwise is Otherwise.PROCEED:
        return "By the rule, it then goes ahead with those that carried."
    return "By the rule, it then does not go ahead."
