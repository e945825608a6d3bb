"""A rule file or a programme in plain English, for the people who confirm it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ballot.constitution.combine import otherwise_sentence, requirement_sentence
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.outcome_rule import OutcomeRule
from ballot.constitution.phrases import (
    base_phrase,
    bodies,
    citation,
    clause_number,
    joined,
    locality_requirement,
    needed_sentences,
    quorums_needed,
    spelled,
    threshold_phrase,
    turnout_phrase,
    unit_noun,
    who_for,
)
from ballot.constitution.programme import CountOrder, Policy, Programme, Returned
from ballot.constitution.rule import Constitution, Outcome, Quorum, Rule, Test
from ballot.constitution.threshold import Comparison
from ballot.constitution.weight import MissingList, Rounding, Weight, WeightNouns
from ballot.constitution.words import Words, capitalised
from ballot.strict.errors import plain

_ROUNDED = {
    Rounding.FLOOR: "a part of {} counting nothing",
    Rounding.CEILING: "a part of {} counting as one",
    Rounding.NEAREST: "half of {} or more counting as one and less as nothing",
}


def read_constitution_aloud(constitution: Constitution) -> Iterator[str]:
    """The rule file in sentences."""
    yield f"{constitution.name} ({constitution.ccg}), by {citation(constitution.source)}."
    yield _read_weight(constitution.weight, constitution.words, constitution.nouns)
    yield from read_rule_aloud(constitution.rule_for())
    for own in constitution.questions:
        yield f"For the question {own.question}, instead:"
        yield from read_rule_aloud(constitution.rule_for(own.question))
    yield _read_reballot(constitution)


def _read_reballot(constitution: Constitution) -> str:
    """When members may vote again. Inquorate counts only if there is a quorum."""
    again = set(constitution.reballot)
    own = {part.question: constitution.rule_for(part.question).needs_quorum for part in constitution.questions}
    with_quorum, without_quorum = ([name for name, needs in own.items() if needs is one] for one in (True, False))
    which = ""
    if not constitution.rule_for().needs_quorum and not with_quorum:
        again -= {Outcome.INQUORATE}
    elif not constitution.rule_for().needs_quorum:
        which = f" (only {joined(map(plain, with_quorum))} can be: there is no quorum for any other question)"
    elif without_quorum:
        which = f" ({joined(map(plain, without_quorum))} cannot be: there is no quorum for it)"
    if not again:
        without = " There is no quorum, so it cannot be inquorate." if constitution.reballot else ""
        return f"The vote may not be held again.{without}"
    words = [
        outcome.value + (which if outcome is Outcome.INQUORATE else "")
        for outcome in sorted(again, key=lambda outcome: outcome.value)
    ]
    return f"The vote may be held again if it is {' or '.join(words)}."


def _read_weight(weight: Weight | None, words: Words, nouns: WeightNouns) -> str:
    if weight is None:
        return f"One {words.member.one}, one vote."
    number = "list" if weight.column is None else "number there"
    missing = (
        f"{words.member.a} without a {number} has none"
        if weight.missing is MissingList.ZERO
        else f"every {words.member.one} must have a {number}"
    )
    limits = "".join(
        f", {word} {limit} for each {words.member.one}"
        for word, limit in (("at least", weight.minimum), ("at most", weight.maximum))
        if limit is not None
    )
    unit, counts, day = nouns.unit, nouns.counts, weight.snapshot.isoformat()
    when = f"on {day}" if weight.column is None else f"on {day} (column {weight.column} of the roll)"
    if weight.bands:
        return f"{capitalised(unit.many)} by {counts.many} {when}: {_bands(weight)}{limits}; {missing}."
    if weight.per == 1:
        if unit.many == counts.many:
            return f"A vote weighs as many {unit.many} as its {words.member.one} has {when}{limits}; {missing}."
        return f"One {unit.one} per {counts.one} {when}{limits}; {missing}."
    per, rounding = f"{weight.per:,}", _ROUNDED[weight.rounding or Rounding.FLOOR].format(f"{weight.per:,}")
    return f"One {unit.one} per {per} {counts.many} {when}, {rounding}{limits}; {missing}."


def _bands(weight: Weight) -> str:
    """`up to 100 one, up to 250 two, then one more for each 150, a part of 150 counting nothing`."""
    said = [f"{'above that' if b.up_to is None else f'up to {b.up_to:,}'} {spelled(b.votes)}" for b in weight.bands]
    if weight.is_open:
        rounding = weight.rounding or Rounding.FLOOR
        said.append(f"then one more for each {weight.per:,}")
        said += [] if weight.per == 1 else [_ROUNDED[rounding].format(f"{weight.per:,}")]
    return ", ".join(said)


def read_rule_aloud(rule: Rule) -> Iterator[str]:
    """What one question needs, in sentences."""
    yield from _read_quorums(rule)
    for number, test in enumerate(rule.tests, start=1):
        name = f"Test {number}" if len(rule.tests) > 1 else "Test"
        yield _read_test(name, test, rule.words)
    yield from needed_sentences(rule)
    for number, part in enumerate(rule.locality_tests, start=1):
        name = f"Locality test {number}" if len(rule.locality_tests) > 1 else "Locality test"
        yield f"{_read_test(name, part.test, rule.words)[:-1]}; {locality_requirement(part)}"
    if rule.locality_tests:
        which = "The locality test" if len(rule.locality_tests) == 1 else "Every locality test"
        alone = ", and nothing is asked of the votes as a whole" if not rule.tests else " as well"
        yield f"{which} must hold{alone}."
    if rule.casting_vote is not None:
        who = rule.words.member.many
        yield f"If as many {who} vote for as against, {plain(rule.casting_vote)} has the casting vote."
    if rule.has_options:
        yield "If more than one option passes, none is carried."


def _read_quorums(rule: Rule) -> Iterator[str]:
    if not rule.needs_quorum:
        yield "There is no quorum."
    several = len(rule.quorums) > 1
    for number, quorum in enumerate(rule.quorums, start=1):
        yield _read_quorum(f"Quorum {number}" if several else "Quorum", quorum, rule)
    if several:
        yield quorums_needed(rule)
    several = len(rule.locality_quorums) > 1
    for number, part in enumerate(rule.locality_quorums, start=1):
        name = f"Locality quorum {number}" if several else "Locality quorum"
        yield f"{_read_quorum(name, part.quorum, rule)[:-1]}; {locality_requirement(part)}"


def _read_quorum(name: str, quorum: Quorum, rule: Rule) -> str:
    needed, turnout = threshold_phrase(quorum.threshold), turnout_phrase(quorum, rule.has_options)
    return f"{name}: {needed} of the eligible {unit_noun(quorum.unit, 2, rule.words)}, counting those that {turnout}."


def _read_test(name: str, test: Test, words: Words) -> str:
    needed, who = threshold_phrase(test.threshold), who_for(test).rstrip(",")
    if test.threshold.is_number:
        may = "may" if test.against else "must"
        number = int(test.threshold.value)
        return f"{name}: {needed} {unit_noun(test.unit, number, words)} {may} be {who}, whatever the number that vote."
    if test.against:
        return f"{name}: of the {base_phrase(test, words)}, {needed} may be {who}."
    at_all = ", and at least one" if test.threshold.comparison is Comparison.ALL_BUT else ""
    return f"{name}: of the {base_phrase(test, words)}, {needed} must be {who}{at_all}."


def read_programme_aloud(programme: Programme) -> Iterator[str]:
    """The programme in sentences."""
    yield f"{programme.name}{', a rehearsal' if programme.rehearsal else ''}."
    window = programme.window
    yield f"Open from {window.opens.isoformat(' ')} to {window.closes.isoformat(' ')}, {window.zone}."
    for question in programme.questions:
        yield f"Question {question.id}: {question.text} {' / '.join(question.answers)}."
        if question.options:
            yield f"Its options are called {', '.join(question.options)} in the rules, in this order."
    number, words = len(programme.ccgs), programme.words
    names = ", ".join(f"{ccg.name} ({ccg.ods})" for ccg in programme.ccgs)
    yield f"{words.body.counted(number)}: {names}."
    trustees = programme.trustees
    yield f"{trustees.threshold} of {len(trustees.names)} trustees open the totals: {', '.join(trustees.names)}."
    final = programme.policy is Policy.FINAL
    yield "A vote is final." if final else f"{capitalised(words.member.a)} may vote again, and its last vote counts."
    after = programme.returned is Returned.AFTER_CLOSING
    yield f"Who voted is {'published after closing' if after else 'never published'}."
    together = programme.count is CountOrder.TOGETHER
    yield f"Totals are decrypted {'once every ballot has closed' if together else 'as soon as each ballot has closed'}."
    yield f"The totals may determine at most {programme.secrecy_at_most} of the votes, or two people say why."
    if programme.outcome is None:
        yield f"This is a re-ballot: the outcome is that of {programme.reballot_of}, with what is decided here."
    else:
        yield from read_outcome_rule_aloud(programme.outcome)


def read_outcome_rule_aloud(rule: OutcomeRule) -> Iterator[str]:
    """The [outcome] in sentences."""
    if not rule.groups:
        yield _read_what_carries(rule)
        yield f"For the {rule.words.subject.one}: {requirement_sentence(rule)}"
        if rule.at_least is not None:
            yield f"If enough carried and some did not: {otherwise_sentence(rule)}"
    for group in rule.groups:
        one = group.rule
        of = bodies(map(rule.called, one.ccgs or ()), rule.words)
        yield f"{group.name}, of {of}: {_read_what_carries(one)} {requirement_sentence(one)}"
        if one.at_least is not None:
            yield f"If enough of them carried and some did not: {otherwise_sentence(one)}"


def _read_what_carries(rule: OutcomeRule) -> str:
    said = []
    for question in rule.questions:
        option = rule.options.get(question)
        name = "its vote" if len(rule.questions) == 1 else rule.called(question)
        said.append(f"{name} is carried{f' with {option}' if option else ''}")
    return f"{capitalised(rule.words.body.a)} carries if {joined(said)}."


@dataclass(frozen=True, slots=True)
class SigningText:
    """What a governing body signs: the clause in its own words, the rule, and its effects."""

    clause: str
    wording: tuple[str, ...]
    rule: tuple[str, ...]
    effects: tuple[tuple[str | None, tuple[str, ...]], ...]
    """The question, or None for the rule at the top of the file, and what follows from its rule."""


def text_for_signing(constitution: Constitution) -> SigningText:
    """The parts of what a governing body signs."""
    source = constitution.source
    _, *rule = read_constitution_aloud(constitution)
    questions = (None, *(own.question for own in constitution.questions))
    return SigningText(
        f"{clause_number(source)} of {source.document}",
        tuple(line.strip() for line in source.wording.strip().splitlines()),
        tuple(rule),
        tuple((question, tuple(read_effects_aloud(constitution.rule_for(question)))) for question in questions),
    )


def read_for_signing(constitution: Constitution) -> Iterator[str]:
    """Everything a governing body signs, line by line."""
    source, said = constitution.source, text_for_signing(constitution)
    yield f"{constitution.name} ({constitution.ccg})"
    yield ""
    yield f"The clause: {said.clause}."
    yield from (f"    {line}" for line in said.wording)
    yield ""
    yield "The rule, as this file has it:"
    yield from (f"    {sentence}" for sentence in said.rule)
    yield ""
    yield "What follows from it:"
    for question, effects in said.effects:
        if question is not None:
            yield f"    For the question {question}:"
        yield from (f"    {sentence}" for sentence in effects)
    yield ""
    yield f"Encoded by {source.encoded_by}; approved by {source.approved_by}."
    yield "This is what our constitution says. Signed: ____________________  Date: __________"
