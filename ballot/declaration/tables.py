"""Counts with the labels of the paper: a row for each answer, a column for each measure that was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.constitution.counts import NOT_RETURNED, Counts, Measure
from ballot.constitution.question import Question
from ballot.constitution.rule import Unit
from ballot.protocol.canonical import Json


@dataclass(frozen=True, slots=True)
class Row:
    """`group` is the word of the counts, `label` what the paper calls it; None: not counted in that measure."""

    group: str
    label: str
    numbers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`units` are the columns."""

    units: tuple[Unit, ...]
    rows: tuple[Row, ...]


def tell_counts(question: Question, counts: Counts) -> Table:
    """The eligible, each answer in the order of the paper, the returned, and those that did not."""
    units = tuple(unit for unit in Unit if counts.eligible.of(unit) is not None)
    rows = [Row("eligible", "Eligible", _of(counts.eligible, units))]
    rows += [
        Row(group, label, tuple(counts.part(unit, group) for unit in units))
        for group, label in zip(question.groups, question.answers, strict=True)
    ]
    rows.append(Row("returned", "Returned", tuple(counts.turnout(unit) for unit in units)))
    rows.append(Row(NOT_RETURNED, "Not returned", tuple(counts.part(unit, NOT_RETURNED) for unit in units)))
    return Table(units, tuple(rows))


def read_counts(value: Mapping[str, Json], question: Question) -> Counts:
    """The counts as decision.json has them; raises InvalidCounts, or another error for what no decision says."""
    groups = {**value, **value.get("options", {})}
    localities = {name: read_counts(part, question) for name, part in value.get("localities", {}).items()}
    returned = _measure(value["returned"]) if "returned" in value else None
    answers = {group: _measure(groups[group]) for group in question.groups}
    return Counts(_measure(value["eligible"]), answers, returned, localities)


def _measure(value: Mapping[str, Json]) -> Measure:
    return Measure(value.get(Unit.PRACTICES.value), value.get(Unit.WEIGHT.value))


def _of(measure: Measure, units: tuple[Unit, ...]) -> tuple[int | None, ...]:
    return tuple(measure.of(unit) for unit in units)
