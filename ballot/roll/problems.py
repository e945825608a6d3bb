"""The problems this room reports, worded `FILE:LINE: column NAME: sentence`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ballot.strict.errors import plain
from ballot.strict.printable import printable

_PRINTED = 50
_KEPT = 1000


class RollReason(Enum):
    """One word per refusal: the same on the page, in the log and in the test."""

    NOT_TEXT = "not-text"
    NOT_CSV = "not-csv"
    GZIP = "gzip"
    ZIP = "zip"
    TOO_LARGE = "too-large"
    EMPTY = "empty"

    WRONG_FILE = "wrong-file"
    MISSING_COLUMN = "missing-column"
    COLUMN_TWICE = "column-twice"
    NEAR_COLUMN = "near-column"
    COLUMN_COUNT = "column-count"

    PRACTICE_CODE = "practice-code"
    ALIKE = "alike"
    PRACTICE_TWICE = "practice-twice"
    CCG_CODE = "ccg-code"
    UNKNOWN_CCG = "unknown-ccg"
    CCG_WITHOUT_PRACTICE = "ccg-without-practice"
    SPREADSHEET = "spreadsheet"
    NAME = "name"
    SALT = "salt"
    FORMULA = "formula"
    LOCALITY = "locality"
    LIST_SIZE = "list-size"
    NO_LIST = "no-list"
    EMAIL = "email"
    STATUS = "status"
    SETTING = "setting"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `column` is None for a whole line or file; lines count from 1."""

    file: str
    line: int
    column: str | None
    reason: RollReason
    sentence: str

    def __str__(self) -> str:
        where = f"{printable(self.file)}:{self.line}: "
        return where + (f"column {plain(self.column)}: " if self.column is not None else "") + self.sentence


class InvalidRoll(Exception):
    """The files are not a roll. `problems` has the first thousand in order; `total` counts all of them."""

    def __init__(self, problems: tuple[Problem, ...], total: int | None = None) -> None:
        super().__init__(problems, total)
        self.problems = problems
        self.total = len(problems) if total is None else total

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems[:_PRINTED]]
        if self.total > len(lines):
            lines.append(f"... and {counted(self.total - len(lines), 'more problem')}.")
        return "\n".join(lines)


class Problems:
    """Collects every problem in one file, so that its sender sees them all at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.total = 0
        self._kept: list[Problem] = []

    def add(self, line: int, column: str | None, reason: RollReason, sentence: str) -> None:
        self.total += 1
        if len(self._kept) < _KEPT:
            self._kept.append(Problem(self.file, line, column, reason, sentence))

    def check(self) -> None:
        """Raises: InvalidRoll, if anything was added."""
        if self._kept:
            raise InvalidRoll(tuple(self._kept), self.total)


def refusal(file: str, line: int, reason: RollReason, sentence: str, column: str | None = None) -> InvalidRoll:
    """A single problem after which reading stops."""
    return InvalidRoll((Problem(file, line, column, reason, sentence),))


def shown(value: str) -> str:
    """Text from a file, quoted, on one line, cut short, and harmless to a terminal."""
    return f'"{plain(value)}"'


def note(file: str, sentence: str) -> str:
    """A remark about a file that is no reason to refuse it."""
    return f"{printable(file)}: {sentence}"


def listed(words: list[str], most: int = 12) -> str:
    """`a, b, c and 4 more`."""
    first = ", ".join(plain(word) for word in words[:most])
    return first if len(words) <= most else f"{first} and {len(words) - most} more"


def counted(number: int, noun: str) -> str:
    """`1 practice`, `2 practices`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
