"""COUNTS.json: the counts of one vote as anyone can write them, to try a rule without a ballot.

    {"eligible": {"practices": 13}, "for": {"practices": 7}, "against": {"practices": 1}, "abstain": {"practices": 5}}

Beside `practices` stands `weight` exactly where the constitution has [weight]. Where the rule asks for options,
`"options": {id: {...}, ...}` stands in place of for and against. Where it has tests for each locality, `localities`
holds the same once more for each, by its id, and the counts of the CCG are their sums.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure
from ballot.constitution.errors import InvalidCounts, quoted
from ballot.constitution.json_lines import Member, Object, read_json_object

MOST_LOCALITIES = 1_000
MOST_OPTIONS = 20
RESERVED = frozenset({FOR, AGAINST, ABSTAIN, NOT_RETURNED, "eligible", "returned"})
"""Words that are no id of an option."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What the counts of one rule look like."""

    file: str
    units: tuple[str, ...]
    options: bool

    @property
    def answers(self) -> tuple[str, ...]:
        return ("options", ABSTAIN) if self.options else (FOR, AGAINST, ABSTAIN)


def parse_counts(
    content: bytes, file: str, *, weighted: bool, options: bool = False, localities: bool = False
) -> Counts:
    """Read COUNTS.json: practices always, weight exactly where the constitution has [weight].

    Raises: InvalidCounts, whatever the bytes are.
    """
    root = read_json_object(content, file, InvalidCounts, depth=1 + options + 2 * localities)
    form = _Form(file, ("practices", "weight") if weighted else ("practices",), options)
    more = ("localities",) if localities else ()
    _only(root, ("eligible", *form.answers, *more), form, 1)
    parts = {}
    if localities:
        named = _object(root["localities"], "localities", form)
        if not 1 <= len(named) <= MOST_LOCALITIES:
            sentence = f'"localities" must name at least one, and at most {MOST_LOCALITIES}.'
            raise InvalidCounts(file, root["localities"].line, sentence)
        for locality, member in named.items():
            found = _object(member, locality, form)
            _only(found, ("eligible", *form.answers), form, member.line)
            parts[locality] = _counts(found, form, {}, member.line)
    return _counts(root, form, parts, root["eligible"].line)


def _counts(members: Object, form: _Form, localities: dict[str, Counts], line: int) -> Counts:
    eligible, answers = _measure(members["eligible"], "eligible", form), _answers(members, form)
    try:
        return Counts(eligible, answers, None, localities)
    except InvalidCounts as refusal:
        raise InvalidCounts(form.file, line, refusal.sentence) from None


def _answers(members: Object, form: _Form) -> dict[str, Measure]:
    if not form.options:
        return {name: _measure(members[name], name, form) for name in form.answers}
    options = _object(members["options"], "options", form)
    if not options:
        raise InvalidCounts(form.file, members["options"].line, '"options" must name at least one option.')
    if len(options) > MOST_OPTIONS:
        sentence = f"A question has at most {MOST_OPTIONS} options, not {len(options)}."
        raise InvalidCounts(form.file, members["options"].line, sentence)
    for name, member in options.items():
        if name in RESERVED:
            raise InvalidCounts(form.file, member.line, f"{quoted(name)} is not an option: the word has another use.")
    answers = {name: _measure(member, name, form) for name, member in options.items()}
    return {**answers, ABSTAIN: _measure(members[ABSTAIN], ABSTAIN, form)}


def _measure(member: Member, name: str, form: _Form) -> Measure:
    found = _object(member, name, form)
    _only(found, form.units, form, member.line, weights=True)
    numbers = {unit: _number(found[unit], unit, form) for unit in form.units}
    return Measure(numbers["practices"], numbers.get("weight"))


def _object(member: Member, name: str, form: _Form) -> Object:
    if not isinstance(member.value, dict):
        sentence = f"{quoted(name)} must be an object, not {quoted(member.value)}."
        raise InvalidCounts(form.file, member.line, sentence)
    return member.value


def _only(members: Object, known: tuple[str, ...], form: _Form, line: int, *, weights: bool = False) -> None:
    """Exactly these keys."""
    for key, member in members.items():
        if key not in known:
            reason = " is counted and the constitution has no [weight]" if weights and key == "weight" else ""
            sentence = f"{quoted(key)}{reason or ' is not a key that belongs here: ' + ', '.join(known)}."
            raise InvalidCounts(form.file, member.line, sentence)
    for key in known:
        if key not in members:
            raise InvalidCounts(form.file, line, f"{quoted(key)} is missing.")


def _number(member: Member, name: str, form: _Form) -> int:
    if type(member.value) is not int or member.value < 0:
        sentence = f"{quoted(name)} must be a whole number of at least 0, not {quoted(member.value)}."
        raise InvalidCounts(form.file, member.line, sentence)
    return member.value
