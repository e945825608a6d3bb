"""Read a TOML file strictly: every key is asked for by name, every refusal has a line.

A `Table` hands out values only of the kind asked for. What is missing, of another kind, or not known is an error of
the family the file belongs to, worded `FILE:LINE: sentence`.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from ballot.strict.errors import FileError, ValueRefused, quoted, resembling
from ballot.strict.hints import hint_for_line, hint_for_word
from ballot.strict.toml_lines import OversizedToml, Path, find_lines

LARGEST_FILE = 64 * 1024

_E = TypeVar("_E", bound=Enum)
_AT_LINE = re.compile(r" \(at (?:line ([0-9]+), column [0-9]+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Decimal:
    """A value that TOML calls a float: kept as text, because no float is ever made."""

    written: str

    def __str__(self) -> str:
        return self.written


@dataclass(frozen=True, slots=True)
class _Source:
    file: str
    """The name of the file or of the environment variable."""
    lines: dict[Path, int]
    error: type[FileError]
    top: set[str]
    """The top-level keys asked for so far."""


def read_toml(content: bytes, file: str, error: type[FileError], *, hints: bool = True) -> Table:
    """The whole file as a Table. Raises: `error`, whatever the bytes are."""
    text = decoded(content, file, error).replace("\r\n", "\n")
    try:
        lines = find_lines(text)
        values = tomllib.loads(text, parse_float=Decimal)
    except OversizedToml as refusal:
        raise error(file, refusal.line, f"This file cannot be read: {refusal.sentence}") from None
    except tomllib.TOMLDecodeError as refusal:
        found = _AT_LINE.search(str(refusal))
        line = int(found[1]) if found and found[1] else text.count("\n", 0, len(text.rstrip())) + 1
        reason = _AT_LINE.sub("", str(refusal))
        written = text.split("\n")[line - 1] if line <= text.count("\n") + 1 else ""
        hint = hint_for_line(written, reason) if hints else ""
        raise error(file, line, f"This is not TOML: {reason}.{hint}") from None
    except (ValueError, RecursionError, OverflowError):  # An error tomllib is not known to raise; still no traceback
        raise error(file, 1, "This file cannot be read as TOML.") from None
    return Table(values, (), _Source(file, lines, error, set()))


def table_of(values: Mapping[str, object], name: str) -> Table:
    """A table of values from outside a file; refusals are `ValueRefused`, with `name` and no line."""
    return Table(dict(values), (), _Source(name, {(): 0}, ValueRefused, set()))


def decoded(content: bytes, file: str, error: type[FileError]) -> str:
    """The text of a file of reasonable size in UTF-8."""
    if len(content) > LARGEST_FILE:
        raise error(file, 1, f"This file is larger than {LARGEST_FILE // 1024} KiB.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as refusal:
        line = content.count(b"\n", 0, refusal.start) + 1
        raise error(file, line, "This line is not UTF-8 text.") from None
    if text.startswith("\ufeff"):
        raise error(file, 1, "This file begins with a byte order mark: save it as plain UTF-8, without one.")
    return text


@dataclass(frozen=True, slots=True)
class Table:
    """One table in a file, and its position."""

    values: dict[str, object]
    path: Path
    source: _Source

    def line(self, *keys: str | int) -> int:
        """The line of a key in this table, or of the nearest table around it that has one."""
        path = (*self.path, *keys)
        while path not in self.source.lines:
            path = path[:-1]
        return self.source.lines[path]

    def refusal(self, sentence: str, *keys: str | int) -> FileError:
        return self.source.error(self.source.file, self.line(*keys), sentence)

    def has(self, key: str) -> bool:
        return key in self.values

    def only(self, *known: str, later: Iterable[str] = ()) -> None:
        """Refuse unknown keys; those in `later` get the message that they are not supported yet."""
        if not self.path:
            self.source.top.update(known)
        for key in sorted(self.values, key=self.line):
            if key in later:
                raise self.refusal(f"{quoted(key)} is not supported yet.", key)
            if key not in known:
                expected = ", ".join(known)
                sentence = f"{quoted(key)} is not a key that belongs {self.place()}: {expected}."
                if self.path and key in self.source.top:
                    sentence += " It belongs at the top of the file, above the first line that begins with [."
                raise self.refusal(sentence + resembling(key, known), key)

    def _get(self, key: str) -> object:
        if key not in self.values:
            raise self.refusal(f"{quoted(key)} is missing {self.place()}.")
        return self.values[key]

    def place(self) -> str:
        """The position of the table in its file, as a phrase: `in [mail.templates]`."""
        names = [part for part in self.path if isinstance(part, str)]
        return f"in [{'.'.join(names)}]" if names else "at the top of the file"

    def text(self, key: str, default: str | None = None, *, lines: bool = False) -> str:
        """A text with content, on one line unless `lines`. With a default it may be empty."""
        if default is not None and self.values.get(key, "") == "":
            return default
        return self._checked_text(self._get(key), lines, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different texts, at least one."""
        values = self._get(key)
        if not isinstance(values, list) or not values:
            raise self.refusal(f"{quoted(key)} must be a list of texts, and not empty.", key)
        texts = tuple(self._checked_text(value, False, key, index) for index, value in enumerate(values))
        if (index := first_repeated(texts)) is not None:
            raise self.refusal(f"{quoted(texts[index])} stands twice in {quoted(key)}.", key, index)
        return texts

    def _checked_text(self, value: object, lines: bool, *keys: str | int) -> str:
        name = quoted(keys[0])
        if not isinstance(value, str):
            raise self.refusal(f"{name} must be a text in quotation marks, not {quoted(value)}.", *keys)
        if not value.strip():
            raise self.refusal(f"{name} is empty.", *keys)
        allowed = "\n\t" if lines else ""
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") and c not in allowed for c in value):
            raise self.refusal(f"{name} contains a control character or a line break.", *keys)
        return value

    def word(self, key: str, words: type[_E], default: _E | None = None) -> _E:
        """One of the words of an enum."""
        if default is not None and key not in self.values:
            return default
        return self.one_of(words, self._get(key), key)

    def one_of(self, words: type[_E], value: object, *keys: str | int) -> _E:
        for word in words:
            if isinstance(value, str) and value == word.value:
                return word
        expected = " or ".join(quoted(word.value) for word in words)
        hint = hint_for_word(value, tuple(word.value for word in words))
        raise self.refusal(f"{quoted(keys[0])} must be {expected}, not {quoted(value)}.{hint}", *keys)

    def whole(self, key: str, default: int | None = None, *, least: int = 1, most: int | None = None) -> int:
        """A whole number of at least `least`, and at most `most` if given."""
        if default is not None and key not in self.values:
            return default
        value = self._get(key)
        if type(value) is not int or value < least or (most is not None and value > most):
            digits = value.replace(",", "").replace(" ", "") if isinstance(value, str) else ""
            hint = f" Write {key} = {int(digits[:18])}." if digits.isascii() and digits.isdecimal() else ""
            bounds = f"of at least {least}" if most is None else f"from {least} to {most}"
            raise self.refusal(f"{quoted(key)} must be a whole number {bounds}, not {quoted(value)}.{hint}", key)
        return value

    def truth(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if not isinstance(value, bool):
            raise self.refusal(f"{quoted(key)} must be true or false, not {quoted(value)}.", key)
        return value

    def date(self, key: str) -> dt.date:
        value = self._get(key)
        if type(value) is not dt.date:
            hint = hint_for_line(f"= {value}", "") if isinstance(value, str) else ""
            if isinstance(value, str) and not hint:
                hint = " A date is written without quotation marks."
            raise self.refusal(f"{quoted(key)} must be a date such as 2020-04-01, not {quoted(value)}.{hint}", key)
        return value

    def wall_time(self, key: str) -> dt.datetime:
        """A date and time without an offset, in whole seconds."""
        value = self._get(key)
        if not isinstance(value, dt.datetime) or value.tzinfo is not None:
            raise self.refusal(
                f"{quoted(key)} must be a date and time without an offset, such as 2020-05-11T09:00:00, "
                f"not {quoted(value)}.",
                key,
            )
        if value.microsecond:
            raise self.refusal(f"{quoted(key)} must be in whole seconds, not {quoted(value)}.", key)
        return value

    def table(self, key: str) -> Table:
        return self._table(self._get(key), key)

    def tables(self, key: str) -> list[Table]:
        """The [[tables]] with this name, at least one."""
        values = self._get(key)
        if not isinstance(values, list) or not values:
            hint = f" Write [[{key}]], with two brackets on each side." if isinstance(values, dict) else ""
            raise self.refusal(f"{quoted(key)} must be one or more [[{key}]] tables, not {quoted(values)}.{hint}", key)
        return [self._table(value, key, index) for index, value in enumerate(values)]

    def _table(self, value: object, *keys: str | int) -> Table:
        if not isinstance(value, dict):
            several = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
            hint = f" Write [{keys[0]}], with one bracket on each side." if several else ""
            raise self.refusal(f"{quoted(keys[0])} must be a table, not {quoted(value)}.{hint}", *keys)
        return Table(value, (*self.path, *keys), self.source)


def first_repeated(values: Iterable[str]) -> int | None:
    """The position of the first repeated value, or None."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            return index
        seen.add(value)
    return None
