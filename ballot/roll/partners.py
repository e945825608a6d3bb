"""`epcncorepartnerdetails.csv` of the Organisation Data Service: which practice is a core partner of which PCN.

11 columns, with or without a header; also the sheet "PCN Core Partner Details" of ePCN.xlsx, saved as CSV:

    1 partner's code   2 its name   3, 4 its sub-ICB location   5 PCN code   6 PCN name   7, 8 that of the PCN
    9 start of the relation   10 its end, empty while it lasts   11 whether the two locations match

A partner is a core partner if its relation has begun on the day on which voting opens, and has not ended before. The
file does not say what is an active GP practice: that comes from `epraccur`, and so does the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ballot.constitution.codes import CodeKind, is_code
from ballot.roll.problems import Problems, RollReason, counted, listed, note, shown
from ballot.roll.rows import Row, Rows, ShortRows, check_width, folded
from ballot.roll.text import Text

WIDTH = 11
WIDTHS = (WIDTH, WIDTH - 1)
PCN_COLUMN = "pcn_code"
"""The column of localities in a rule that are PCNs."""
_PARTNER, _PCN, _START, _END = 0, 4, 8, 9
_COLUMNS = {
    _PARTNER: "1 (partner organisation code)",
    _PCN: "5 (PCN code)",
    _START: "9 (start of the relation)",
    _END: "10 (end of the relation)",
}
_NAMES = tuple(_COLUMNS.get(place, f"{place + 1}") for place in range(WIDTH))
_PCN_CODE = re.compile(r"U[0-9]{5}")
_DAY = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})(?: 00:00:00)?")


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which voting opens and closes."""

    opens: date
    closes: date


@dataclass(frozen=True, slots=True)
class Partners:
    """The PCN of each core partner on the day on which voting opens, all PCNs of the file, and notes."""

    file: str
    pcns: dict[str, str]
    known: frozenset[str]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Relation:
    line: int
    partner: str
    pcn: str
    start: date
    end: date | None

    def holds_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or self.end >= day)


def is_partners(cells: Sequence[str]) -> bool:
    """Whether a first row is one of this file: a relation, or the header."""
    return len(cells) in WIDTHS and (_is_header(cells) or _PCN_CODE.fullmatch(cells[_PCN]) is not None)


def partners_of_text(text: Text, days: Days) -> Partners:
    """Read the relations from decoded text. Raises: InvalidRoll.

    (1) Every row has 11 cells, or 10 without the last. (2) Codes are codes, undamaged by a spreadsheet. (3) Start and
    end are days, in this order. (4) No partner has two PCNs on the day on which voting opens.
    """
    problems = Problems(text.file)
    rows = Rows(text, problems)
    short = ShortRows(_NAMES, _NAMES[: WIDTH - 2])
    relations: list[_Relation] = []
    headers: list[str] = []
    for row in map(short.fill, rows):
        if not relations and not headers and not problems.total and _is_header(row.cells):
            headers.append(note(text.file, f"line {row.line} is a header, and was skipped."))
        elif check_width(row, WIDTH, problems, "as in every epcncorepartnerdetails.csv"):
            relations += _relation(row, problems)
    current: dict[str, _Relation] = {}
    for one in relations:
        if one.holds_on(days.opens) and (first := current.setdefault(one.partner, one)).pcn != one.pcn:
            sentence = (
                f"{one.partner} is a core partner of {one.pcn} here and of {first.pcn} on line {first.line}, both on "
                f"{days.opens}; one PCN was expected. Ask the Organisation Data Service which relation has ended, and "
                "give that one its end."
            )
            problems.add(one.line, _COLUMNS[_PCN], RollReason.PRACTICE_TWICE, sentence)
    problems.check()
    pcns = {partner: relation.pcn for partner, relation in current.items()}
    notes = (*rows.notes, *headers, *short.notes(text.file), *_notes(text.file, relations, pcns, days))
    return Partners(text.file, pcns, frozenset(relation.pcn for relation in relations), notes)


def notes_on_leavers(partners: Partners, ccgs: Sequence[str], members: Sequence[str], why: dict[str, str]) -> list[str]:
    """Which core partners of these PCNs are not members, each with the reason from epraccur."""
    out = sorted(partner for partner, pcn in partners.pcns.items() if pcn in ccgs and partner not in members)
    if not out:
        return []
    reasons = [f"{partner} ({partners.pcns[partner]}, {why.get(partner, 'not in that file')})" for partner in out]
    what = f"{counted(len(out), 'core partner')} left out, by epraccur.csv not an active GP practice"
    return [note(partners.file, f"{what}: {listed(reasons, most=30)}.")]


def _is_header(cells: Sequence[str]) -> bool:
    return len(cells) > _PCN and folded(cells[_PARTNER]).endswith("code") and folded(cells[_PCN]) == "pcncode"


def _relation(row: Row, problems: Problems) -> list[_Relation]:
    before = problems.total
    partner, pcn = row.cells[_PARTNER], row.cells[_PCN]
    if not is_code(partner, CodeKind.ODS):
        sentence = f"{shown(partner)} is not the code of an organisation; one such as P81002 was expected."
        problems.add(row.line, _COLUMNS[_PARTNER], RollReason.PRACTICE_CODE, sentence)
    if not _PCN_CODE.fullmatch(pcn):
        sentence = f"{shown(pcn)} is not the code of a PCN; U and five digits, such as U12345, were expected."
        problems.add(row.line, _COLUMNS[_PCN], RollReason.CCG_CODE, sentence)
    start = _day(row, _START, problems)
    end = _day(row, _END, problems) if row.cells[_END] else None
    if start is not None and end is not None and end < start:
        sentence = f"the relation ends on {end}, before it starts on {start}; a later end was expected."
        problems.add(row.line, _COLUMNS[_END], RollReason.DATE, sentence)
    if problems.total > before or start is None:
        return []
    return [_Relation(row.line, partner, pcn, start, end)]


def _day(row: Row, place: int, problems: Problems) -> date | None:
    found = _DAY.fullmatch(row.cells[place])
    try:
        if found is not None:
            return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        pass
    sentence = f"{shown(row.cells[place])} is not a day; one such as 20200701 or 2020-07-01 was expected."
    problems.add(row.line, _COLUMNS[place], RollReason.DATE, sentence)
    return None


def _notes(file: str, relations: Sequence[_Relation], pcns: dict[str, str], days: Days) -> list[str]:
    ended = sum(relation.end is not None and relation.end < days.opens for relation in relations)
    notes = [note(file, f"{counted(ended, 'relation')} that ended before {days.opens} not used.")] if ended else []
    moving = [
        f"{one.partner} {f'leaves {one.pcn}' if one.start <= days.opens else f'joins {one.pcn}'} on "
        f"{one.end if one.start <= days.opens else one.start}"
        for one in relations
        if (one.holds_on(days.opens) and one.end is not None and one.end < days.closes)
        or days.opens < one.start <= days.closes
    ]
    if moving:
        what = f"changes while voting is open; who is a partner on {days.opens} votes"
        notes.append(note(file, f"{what}: {listed(moving, most=30)}."))
    return notes
