"""On which line of a TOML file does a key stand?

The standard library's reader gives values without lines, and every refusal of ours names one. This is a walk over the
source that records where each table, key and element of a list begins, under the path by which tomllib's answer
reaches it: `("test", 1, "of")`. It reads no values and accepts whatever it can step over: whether the file is TOML is
tomllib's to say. On text that is not, it may stop early, and then only knows what stood before.

It does refuse what no rule file needs and a reader could be made to choke on: keys of many parts, deep nesting, very
long numbers.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from contextlib import suppress

Path = tuple[str | int, ...]

MOST_PARTS = 8
MOST_NESTED = 8
LONGEST_NUMBER = 100

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*+")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = {
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']|'{1,2}(?!'))*+'{3,5}"),
    '"': re.compile(r'"(?:[^"\\\n]|\\[^\n])*+"'),
    "'": re.compile(r"'[^'\n]*+'"),
}
_SCALAR = re.compile(r"[^,\]}\n#]+")


class OversizedToml(Exception):
    """The text has something longer or deeper than any rule file needs."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(line, sentence)
        self.line = line
        self.sentence = sentence


class _NotTomlHere(Exception):
    """The walk cannot go on; tomllib will give the reason."""


def find_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every table, key and list element. Raises: OversizedToml."""
    walk = _Walk(text)
    with suppress(_NotTomlHere):
        walk.document()
    return walk.lines


def path_at(text: str, line: int) -> Path:
    """The path of what stands on a line, the longest if there are several; empty if nothing begins there."""
    try:
        return max((path for path, at in find_lines(text).items() if at == line), key=len, default=())
    except OversizedToml:
        return ()


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.breaks = [match.start() for match in re.finditer("\n", text)]
        self.lines: dict[Path, int] = {(): 1}
        self.lengths: dict[Path, int] = {}  # How many [[tables]] of this path so far

    def document(self) -> None:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self.header("[[", "]]")
            elif self.text.startswith("[", self.at):
                table = self.header("[", "]")
            else:
                self.pair(table, depth=0)
            self.skip(_BLANK)

    def header(self, opening: str, closing: str) -> Path:
        line = self.line()
        self.at += len(opening)
        *parents, last = self.key()
        self.expect(closing)
        path: Path = ()
        for part in parents:
            path = (*path, part)
            self.lines.setdefault(path, line)
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        path = (*path, last)
        if opening == "[[":
            self.lines.setdefault(path, line)
            self.lengths[path] = self.lengths.get(path, 0) + 1
            path = (*path, self.lengths[path] - 1)
        self.lines[path] = line
        return path

    def pair(self, table: Path, depth: int) -> None:
        line = self.line()
        path = table
        for part in self.key():
            path = (*path, part)
            self.lines.setdefault(path, line)
        self.expect("=")
        self.skip(_SPACE)
        self.value(path, depth)

    def key(self) -> list[str]:
        """The parts of a key, with the space around them."""
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            start = self.at
            quote = self.text[start : start + 1]
            self.step(_STRINGS[quote] if quote in ("'", '"') else _BARE)
            written = self.text[start : self.at]
            parts.append(_unquoted(written) if quote in ("'", '"') else written)
            if len(parts) > MOST_PARTS:
                raise OversizedToml(self.line(), f"this key has more than {MOST_PARTS} parts.")
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: Path, depth: int) -> None:
        if depth > MOST_NESTED:
            raise OversizedToml(self.line(), f"values are nested here more than {MOST_NESTED} deep.")
        for opening, pattern in _STRINGS.items():
            if self.text.startswith(opening, self.at):
                return self.step(pattern)
        if self.text.startswith("[", self.at):
            return self.array(path, depth)
        if self.text.startswith("{", self.at):
            return self.inline_table(path, depth)
        start = self.at
        self.step(_SCALAR)
        if self.at - start > LONGEST_NUMBER and len(self.text[start : self.at].strip()) > LONGEST_NUMBER:
            raise OversizedToml(self.line_of(start), f"this value is longer than {LONGEST_NUMBER} characters.")
        return None

    def array(self, path: Path, depth: int) -> None:
        self.at += 1
        index = 0
        while not self.ends_with("]"):
            self.lines[(*path, index)] = self.line()
            self.value((*path, index), depth + 1)
            index += 1
            if self.ends_with("]"):
                return
            self.expect(",")

    def inline_table(self, path: Path, depth: int) -> None:
        self.at += 1
        while not self.ends_with("}"):
            self.pair(path, depth + 1)
            if self.ends_with("}"):
                return
            self.expect(",")

    def ends_with(self, closing: str) -> bool:
        self.skip(_BLANK)
        if not self.text.startswith(closing, self.at):
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        if not self.text.startswith(token, self.at):
            raise _NotTomlHere
        self.at += len(token)

    def step(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _NotTomlHere
        self.at = match.end()

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def line(self) -> int:
        return self.line_of(self.at)

    def line_of(self, at: int) -> int:
        return bisect_right(self.breaks, at - 1) + 1


def _unquoted(written: str) -> str:
    """The text of a quoted key. tomllib itself unescapes it, one key at a time."""
    try:
        return str(tomllib.loads(f"key = {written}")["key"])
    except (tomllib.TOMLDecodeError, RecursionError):
        raise _NotTomlHere from None
