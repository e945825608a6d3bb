"""The level of support among member practices, as a merger application must state it: by practices and by weight.

It decides nothing and says so. It is a share of the members that voted and of all members, whatever a constitution
requires. A measure without counts by answer is named as not counted, never estimated. Tables have a row for each
answer and a column for each measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ballot.constitution.counts import ABSTAIN, NOT_RETURNED, Counts, Measure
from ballot.constitution.findings import CountedShare
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Unit
from ballot.protocol.canonical import Json


@dataclass(frozen=True, slots=True)
class Support:
    """The count for one answer in one measure; None if it was not counted."""

    measure: str
    answer: str
    number: int | None
    returned: int | None
    eligible: int | None
    adds_up: bool = True
    """Whether one of it is the same in every CCG, and not a band that each CCG's rule makes."""

    @property
    def of_returned(self) -> CountedShare | None:
        """The share of the members that voted, including abstentions."""
        return _share(self.number, self.returned)

    @property
    def of_eligible(self) -> CountedShare | None:
        """The share of all members, whether they voted or not."""
        return _share(self.number, self.eligible)

    @property
    def sentence(self) -> str:
        """`For, by practices: 7/9 (about 77.78%) of those that voted, 7/13 (about 53.85%) of all members.`"""
        voted, members = self.of_returned, self.of_eligible
        if self.number is None:
            return f"{self.answer}, by {self.measure}: not counted."
        said = [
            f"{share.with_percentage()} of {whom}"
            for share, whom in ((voted, "those that voted"), (members, "all members"))
            if share is not None
        ]
        return f"{self.answer}, by {self.measure}: {', '.join(said) or 'no one voted'}."


@dataclass(frozen=True, slots=True)
class TotalSupport:
    """The support over all CCGs that counted it; `missing` are the CCGs that did not."""

    support: Support
    ccgs: tuple[str, ...]
    missing: tuple[str, ...]


def measure_of(constitution: Constitution, unit: Unit) -> str:
    """The name of a unit in the counts: patients only if each patient on a list counts as one, without a limit."""
    if unit is Unit.PRACTICES:
        return constitution.words.member.many
    nouns = constitution.nouns
    named = constitution.weight is not None and constitution.weight.unit is not None
    return nouns.counts.many if _is_exact(constitution) and not named else nouns.unit.many


def _is_exact(constitution: Constitution) -> bool:
    return constitution.weight is not None and constitution.weight.is_exact


def tell_support(constitution: Constitution, question: Question, counts: Counts) -> Iterator[Support]:
    """The support for each answer except abstaining, by practices and by the CCG's other measure."""
    for unit in Unit:
        if unit is Unit.WEIGHT and counts.eligible.weight is None:
            continue
        adds_up = unit is Unit.PRACTICES or _is_exact(constitution)
        for group, label in zip(question.groups, question.answers, strict=True):
            if group != ABSTAIN:
                numbers = counts.part(unit, group), counts.turnout(unit), counts.eligible.of(unit)
                yield Support(measure_of(constitution, unit), label, *numbers, adds_up)


def sum_support(of_ccgs: Sequence[tuple[str, Iterable[Support]]]) -> Iterator[TotalSupport]:
    """Add up CCGs for each answer, by practices and by patients. Bands of different CCGs are not added up."""
    every = [(ccg, list(found)) for ccg, found in of_ccgs]
    kinds = dict.fromkeys((each.measure, each.answer) for _, found in every for each in found if each.adds_up)
    for measure, answer in kinds:
        counted: list[tuple[str, int, int, int]] = []
        for ccg, found in every:
            for each in found:
                same = each.adds_up and (each.measure, each.answer) == (measure, answer)
                if same and each.number is not None:
                    counted.append((ccg, each.number, each.returned or 0, each.eligible or 0))
        there = tuple(ccg for ccg, *_ in counted)
        sums = [sum(numbers) for numbers in list(zip(*counted, strict=True))[1:]] if counted else [None] * 3
        missing = tuple(ccg for ccg, _ in every if ccg not in there)
        number, returned, eligible = sums
        yield TotalSupport(Support(measure, answer, number, returned, eligible), there, missing)


def _share(part: int | None, base: int | None) -> CountedShare | None:
    return CountedShare(part, base) if part is not None and base else None


@dataclass(frozen=True, slots=True)
class TableRow:
    """`group` is the name in the counts, `label` the words of the answer; None means not counted in that measure."""

    group: str
    label: str
    numbers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class CountsTable:
    """One row for each group of voters; `units` are the columns."""

    units: tuple[Unit, ...]
    rows: tuple[TableRow, ...]


def tell_counts(question: Question, counts: Counts) -> CountsTable:
    """The table of one question: eligible, each answer in order, returned, not returned."""
    units = tuple(unit for unit in Unit if counts.eligible.of(unit) is not None)
    rows = [TableRow("eligible", "Eligible", _of(counts.eligible, units))]
    rows += [
        TableRow(group, label, tuple(counts.part(unit, group) for unit in units))
        for group, label in zip(question.groups, question.answers, strict=True)
    ]
    rows.append(TableRow("returned", "Returned", tuple(counts.turnout(unit) for unit in units)))
    rows.append(TableRow(NOT_RETURNED, "Not returned", tuple(counts.part(unit, NOT_RETURNED) for unit in units)))
    return CountsTable(units, tuple(rows))


def read_counts(value: Mapping[str, Json], question: Question) -> Counts:
    """Read the counts in decision.json. Raises InvalidCounts, or another error for values no decision can have."""
    groups = {**value, **value.get("options", {})}
    localities = {name: read_counts(part, question) for name, part in value.get("localities", {}).items()}
    returned = _measure(value["returned"]) if "returned" in value else None
    answers = {group: _measure(groups[group]) for group in question.groups}
    return Counts(_measure(value["eligible"]), answers, returned, localities, value.get("casting_vote"))


def _measure(value: Mapping[str, Json]) -> Measure:
    return Measure(value.get(Unit.PRACTICES.value), value.get(Unit.WEIGHT.value))


def _of(measure: Measure, units: tuple[Unit, ...]) -> tuple[int | None, ...]:
    return tuple(measure.of(unit) for unit in units)
