"""The form of the cells of a roll: codes and names, the same for who reads a roll in and who audits it.

A code is told apart by its letters, so that no other letter may look like one of them: capitals A to Z and digits,
nothing before, between or behind. A name is printed, mailed and opened in a spreadsheet.
"""

from __future__ import annotations

import re
from enum import Enum

LONGEST_NAME = 200
_FORMULA = ("=", "+", "-", "@")
_PRACTICE = re.compile(r"[A-Z][A-Z0-9]{2}[0-9]{3}")
_CCG = re.compile(r"[A-Z0-9]{3}|[A-Z0-9]{5}")


class NameFault(Enum):
    """Why a name cannot stand in a roll, as the end of a sentence."""

    EMPTY = "is empty"
    TOO_LONG = f"has more than {LONGEST_NAME} characters"
    UNPRINTABLE = "has a character that does not print"
    FORMULA = "begins like a formula, which a spreadsheet would run"


def is_practice_code(code: str) -> bool:
    """Whether it is the ODS code of a practice, such as P81002."""
    return _PRACTICE.fullmatch(code) is not None


def is_ccg_code(code: str) -> bool:
    """Whether it is the ODS code of a CCG, such as 01E or X2C4Y."""
    return _CCG.fullmatch(code) is not None


def unprintable(name: str) -> str | None:
    """The first character that does not print: a control, a mark of direction, a blank that is no plain one."""
    return next((character for character in name if not character.isprintable()), None)


def name_fault(name: str) -> NameFault | None:
    """Why this is no name; None for one that can be printed, mailed and opened in a spreadsheet."""
    if not name:
        return NameFault.EMPTY
    if len(name) > LONGEST_NAME:
        return NameFault.TOO_LONG
    if unprintable(name) is not None:
        return NameFault.UNPRINTABLE
    return NameFault.FORMULA if name.startswith(_FORMULA) else None
