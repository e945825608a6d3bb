"""`epraccur.csv` of the Organisation Data Service: who is a member of which CCG.

27 columns and no header. A member is an organisation with status A (active), prescribing setting 4 (GP practice) and
one of our CCGs as commissioner (column 15; the provider in column 24 is something else). The file has no list sizes,
no representatives and no addresses: lists come from `list_sizes` by way of `join`.

Every row must be whole and every code stand once. What only concerns organisations of other CCGs is not judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from ballot.record.roll_cells import is_ccg_code
from ballot.roll.cells import parse_name
from ballot.roll.codes import check_ccgs, damage, parse_practice, spreadsheet_number
from ballot.roll.member import Member, Roll, ordered
from ballot.roll.membership import Seen, check_every_ccg, is_first
from ballot.roll.problems import Problems, Reason, counted, listed, note, shown
from ballot.roll.rows import Row, Rows, check_width
from ballot.roll.text import Text, read_text

WIDTH = 27
_CODE, _NAME, _STATUS, _COMMISSIONER, _SETTING = 0, 1, 12, 14, 25
_COLUMNS = {
    _CODE: "1 (organisation code)",
    _NAME: "2 (name)",
    _STATUS: "13 (status)",
    _COMMISSIONER: "15 (commissioner)",
    _SETTING: "26 (prescribing setting)",
}
_ACTIVE, _GP_PRACTICE = "A", "4"
_STATUSES = {"A": "active", "C": "closed", "D": "dormant", "P": "proposed"}


def read_epraccur(data: bytes, file: str, ccgs: Sequence[str]) -> Roll:
    """The active GP practices of these CCGs, without lists. Raises: InvalidRoll, with everything that is wrong."""
    ccgs = check_ccgs(ccgs)
    return roll_of_text(read_text(data, file), ccgs)


def roll_of_text(text: Text, ccgs: tuple[str, ...]) -> Roll:
    """The same, once the file is text.

    (1) every row has 27 cells, (2) its code is an organisation's and stands once, (3) its commissioner is a code, not
    what a spreadsheet made of one, (4) a GP practice of our CCGs has a known status, and, where active, a good name.
    """
    problems = Problems(text.file)
    rows = Rows(text, problems)
    members: list[Member] = []
    left_out: list[str] = []
    others = 0
    seen: Seen = {}
    for row in rows:
        if not check_width(row, WIDTH, problems, "as in every epraccur.csv"):
            continue
        _check_codes(row, ccgs, seen, problems)
        if row.cells[_COMMISSIONER] not in ccgs:
            continue
        if row.cells[_SETTING] != _GP_PRACTICE:
            others += _is_active_other(row, problems)
        elif row.cells[_STATUS] == _ACTIVE:
            members += _member(row, problems)
        elif row.cells[_STATUS] not in _STATUSES:
            sentence = f"{shown(row.cells[_STATUS])} is not a status; one of {', '.join(_STATUSES)} was expected."
            problems.add(row.line, _COLUMNS[_STATUS], Reason.STATUS, sentence)
        elif row.cells[_STATUS] != "C":
            left_out.append(f"{row.cells[_CODE]} ({_STATUSES[row.cells[_STATUS]]})")
    check_every_ccg(members, ccgs, _COLUMNS[_COMMISSIONER], rows.last_line, problems)
    problems.check()
    return Roll(ccgs, ordered(members, ccgs), (*rows.notes, *_notes(text.file, left_out, others)), text.file)


def _notes(file: str, left_out: list[str], others: int) -> list[str]:
    notes = []
    if others:
        what = counted(others, "active organisation")
        notes.append(note(file, f"{what} of these CCGs left out, the setting not being {_GP_PRACTICE} (GP practice)."))
    if left_out:
        what = counted(len(left_out), "GP practice")
        notes.append(note(file, f"{what} of these CCGs left out as not active: {listed(left_out, most=30)}."))
    return notes


def _check_codes(row: Row, ccgs: tuple[str, ...], seen: Seen, problems: Problems) -> None:
    """Steps 2 and 3, for every row of the country: a damaged code anywhere means a damaged file."""
    commissioner = row.cells[_COMMISSIONER]
    practice = parse_practice(row.cells[_CODE], row.line, _COLUMNS[_CODE], problems)
    if practice is not None:
        is_first(practice, commissioner, row.line, _COLUMNS[_CODE], seen, problems)
    if commissioner and not is_ccg_code(commissioner):
        problems.add(row.line, _COLUMNS[_COMMISSIONER], *_not_a_commissioner(commissioner, ccgs))


def _not_a_commissioner(cell: str, ccgs: tuple[str, ...]) -> tuple[Reason, str]:
    if spreadsheet_number(cell) is not None:
        return Reason.SPREADSHEET, damage(cell, ccgs)
    return (
        Reason.CCG_CODE,
        f"{shown(cell)} is not a commissioner's code; 3 or 5 capital letters and digits were expected.",
    )


def _is_active_other(row: Row, problems: Problems) -> bool:
    """Whether an organisation that is not a GP practice is active. Its setting must be a number all the same."""
    setting = row.cells[_SETTING]
    if not (setting.isascii() and setting.isdigit() and len(setting) <= 3):
        sentence = f"{shown(setting)} is not a prescribing setting; a number was expected, 4 for a GP practice."
        problems.add(row.line, _COLUMNS[_SETTING], Reason.SETTING, sentence)
    return row.cells[_STATUS] == _ACTIVE


def _member(row: Row, problems: Problems) -> list[Member]:
    name = parse_name(row.cells[_NAME], row.line, _COLUMNS[_NAME], problems)
    if name is None:
        return []
    return [Member(row.cells[_COMMISSIONER], row.cells[_CODE], name, None, line=row.line)]
