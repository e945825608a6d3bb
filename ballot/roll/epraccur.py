"""`epraccur.csv` of the Organisation Data Service: who is a member of which CCG.

27 columns, usually without a header. A member is an active GP practice with one of our CCGs as commissioner (column
15; the provider in column 24 is something else). Two generations say so in two ways, and both are read:

    column                       the quarterly file, until 2025     the export of today
    13 (status)                  A, C, D, P                         ACTIVE, INACTIVE, DORMANT, PROPOSED
    26 (prescribing setting)     a number, 4 for a GP practice      codes of roles, several joined by |, RO76 for one

The file has no list sizes, no representatives and no addresses: lists come from `list_sizes` by way of `join`.

Every row must be whole and every code stand once. What only concerns organisations of other CCGs is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ballot.constitution.codes import EXPECTED, CodeKind, is_code
from ballot.roll.cells import parse_name
from ballot.roll.codes import damage, parse_practice, spreadsheet_number
from ballot.roll.member import Member, Roll, ordered
from ballot.roll.membership import Seen, check_every_ccg, garbled_names, is_first
from ballot.roll.partners import Partners, notes_on_leavers
from ballot.roll.problems import Problems, RollReason, counted, listed, note, shown
from ballot.roll.rows import Row, Rows, ShortRows, check_width, folded
from ballot.roll.text import Text

WIDTH = 27
WIDTHS = (WIDTH, WIDTH - 1)
"""The last column is always empty, so a spreadsheet leaves it out."""

_CODE, _NAME, _STATUS, _COMMISSIONER, _SETTING = 0, 1, 12, 14, 25
_COLUMNS = {
    _CODE: "1 (organisation code)",
    _NAME: "2 (name)",
    _STATUS: "13 (status)",
    _COMMISSIONER: "15 (commissioner)",
    _SETTING: "26 (prescribing setting)",
}
_NEEDED = tuple(_COLUMNS.get(place, f"{place + 1}") for place in range(WIDTH - 1))
_STATUSES = {"A": "active", "C": "closed", "D": "dormant", "P": "proposed"}
_WORDS = {"ACTIVE": "active", "INACTIVE": "closed", "CLOSED": "closed", "DORMANT": "dormant", "PROPOSED": "proposed"}
_ACTIVE, _CLOSED = "active", "closed"
_WAITING = ("dormant", "proposed")
_GP_SETTING, _GP_ROLE = "4", "RO76"
_SETTINGS = re.compile(r"[0-9]{1,3}|RO[0-9]{1,5}(?: *\| *RO[0-9]{1,5})*")


def roll_of_text(text: Text, ccgs: tuple[str, ...], partners: Partners | None = None) -> Roll:
    """Read the members from decoded text. With `partners`, the bodies are their PCNs and not commissioners.

    (1) Every row has 27 cells, or 26 without the last. (2) Its code is an organisation's and appears once. (3) Its
    commissioner is a code, undamaged by a spreadsheet. (4) A GP practice of our CCGs has a known status, and if active,
    a good name.
    """
    problems = Problems(text.file)
    rows = Rows(text, problems)
    members: list[Member] = []
    why: dict[str, str] = {}
    others = 0
    seen: Seen = {}
    short = ShortRows(tuple(_COLUMNS.get(place, f"{place + 1}") for place in range(WIDTH)), _NEEDED)
    headers: list[str] = []
    for row in map(short.fill, rows):
        if not headers and not seen and is_header(row.cells):
            headers.append(note(text.file, f"line {row.line} is a header, and was skipped."))
            continue
        if not check_width(row, WIDTH, problems, "as in every epraccur.csv"):
            continue
        _check_codes(row, ccgs, seen, problems)
        body = row.cells[_COMMISSIONER] if partners is None else partners.pcns.get(row.cells[_CODE])
        if body not in ccgs:
            continue
        status = _STATUSES.get(row.cells[_STATUS]) or _WORDS.get(row.cells[_STATUS].upper())
        if not _is_gp_practice(row, status, problems):
            others += status == _ACTIVE
            why[row.cells[_CODE]] = "no GP practice"
        elif status == _ACTIVE:
            members += _member(row, body, problems)
        elif status is None:
            problems.add(row.line, _COLUMNS[_STATUS], RollReason.STATUS, _no_status(row.cells[_STATUS]))
        else:
            why[row.cells[_CODE]] = status
    column = _COLUMNS[_COMMISSIONER] if partners is None else _COLUMNS[_CODE]
    check_every_ccg(members, ccgs, column, rows.last_line, problems)
    problems.check()
    everyone = ordered(members, ccgs)
    if partners is None:
        told = _notes(text.file, [f"{code} ({status})" for code, status in why.items() if status in _WAITING], others)
    else:
        told = notes_on_leavers(partners, ccgs, [member.practice for member in everyone], why)
    told += garbled_names(everyone, text.file)
    return Roll(ccgs, everyone, (*rows.notes, *headers, *short.notes(text.file), *told), text.file)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names the columns. A file saved by hand or exported from a search has such a header."""
    code, name = folded(cells[_CODE]), folded(cells[_NAME] if len(cells) > _NAME else "")
    status = folded(cells[_STATUS] if len(cells) > _STATUS else "")
    return code.endswith("code") and "name" in name and "status" in status


def _notes(file: str, left_out: list[str], others: int) -> list[str]:
    notes = []
    if others:
        what = counted(others, "active organisation")
        kind = f"{_GP_SETTING} or {_GP_ROLE} (GP practice)"
        notes.append(note(file, f"{what} of these CCGs left out, the setting not being {kind}."))
    if left_out:
        what = counted(len(left_out), "GP practice")
        notes.append(note(file, f"{what} of these CCGs left out as not active: {listed(left_out, most=30)}."))
    return notes


def _check_codes(row: Row, ccgs: tuple[str, ...], seen: Seen, problems: Problems) -> None:
    """Steps 2 and 3, for every row of the country: one damaged code means a damaged file."""
    commissioner = row.cells[_COMMISSIONER]
    practice = parse_practice(row.cells[_CODE], row.line, _COLUMNS[_CODE], problems)
    if practice is not None:
        is_first(practice, commissioner, row.line, _COLUMNS[_CODE], seen, problems)
    if commissioner and not is_code(commissioner, CodeKind.ODS):
        problems.add(row.line, _COLUMNS[_COMMISSIONER], *_not_a_commissioner(commissioner, ccgs))


def _not_a_commissioner(cell: str, ccgs: tuple[str, ...]) -> tuple[RollReason, str]:
    if spreadsheet_number(cell) is not None:
        return RollReason.SPREADSHEET, damage(cell, ccgs)
    return (
        RollReason.CCG_CODE,
        f"{shown(cell)} is not a commissioner's code; {EXPECTED[CodeKind.ODS]} was expected.",
    )


def _no_status(cell: str) -> str:
    words = ", ".join((*_STATUSES, *_WORDS))
    return f"{shown(cell)} is not a status; one of {words} was expected."


def _is_gp_practice(row: Row, status: str | None, problems: Problems) -> bool:
    """Whether the setting is a GP practice's. A closed organisation may have none; any other form is a problem."""
    cell = row.cells[_SETTING]
    if _SETTINGS.fullmatch(cell):
        return cell == _GP_SETTING or _GP_ROLE in (role.strip() for role in cell.split("|"))
    if cell or status != _CLOSED:
        sentence = (
            f"{shown(cell)} is not a prescribing setting; a number was expected, {_GP_SETTING} for a GP practice, or "
            f"codes of roles joined by |, {_GP_ROLE} for one."
        )
        problems.add(row.line, _COLUMNS[_SETTING], RollReason.SETTING, sentence)
    return False


def _member(row: Row, body: str, problems: Problems) -> list[Member]:
    name = parse_name(row.cells[_NAME], row.line, _COLUMNS[_NAME], problems)
    if name is None:
        return []
    return [Member(body, row.cells[_CODE], name, None, line=row.line)]
