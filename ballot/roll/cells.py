"""One cell at a time: names and whole numbers. A cell is accepted as it stands or refused; nothing is guessed."""

from __future__ import annotations

import re
import unicodedata

from ballot.record.public_roll import LONGEST_NAME, NameFault, name_fault, unprintable
from ballot.roll.problems import Problems, RollReason, shown

_WHOLE = re.compile(r"0|[1-9][0-9]{0,6}")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_LARGEST = 9_999_999


def parse_name(cell: str, line: int, column: str, problems: Problems) -> str | None:
    """A name that can be printed, mailed and opened in a spreadsheet; otherwise None and a problem.

    A name that begins like a formula is refused, not quoted. Rolls are edited in spreadsheets, where a protective
    quotation mark would become part of the name.
    """
    fault = name_fault(cell)
    if fault is None:
        return cell
    if fault is NameFault.FORMULA:
        sentence = f"{shown(cell)} begins with {shown(cell[0])}, which a spreadsheet would run as a formula."
        problems.add(line, column, RollReason.FORMULA, sentence)
    else:
        problems.add(line, column, RollReason.NAME, _why_no_name(cell, fault))
    return None


def _why_no_name(cell: str, fault: NameFault) -> str:
    if fault is NameFault.EMPTY:
        return "the cell is empty; a name was expected."
    if fault is NameFault.TOO_LONG:
        return f"the name has {len(cell)} characters; at most {LONGEST_NAME} are expected."
    bad = unprintable(cell) or ""
    name = unicodedata.name(bad, "a control character")
    return f"{shown(cell)} has a character that does not print, U+{ord(bad):04X} ({name})."


def parse_list_size(cell: str, line: int, column: str, problems: Problems) -> int | None:
    """Registered patients as a plain whole number, or None and a problem."""
    return _whole(cell, line, column, problems, "a whole number of patients such as 12345 was expected.")


def parse_number(cell: str, line: int, column: str, problems: Problems) -> int | None:
    """What a rule counts in place of patients, as a plain whole number; or None and a problem."""
    expected = "a whole number such as 300 was expected."
    if _DECIMAL.fullmatch(cell):
        expected += " Of 12.5 and the like, write tenths in every row, such as 125; the rule then counts tenths."
    return _whole(cell, line, column, problems, expected)


def _whole(cell: str, line: int, column: str, problems: Problems, expected: str) -> int | None:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    problems.add(line, column, RollReason.LIST_SIZE, f"{shown(cell)} {_why_not_whole(cell)}; {expected}")
    return None


def _why_not_whole(cell: str) -> str:
    reasons = (
        (r"", "is empty"),
        (r"[0-9]{1,3}([, '][0-9]{3})+", "has a thousands separator"),
        (_DECIMAL, "is not whole, perhaps an average"),
        (r"[-\u2212][0-9]+", "is negative"),
        (r"[0-9.,]+[Ee][+-]?[0-9]+", "is a spreadsheet's way of writing a large number"),
        (r"0[0-9]+", "begins with a zero"),
        (r"[0-9]+", f"is more than {_LARGEST}"),
    )
    return next((why for form, why in reasons if re.fullmatch(form, cell)), "is not a number")
