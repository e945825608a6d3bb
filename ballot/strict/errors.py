"""The errors of strict reading, worded `FILE:LINE: sentence`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from difflib import get_close_matches

from ballot.strict.printable import printable

_SHOWN = 60


class FileError(Exception):
    """A problem in a file: `FILE:LINE: sentence`."""

    def __init__(self, file: str, line: int, sentence: str) -> None:
        super().__init__(file, line, sentence)
        self.file = file
        self.line = line
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class ValueRefused(FileError):
    """A problem in a value that comes from no file, such as an environment variable: `NAME: sentence`."""

    def __str__(self) -> str:
        return f"{self.file}: {self.sentence}"


def quoted(value: object) -> str:
    """A value from a file, on one line and harmless to a terminal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_SHOWN else f"a whole number of more than {_SHOWN} digits"
    if isinstance(value, str):
        return f'"{plain(value)}"'
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return "nothing" if value is None else plain(str(value))


def plain(text: str) -> str:
    """`text` cut to a readable length, with unprintable characters escaped."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
    return printable(cut)


def resembling(word: str, known: Iterable[str]) -> str:
    """` Did you mean "measure"?` if a word resembles a known one; otherwise empty."""
    close = get_close_matches(word[:_SHOWN].lower(), known, 1)
    return f" Did you mean {quoted(close[0])}?" if close else ""
