"""Codes in a roll: text, never numbers, in capitals, and what spreadsheets make of them.

`ballot.constitution.codes` says what a code is. A spreadsheet reads 01E as the number 1 and writes it back as 1.0,
1E+00 or 1: such a cell is refused, and the code it may have been is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from ballot.constitution.codes import DEFAULT_CODES, EXPECTED, CodeKind, code_fault, first_alike, has_form, is_code
from ballot.roll.member import Member
from ballot.roll.problems import Problems, RollReason, listed, shown

_NUMBER = re.compile(r"([0-9]{1,9})(?:[.,]([0-9]{1,9}))?(?:[Ee]([+-]?)([0-9]{1,3}))?")
_READ_AS_NUMBER = re.compile(r"([0-9]+)(?:E([0-9]+))?E?")


def check_ccgs(ccgs: Sequence[str], kind: CodeKind = DEFAULT_CODES.body) -> tuple[str, ...]:
    """Check the CCG codes for a roll. Raises: ValueError, because they come from a caller and not from a file."""
    if isinstance(ccgs, str) or not ccgs:
        raise ValueError("a roll is read for a list of at least one CCG")
    for ccg in ccgs:
        if (fault := code_fault(ccg, kind)) is not None:
            raise ValueError(f"{ccg!r} {fault}")
    if len(set(ccgs)) != len(ccgs):
        raise ValueError("a CCG is listed twice")
    return tuple(ccgs)


def parse_practice(
    cell: str, line: int, column: str, problems: Problems, kind: CodeKind = DEFAULT_CODES.member
) -> str | None:
    """A member's code, or None and a problem."""
    fault = code_fault(cell, kind)
    if fault is None:
        return cell
    expected = f"{EXPECTED[kind]} was expected"
    if is_code(cell.upper(), kind) and cell.isascii():
        sentence = f"{shown(cell)} is in small letters; {cell.upper()} was expected. Codes are not changed for you."
    elif not cell:
        sentence = f"the cell is empty; {expected}."
    elif spreadsheet_number(cell) is not None:
        sentence = f"{shown(cell)} is a number; {expected}."
    else:
        whose = "practice" if kind is CodeKind.GP_PRACTICE else "member"
        why = fault if has_form(cell, kind) else f"is not a {whose}'s code; {expected}"
        sentence = f"{shown(cell)} {why}."
    problems.add(line, column, RollReason.PRACTICE_CODE, sentence)
    return None


def parse_ccg(cell: str, ccgs: Sequence[str], line: int, column: str, problems: Problems) -> str | None:
    """One of the roll's CCGs, or None and a problem."""
    if cell in ccgs:
        return cell
    expected = f"one of {listed(list(ccgs))} was expected"
    number = spreadsheet_number(cell)
    if number is not None and (not _is_body(cell) or damaged_from(number, ccgs)):
        problems.add(line, column, RollReason.SPREADSHEET, damage(cell, ccgs))
    elif cell.isascii() and cell.upper() in ccgs:
        sentence = f"{shown(cell)} is in small letters; {cell.upper()} was expected. Codes are not changed for you."
        problems.add(line, column, RollReason.CCG_CODE, sentence)
    elif _is_body(cell):
        problems.add(line, column, RollReason.UNKNOWN_CCG, f"{shown(cell)} is not a CCG of this roll; {expected}.")
    else:
        what = f"{shown(cell)} is not a CCG's code" if cell else "the cell is empty"
        problems.add(line, column, RollReason.CCG_CODE, f"{what}; {expected}.")
    return None


def _is_body(cell: str) -> bool:
    return is_code(cell, CodeKind.ODS) or is_code(cell, CodeKind.OWN)


def check_not_alike(members: Iterable[Member], ccgs: Sequence[str], column: str, problems: Problems) -> None:
    """Two codes that a reader may take for one another are a problem."""
    lines = {member.practice: member.line for member in members}
    if (alike := first_alike([*ccgs, *lines])) is not None:
        first, second = alike
        sentence = (
            f"{second} looks like {first}: O and 0 look alike, so do I, L and 1, and hyphens are overlooked. Give one "
            "of them another code."
        )
        problems.add(lines.get(second, 1), column, RollReason.ALIKE, sentence)


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
