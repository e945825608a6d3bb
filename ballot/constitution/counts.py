"""The numbers of one vote: how many were eligible and gave each answer, in practices and in weight.

A question is answered for, against or with an abstention; where it has options, with one of them or with an
abstention. A count knows practices, or weight, or both. Where only the weight of each answer was decrypted, the number
of ballots is still known, and `returned` says it: `Measure(practices=ballots, weight=total)`.

A CCG that is counted by locality has counts of each, of which its own are the sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ballot.constitution.errors import InvalidCounts
from ballot.constitution.rule import Unit
from ballot.strict.errors import quoted

_FILE = "counts"
_LARGEST_BITS = 8000  # Far fewer digits than Python refuses to print

FOR, AGAINST, ABSTAIN = "for", "against", "abstain"
NOT_RETURNED = "not returned"
YES_OR_NO = (FOR, AGAINST, ABSTAIN)
"""The answers to a question without options, in order."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One group of voters in both measures; None means not known."""

    practices: int | None = None
    weight: int | None = None

    def of(self, unit: Unit) -> int | None:
        return self.practices if unit is Unit.PRACTICES else self.weight

    def doubled(self) -> Measure:
        """Twice as much in both units."""
        return Measure(*(None if value is None else 2 * value for value in (self.practices, self.weight)))

    def changed(self, unit: Unit, by: int) -> Measure:
        """This measure with `by` added in one unit; None if that unit is not known."""
        value = self.of(unit)
        if value is None:
            return self
        return replace(self, practices=value + by) if unit is Unit.PRACTICES else replace(self, weight=value + by)

    def as_json(self) -> dict[str, int]:
        return {unit.value: value for unit in Unit if (value := self.of(unit)) is not None}


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one question in one CCG. Raises: InvalidCounts, if they cannot be those of one vote.

    `answers` are in the order of the question; the last is ABSTAIN.
    """

    eligible: Measure
    answers: Mapping[str, Measure]
    returned: Measure | None = None
    localities: Mapping[str, Counts] = field(default_factory=dict)
    casting_vote: str | None = None
    """FOR or AGAINST, once the office that decides a tie has said so."""

    def __post_init__(self) -> None:
        if len(self.answers) < 2 or list(self.answers)[-1] != ABSTAIN:
            raise InvalidCounts(_FILE, 1, "The counts are not of answers of which the last is to abstain.")
        for measure in (self.eligible, *self.answers.values(), self.returned or Measure()):
            for unit in Unit:
                value = measure.of(unit)
                if value is not None and (type(value) is not int or value < 0):
                    raise InvalidCounts(_FILE, 1, f"A count must be a whole number of at least 0, not {quoted(value)}.")
                if value is not None and value.bit_length() > _LARGEST_BITS:
                    raise InvalidCounts(_FILE, 1, "A count is larger than any number this program writes down.")
        for unit in Unit:
            if sentence := self._fault(unit) or self._fault_of_sums(unit):
                raise InvalidCounts(_FILE, 1, sentence)

    @property
    def has_options(self) -> bool:
        return tuple(self.answers) != YES_OR_NO

    @property
    def options(self) -> tuple[str, ...]:
        """The options, in the order of the question; none where the question has none."""
        return tuple(self.answers)[:-1] if self.has_options else ()

    def _fault(self, unit: Unit) -> str | None:
        """The reason why the counts in one measure cannot be right, as a sentence; None if they can."""
        eligible = self.eligible.of(unit)
        known = self._known(unit)
        if known and len(known) < len(self.answers):
            return f"The {unit.value} of some answers are given and of others not."
        given = None if self.returned is None else self.returned.of(unit)
        if known and given is not None and given != sum(known):
            return f"The {unit.value} returned are not the sum of the answers, abstentions among them."
        returned = self.turnout(unit)
        if returned is not None and eligible is None:
            return f"The {unit.value} returned are given and the eligible are not."
        if returned is not None and eligible is not None and returned > eligible:
            return f"More votes than eligible: {quoted(returned)} of {quoted(eligible)}, counted in {unit.value}."
        return None

    def _fault_of_sums(self, unit: Unit) -> str | None:
        """The sentence for CCG counts that are not the sums of its localities' counts; None if they are."""
        if not self.localities:
            return None
        if any(tuple(part.answers) != tuple(self.answers) or part.localities for part in self.localities.values()):
            return "A locality has other answers than its CCG."
        whole = {"eligible": self.eligible, **self.answers, "returned": Measure(*map(self.turnout, Unit))}
        for name, measure in whole.items():
            parts = [part._group(name).of(unit) for part in self.localities.values()]
            total = None if None in parts else sum(part for part in parts if part is not None)
            if measure.of(unit) != total:
                return (
                    f"The {unit.value} of {quoted(name)} are not the sum of the localities': "
                    f"{quoted(measure.of(unit))}, not {quoted(total)}."
                )
        return None

    def _group(self, name: str) -> Measure:
        if name == "eligible":
            return self.eligible
        return Measure(*map(self.turnout, Unit)) if name == "returned" else self.answers[name]

    def _known(self, unit: Unit) -> list[int]:
        return [value for measure in self.answers.values() if (value := measure.of(unit)) is not None]

    def turnout(self, unit: Unit) -> int | None:
        """All that was returned, abstentions counted; None if this measure was not counted."""
        known = self._known(unit)
        if len(known) == len(self.answers):
            return sum(known)
        return None if self.returned is None else self.returned.of(unit)

    def decided(self, unit: Unit) -> int | None:
        """All answers except abstentions; None if this measure was not counted by answer."""
        known = self._known(unit)
        return sum(known[:-1]) if len(known) == len(self.answers) else None

    def part(self, unit: Unit, group: str) -> int | None:
        """How many gave an answer, or returned nothing; None if this was not counted."""
        if group == NOT_RETURNED:
            eligible, returned = self.eligible.of(unit), self.turnout(unit)
            return None if eligible is None or returned is None else eligible - returned
        return self.answers[group].of(unit)

    def moved(
        self, unit: Unit, number: int, source: str, target: str, where: Mapping[str, int] | None = None
    ) -> Counts:
        """The counts after `number` votes move from `source` to `target`; `where` says how many in each locality.

        Without `where` the result has no localities. Raises: InvalidCounts, if `source` has too few votes.
        """
        change = {source: -number, target: number}
        localities = {
            name: part.moved(unit, (where or {}).get(name, 0), source, target) for name, part in self.localities.items()
        }
        return replace(
            self,
            answers={name: measure.changed(unit, change.get(name, 0)) for name, measure in self.answers.items()},
            returned=self.returned and self.returned.changed(unit, -change.get(NOT_RETURNED, 0)),
            localities={} if where is None else localities,
        )

    def as_json(self) -> dict[str, object]:
        """The object that `counts_file.parse_counts` reads. A known `returned` is added."""
        answers: dict[str, object] = {name: measure.as_json() for name, measure in self.answers.items()}
        if self.has_options:
            abstain = answers.pop(ABSTAIN)
            answers = {"options": answers, ABSTAIN: abstain}
        value: dict[str, object] = {"eligible": self.eligible.as_json(), **answers}
        if self.returned is not None:
            value["returned"] = self.returned.as_json()
        if self.localities:
            value["localities"] = {name: part.as_json() for name, part in self.localities.items()}
        if self.casting_vote is not None:
            value["casting_vote"] = self.casting_vote
        return value


def summed(parts: Mapping[str, Counts]) -> Counts:
    """Add up the counts of one or more localities. Raises: InvalidCounts, if they differ in kind."""
    counts = list(parts.values())
    answers = {name: _sum(part.answers[name] for part in counts) for name in counts[0].answers}
    given = [part.returned for part in counts if part.returned is not None]
    returned = _sum(given) if len(given) == len(counts) else None
    return Counts(_sum(part.eligible for part in counts), answers, returned, dict(parts))


def _sum(measures: Iterable[Measure]) -> Measure:
    found = list(measures)
    return Measure(*(_total(measure.of(unit) for measure in found) for unit in Unit))


def _total(values: Iterator[int | None]) -> int | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)
