"""COUNTS.json: the counts of one vote as anyone can write them, to try a rule without a ballot.

    {"eligible": {"practices": 13}, "for": {"practices": 7}, "against": {"practices": 1}, "abstain": {"practices": 5}}

Beside `practices` stands `weight` exactly where the constitution has [weight]. Where the rule asks for options,
`"options": {id: {...}, ...}` stands in place of for and against. Where it has tests for each locality, `localities`
holds the same once more for each, by its id, and the counts of the CCG are their sums. Where the rule has [tie],
`"casting_vote": "for"` or `"against"` may follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure
from ballot.constitution.errors import InvalidCounts
from ballot.constitution.possible import fault
from ballot.constitution.weight import Weight
from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.strict.errors import quoted, resembling
from ballot.strict.json_lines import JsonMember, Object, read_json_object

_DEEPEST = 4  # The levels are: localities, a locality, options, an option
MOST_LOCALITIES = 1_000
MOST_OPTIONS = 20
RESERVED = frozenset({FOR, AGAINST, ABSTAIN, NOT_RETURNED, "eligible", "returned"})
"""Words that are no id of an option."""
_HINTS_UNKNOWN = {
    "localities": "The rule has no [[locality_test]]: leave localities out, and give the counts of the whole CCG.",
    "options": "The rule's tests name no options: write for and against in their place.",
    "casting_vote": "The rule gives nobody a casting vote: it has no [tie].",
    "returned": "What was returned is the sum of the answers: leave it out.",
    "patients": 'Patients are counted as "weight", in votes as the [weight] of the rule makes them.',
}
_HINTS_MISSING = {
    "localities": ' The rule has a [[locality_test]]: add "localities": {"ID": {"eligible": {...}, ...}, ...}.',
    "options": ' The rule is for options: add "options": {"ID": {"practices": 7}, ...}.',
}


@dataclass(frozen=True, slots=True)
class _Form:
    """What the counts of one rule look like."""

    file: str
    units: tuple[str, ...]
    options: bool
    weight: Weight | None
    words: Words

    @property
    def answers(self) -> tuple[str, ...]:
        return ("options", ABSTAIN) if self.options else (FOR, AGAINST, ABSTAIN)


def parse_counts(
    content: bytes,
    file: str,
    *,
    weighted: bool,
    options: bool = False,
    localities: bool = False,
    weight: Weight | None = None,
    casting_vote: bool = False,
    words: Words = DEFAULT_WORDS,
) -> Counts:
    """Read COUNTS.json: practices always, weight exactly where the constitution has [weight].

    `weight`, if given, bounds what practices can weigh. Raises: InvalidCounts, whatever the bytes are.
    """
    root = read_json_object(content, file, InvalidCounts, depth=_DEEPEST)
    form = _Form(file, ("practices", "weight") if weighted else ("practices",), options, weight, words)
    more = ("localities",) if localities else ()
    casting = _casting_vote(root.pop("casting_vote"), file) if casting_vote and "casting_vote" in root else None
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
    return replace(_counts(root, form, parts, root["eligible"].line), casting_vote=casting)


def _casting_vote(member: JsonMember, file: str) -> str:
    if member.value not in (FOR, AGAINST):
        sentence = (
            f'"casting_vote" must be "for" or "against", not {quoted(member.value)}. Leave it out until it is given.'
        )
        raise InvalidCounts(file, member.line, sentence)
    return str(member.value)


def _counts(members: Object, form: _Form, localities: dict[str, Counts], line: int) -> Counts:
    eligible, answers = _measure(members["eligible"], "eligible", form), _answers(members, form)
    try:
        counts = Counts(eligible, answers, None, localities)
    except InvalidCounts as refusal:
        raise InvalidCounts(form.file, line, refusal.sentence) from None
    if (found := fault(counts, form.weight, form.words)) is not None:
        group, sentence = found
        options = members["options"].value if form.options else None
        group_of = options if isinstance(options, dict) and group in options else members
        raise InvalidCounts(form.file, group_of[group].line if group in group_of else line, sentence)
    return counts


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


def _measure(member: JsonMember, name: str, form: _Form) -> Measure:
    found = _object(member, name, form)
    _only(found, form.units, form, member.line, weights=True)
    numbers = {unit: _number(found[unit], unit, form) for unit in form.units}
    return Measure(numbers["practices"], numbers.get("weight"))


def _object(member: JsonMember, name: str, form: _Form) -> Object:
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
            raise InvalidCounts(form.file, member.line, sentence + _hint(key, known))
    for key in known:
        if key not in members:
            raise InvalidCounts(form.file, line, f"{quoted(key)} is missing.{_HINTS_MISSING.get(key, '')}")


def _hint(key: str, known: tuple[str, ...]) -> str:
    """Suggest what to write in place of an unknown key."""
    if key in (FOR, AGAINST) and "options" in known:
        return ' This rule is for options: write "options": {"ID": {"practices": 7}, ...} in place of for and against.'
    if key in _HINTS_UNKNOWN:
        return f" {_HINTS_UNKNOWN[key]}"
    return resembling(key, known)


def _number(member: JsonMember, name: str, form: _Form) -> int:
    if isinstance(member.value, dict):
        raise InvalidCounts(form.file, member.line, "An object stands here where a plain value was expected.")
    if type(member.value) is not int or member.value < 0:
        hint = " Write the digits alone, without quotation marks and commas." if isinstance(member.value, str) else ""
        sentence = f"{quoted(name)} must be a whole number of at least 0, not {quoted(member.value)}.{hint}"
        raise InvalidCounts(form.file, member.line, sentence)
    return member.value
