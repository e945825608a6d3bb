"""The declaration as CSV: one line for each number, with everything needed to read it."""

from __future__ import annotations

from collections.abc import Iterator

from ballot.declaration.model import OUTCOMES, CcgResult, Declaration, QuestionResult
from ballot.declaration.support import CountsTable
from ballot.record.spreadsheets import write_spreadsheet

COLUMNS = (
    "programme",
    "ccg_ods_code",
    "ccg_name",
    "locality",
    "question",
    "outcome",
    "option",
    "measure",
    "group",
    "label",
    "number",
)
SUPPORT_COLUMNS = (
    "programme",
    "ccgs",
    "question",
    "measure",
    "answer",
    "number",
    "returned",
    "eligible",
    "not_counted_in",
)
TURNOUT_COLUMNS = ("programme", "ccg_ods_code", "ccg_name", "locality", "measure", "eligible", "returned")


def to_csv(declaration: Declaration) -> bytes:
    """Every count in every CCG and locality. An uncounted number is empty; an abandoned CCG has one line."""
    return write_spreadsheet(COLUMNS, _rows(declaration))


def support_csv(declaration: Declaration) -> bytes:
    """The level of support in each CCG, then over all of them."""
    return write_spreadsheet(SUPPORT_COLUMNS, _support(declaration))


def turnout_csv(declaration: Declaration) -> bytes:
    """Who voted, by CCG and locality. The first question serves for all, since turnout is the same for each."""
    return write_spreadsheet(TURNOUT_COLUMNS, _turnout(declaration))


def _rows(declaration: Declaration) -> Iterator[tuple[object, ...]]:
    id = declaration.programme.id
    for ccg in declaration.ccgs:
        if ccg.abandoned is not None:
            yield (id, ccg.ods, ccg.name, "", "", "Abandoned", "", "", "", "", "")
        for result in ccg.results:
            for locality, table in _tables(result):
                for row in table.rows:
                    for unit, number in zip(table.units, row.numbers, strict=True):
                        where = (id, ccg.ods, ccg.name, locality, result.question.id)
                        what = (OUTCOMES[result.outcome], result.option, unit.value, row.group, row.label, number)
                        yield (*where, *what)


def _support(declaration: Declaration) -> Iterator[tuple[object, ...]]:
    id = declaration.programme.id
    for ccg in declaration.ccgs:
        for result in ccg.results:
            for each in result.support:
                numbers = (each.number, each.returned, each.eligible)
                yield (id, ccg.ods, result.question.id, each.measure, each.answer, *numbers, "")
    for question, totals in declaration.support:
        for total in totals:
            each = total.support
            numbers = (each.number, each.returned, each.eligible)
            missing = " ".join(total.missing)
            yield (id, " ".join(total.ccgs), question.id, each.measure, each.answer, *numbers, missing)


def _turnout(declaration: Declaration) -> Iterator[tuple[object, ...]]:
    for ccg in declaration.ccgs:
        for result in ccg.results[:1]:
            for locality, table in _tables(result):
                yield from _turnout_of(declaration.programme.id, ccg, locality, table)


def _turnout_of(id: str, ccg: CcgResult, locality: str, table: CountsTable) -> Iterator[tuple[object, ...]]:
    by_group = {row.group: row.numbers for row in table.rows}
    for place, unit in enumerate(table.units):
        numbers = (by_group["eligible"][place], by_group["returned"][place])
        yield (id, ccg.ods, ccg.name, locality, unit.value, *numbers)


def _tables(result: QuestionResult) -> Iterator[tuple[str, CountsTable]]:
    yield "", result.table
    yield from result.localities
