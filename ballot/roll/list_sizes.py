"""`gp-reg-pat-prac-all.csv` of NHS Digital: how many patients are registered with each practice, on one day.

Two headers are known: the one with CCG_CODE and, since 2022, the one with SUB_ICB_LOCATION_CODE. The file lists every
code with patients, members or not: who is a member is said by `epraccur`. The day is spelled in several ways over the
years; one file has one day. Months are compared with our own table, never with those of the computer's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ballot.roll.cells import parse_list_size
from ballot.roll.codes import parse_practice
from ballot.roll.membership import Seen, is_first
from ballot.roll.problems import Problems, RollReason, listed, refusal, shown
from ballot.roll.rows import Row, Rows, check_width, folded
from ballot.roll.text import Text

_HEADER = "PUBLICATION,EXTRACT_DATE,TYPE,{0}_CODE,ONS_{0}_CODE,CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS"
HEADERS = tuple(tuple(_HEADER.format(area).split(",")) for area in ("CCG", "SUB_ICB_LOCATION"))
_PUBLICATION, _DATE, _TYPE, _CCG, _CODE, _SEX, _AGE, _PATIENTS = 0, 1, 2, 3, 5, 7, 8, 9
_FIXED = {_PUBLICATION: "GP_PRAC_PAT_LIST", _TYPE: "GP", _SEX: "ALL", _AGE: "ALL"}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH_NAMED = re.compile(r"([0-9]{2})(-?)([A-Z]{3})\2([0-9]{4}|(?<=-)[0-9]{2})")


@dataclass(frozen=True, slots=True)
class ListSizes:
    """Registered patients by practice on the day of the extract; `ccgs` maps each practice to its CCG in this file."""

    sizes: Mapping[str, int]
    extract_date: date
    ccgs: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    notes: tuple[str, ...] = ()


def list_sizes_of_text(text: Text) -> ListSizes:
    """Read the list sizes from decoded text.

    (1) The header is one of the two. (2) Every row has 10 cells and counts all patients of a GP practice. (3) All rows
    have one day. (4) Every code appears once, with a whole number of patients.
    """
    problems = Problems(text.file)
    rows = Rows(text, problems)
    found = iter(rows)
    header = next(found, None)
    if header is not None and not is_header(header.cells):
        sentence = (
            f"the header of gp-reg-pat-prac-all.csv was expected; this one has: {listed(list(header.cells), 20)}."
        )
        problems.add(header.line, None, RollReason.MISSING_COLUMN, sentence)
    problems.check()
    sizes: dict[str, int] = {}
    ccgs: dict[str, str] = {}
    days: dict[date, int] = {}
    seen: Seen = {}
    for row in found:
        if not check_width(row, len(HEADERS[0]), problems, "as in the header") or not _is_total(row, problems):
            continue
        _note_day(row, days, problems)
        practice = parse_practice(row.cells[_CODE], row.line, "CODE", problems)
        size = parse_list_size(row.cells[_PATIENTS], row.line, "NUMBER_OF_PATIENTS", problems)
        if practice is not None and is_first(practice, row.cells[_CCG], row.line, "CODE", seen, problems):
            sizes[practice] = size or 0  # A problem is recorded already, so the size does not matter
            ccgs[practice] = row.cells[_CCG]
    problems.check()
    if not sizes:
        raise refusal(text.file, rows.last_line, RollReason.EMPTY, "the file has no list of any practice.")
    return ListSizes(sizes, next(iter(days)), ccgs, text.file, rows.notes)


def is_header(cells: Sequence[str]) -> bool:
    """Whether these are the columns of a known generation, in any spelling."""
    names = tuple(folded(cell) for cell in cells)
    return any(names == tuple(folded(name) for name in header) for header in HEADERS)


def parse_extract_date(cell: str) -> date | None:
    """The day in any spelling the series uses: 01JAN2021, 01Jan2022, 2026-04-01, 01-Apr-17, 01-Apr-2017."""
    try:
        if found := _YEAR_FIRST.fullmatch(cell):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if (found := _MONTH_NAMED.fullmatch(cell.upper())) and found[3] in _MONTHS:
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
            return date(year, _MONTHS.index(found[3]) + 1, int(found[1]))
    except ValueError:  # 31 February
        return None
    return None


def _note_day(row: Row, days: dict[date, int], problems: Problems) -> None:
    """Remember the day of the first row that has one. Any other day is a problem."""
    day = parse_extract_date(row.cells[_DATE])
    if day is None:
        sentence = (
            f"{shown(row.cells[_DATE])} is not a day as this file spells it; one such as 01APR2020, 01-Apr-20 or "
            "2020-04-01 was expected. All in numbers, day and month could be mistaken for each other."
        )
        problems.add(row.line, "EXTRACT_DATE", RollReason.DATE, sentence)
        return
    if not days:
        days[day] = row.line
    elif day not in days:
        first, line = next(iter(days.items()))
        sentence = f"{day} was found where {first} was expected, as on line {line}: lists of one day belong together."
        problems.add(row.line, "EXTRACT_DATE", RollReason.DATE, sentence)


def _is_total(row: Row, problems: Problems) -> bool:
    """Whether the row counts all patients of a practice, rather than one sex or age, or a CCG."""
    wrong = [place for place, word in _FIXED.items() if row.cells[place] != word]
    for place in wrong:
        sentence = f"{shown(row.cells[place])} was found; {_FIXED[place]} was expected, a total for each practice."
        problems.add(row.line, HEADERS[0][place], RollReason.WRONG_FILE, sentence)
    return not wrong
