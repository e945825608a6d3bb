"""ODS codes: text, never numbers, in capitals, and what spreadsheets make of them.

A practice's code is six characters: usually a letter and five digits (P81002, Y02854), sometimes three letters and
three digits (GUE010). A CCG's is three (01E) or, since the mergers of 2020, five (X2C4Y). A spreadsheet reads 01E as
the number 1 and writes it back as 1.0, 1E+00 or 1: such a cell is refused, and the code it may have been is named.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from ballot.record.public_roll import is_ccg_code, is_practice_code
from ballot.roll.problems import Problems, RollReason, listed, shown

_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,9}))?(?:[Ee]([+-]?)([0-9]{1,3}))?")
_READ_AS_NUMBER = re.compile(r"([0-9]+)(?:E([0-9]+))?E?")


def check_ccgs(ccgs: Sequence[str]) -> tuple[str, ...]:
    """Check the CCG codes for a roll. Raises: ValueError, because they come from a caller and not from a file."""
    if isinstance(ccgs, str) or not ccgs:
        raise ValueError("a roll is read for a list of at least one CCG")
    for ccg in ccgs:
        if not is_ccg_code(ccg):
            raise ValueError(f"{ccg!r} is not a CCG code of 3 or 5 capital letters and digits")
    if len(set(ccgs)) != len(ccgs):
        raise ValueError("a CCG is listed twice")
    return tuple(ccgs)


def parse_practice(cell: str, line: int, column: str, problems: Problems) -> str | None:
    """A practice's ODS code, or None and a problem."""
    if is_practice_code(cell):
        return cell
    expected = "an ODS code of 6 characters such as P81002 was expected"
    if is_practice_code(cell.upper()) and cell.isascii():
        sentence = f"{shown(cell)} is in small letters; {cell.upper()} was expected. Codes are not changed for you."
    elif not cell:
        sentence = f"the cell is empty; {expected}."
    elif spreadsheet_number(cell) is not None:
        sentence = f"{shown(cell)} is a number; {expected}."
    else:
        sentence = f"{shown(cell)} is not a practice's code; {expected}."
    problems.add(line, column, RollReason.PRACTICE_CODE, sentence)
    return None


def parse_ccg(cell: str, ccgs: Sequence[str], line: int, column: str, problems: Problems) -> str | None:
    """One of the roll's CCGs, or None and a problem."""
    if cell in ccgs:
        return cell
    expected = f"one of {listed(list(ccgs))} was expected"
    number = spreadsheet_number(cell)
    if number is not None and (not is_ccg_code(cell) or damaged_from(number, ccgs)):
        problems.add(line, column, RollReason.SPREADSHEET, damage(cell, ccgs))
    elif cell.isascii() and cell.upper() in ccgs:
        sentence = f"{shown(cell)} is in small letters; {cell.upper()} was expected. Codes are not changed for you."
        problems.add(line, column, RollReason.CCG_CODE, sentence)
    elif is_ccg_code(cell):
        problems.add(line, column, RollReason.UNKNOWN_CCG, f"{shown(cell)} is not a CCG of this roll; {expected}.")
    else:
        what = f"{shown(cell)} is not a CCG's code" if cell else "the cell is empty"
        problems.add(line, column, RollReason.CCG_CODE, f"{what}; {expected}.")
    return None


def damage(cell: str, ccgs: Sequence[str]) -> str:
    """A sentence for a cell that a spreadsheet turned into a number."""
    number = spreadsheet_number(cell)
    candidates = [] if number is None else damaged_from(number, ccgs)
    of = f"the code {' or '.join(candidates[:3])}" if candidates else "a code"
    return (
        f"{shown(cell)} looks like a spreadsheet's reading of {of}. Take the file as it was downloaded, "
        "or give the column the format Text before the codes are put in."
    )


def damaged_from(number: Fraction, ccgs: Sequence[str]) -> list[str]:
    """The listed codes that a spreadsheet would read as this number."""
    return [ccg for ccg in ccgs if _reading(ccg) == number]


def spreadsheet_number(cell: str) -> Fraction | None:
    """The value of a cell in any spreadsheet notation: 1.0, 1,00E+00, 1E5, 12."""
    found = _NUMBER.fullmatch(cell)
    if not found:
        return None
    whole, decimals, sign, exponent = found.groups()
    scale: int = 10 ** len(decimals or "")
    mantissa = Fraction(int(whole + (decimals or "")), scale)
    power: int = 10 ** int(exponent or "0")
    return mantissa / power if sign == "-" else mantissa * power


def _reading(code: str) -> Fraction | None:
    """The number that a spreadsheet reads in a code: 01E is 1, 5E1 is 50, 012 is 12. 00Q stays text, so None."""
    found = _READ_AS_NUMBER.fullmatch(code)
    if not found:
        return None
    digits, exponent = found.groups()
    return Fraction(int(digits) * 10 ** int(exponent or "0"))
