"""The numbers of one vote: how many were eligible, for, against, and abstained, in practices and in weight.

A count knows practices, or weight, or both. Where only the weight of each answer was decrypted, the number of ballots
is still known, and `returned` says it: `Measure(practices=ballots, weight=total)`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ballot.constitution.errors import InvalidCounts, quoted
from ballot.constitution.json_lines import Member, Object, read_json_object
from ballot.constitution.rule import Unit

_FILE = "counts"
_LARGEST_BITS = 8000  # well below what Python refuses to print
_GROUPS = ("eligible", "for", "against", "abstain")

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
NOT_RETURNED = "not returned"


@dataclass(frozen=True, slots=True)
class Measure:
    """One group of voters by both measures; None is not known."""

    practices: int | None = None
    weight: int | None = None

    def of(self, unit: Unit) -> int | None:
        return self.practices if unit is Unit.PRACTICES else self.weight

    def changed(self, unit: Unit, by: int) -> Measure:
        """This and so many more in one unit; what is not known stays so."""
        value = self.of(unit)
        if value is None:
            return self
        return replace(self, practices=value + by) if unit is Unit.PRACTICES else replace(self, weight=value + by)

    def as_json(self) -> dict[str, int]:
        return {unit.value: value for unit in Unit if (value := self.of(unit)) is not None}


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one question in one CCG. Raises: InvalidCounts, if they cannot be those of one vote."""

    eligible: Measure
    for_: Measure
    against: Measure
    abstain: Measure
    returned: Measure | None = None

    def __post_init__(self) -> None:
        for measure in (*self._groups(), self.returned or Measure()):
            for unit in Unit:
                value = measure.of(unit)
                if value is not None and (type(value) is not int or value < 0):
                    raise InvalidCounts(_FILE, 1, f"A count must be a whole number of at least 0, not {quoted(value)}.")
                if value is not None and value.bit_length() > _LARGEST_BITS:
                    raise InvalidCounts(_FILE, 1, "A count is larger than any number this program writes down.")
        for unit in Unit:
            if sentence := self._fault(unit):
                raise InvalidCounts(_FILE, 1, sentence)

    def _groups(self) -> tuple[Measure, Measure, Measure, Measure]:
        return self.eligible, self.for_, self.against, self.abstain

    def _fault(self, unit: Unit) -> str | None:
        """What cannot be about the counts in one measure, as a sentence."""
        eligible = self.eligible.of(unit)
        answers = [measure.of(unit) for measure in (self.for_, self.against, self.abstain)]
        known = [answer for answer in answers if answer is not None]
        if known and len(known) < len(answers):
            return f"The {unit.value} of some answers are given and of others not."
        given = None if self.returned is None else self.returned.of(unit)
        if known and given is not None and given != sum(known):
            return f"The {unit.value} returned are not the sum of those for, against and abstaining."
        returned = self.turnout(unit)
        if returned is not None and eligible is None:
            return f"The {unit.value} returned are given and the eligible are not."
        if returned is not None and eligible is not None and returned > eligible:
            return f"More votes than eligible: {quoted(returned)} of {quoted(eligible)}, counted in {unit.value}."
        return None

    def turnout(self, unit: Unit) -> int | None:
        """All that was returned, abstentions counted; None if this measure was not counted."""
        answers = [measure.of(unit) for measure in (self.for_, self.against, self.abstain)]
        if all(answer is not None for answer in answers):
            return sum(answer for answer in answers if answer is not None)
        return None if self.returned is None else self.returned.of(unit)

    def part(self, unit: Unit, group: str) -> int | None:
        """How many are for, against, abstain, or returned nothing; None if that was not counted."""
        if group == NOT_RETURNED:
            eligible, returned = self.eligible.of(unit), self.turnout(unit)
            return None if eligible is None or returned is None else eligible - returned
        return {FOR: self.for_, AGAINST: self.against, ABSTAIN: self.abstain}[group].of(unit)

    def moved(self, unit: Unit, number: int, source: str, target: str) -> Counts:
        """The counts if so many of one group had been of another. Raises: InvalidCounts, if there are not so many."""
        change = {source: -number, target: number}
        return replace(
            self,
            for_=self.for_.changed(unit, change.get(FOR, 0)),
            against=self.against.changed(unit, change.get(AGAINST, 0)),
            abstain=self.abstain.changed(unit, change.get(ABSTAIN, 0)),
            returned=self.returned and self.returned.changed(unit, -change.get(NOT_RETURNED, 0)),
        )

    def as_json(self) -> dict[str, dict[str, int]]:
        """The object `parse_counts` reads; `returned`, where it was given, is beside it."""
        groups = dict(zip(_GROUPS, self._groups(), strict=True))
        if self.returned is not None:
            groups["returned"] = self.returned
        return {name: measure.as_json() for name, measure in groups.items()}


def parse_counts(content: bytes, file: str, *, weighted: bool) -> Counts:
    """Read COUNTS.json: practices always, weight exactly where the constitution has [weight].

    Raises: InvalidCounts, whatever the bytes are.
    """
    root = read_json_object(content, file, InvalidCounts, depth=1)
    _only(root, _GROUPS, file, 1)
    units = ("practices", "weight") if weighted else ("practices",)
    eligible, for_, against, abstain = (_measure(root[name], name, units, file) for name in _GROUPS)
    try:
        return Counts(eligible, for_, against, abstain)
    except InvalidCounts as refusal:
        raise InvalidCounts(file, root["eligible"].line, refusal.sentence) from None


def _measure(member: Member, name: str, units: tuple[str, ...], file: str) -> Measure:
    if not isinstance(member.value, dict):
        raise InvalidCounts(file, member.line, f"{quoted(name)} must be an object, not {quoted(member.value)}.")
    _only(member.value, units, file, member.line, weights=True)
    numbers = {unit: _number(member.value[unit], unit, file) for unit in units}
    return Measure(numbers["practices"], numbers.get("weight"))


def _only(members: Object, known: tuple[str, ...], file: str, line: int, *, weights: bool = False) -> None:
    """Exactly these keys."""
    for key, member in members.items():
        if key not in known:
            reason = " is counted and the constitution has no [weight]" if weights and key == "weight" else ""
            sentence = f"{quoted(key)}{reason or ' is not a key that belongs here: ' + ', '.join(known)}."
            raise InvalidCounts(file, member.line, sentence)
    for key in known:
        if key not in members:
            raise InvalidCounts(file, line, f"{quoted(key)} is missing.")


def _number(member: Member, name: str, file: str) -> int:
    if type(member.value) is not int or member.value < 0:
        sentence = f"{quoted(name)} must be a whole number of at least 0, not {quoted(member.value)}."
        raise InvalidCounts(file, member.line, sentence)
    return member.value
