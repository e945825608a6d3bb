"""Read JSON objects of objects so that a refusal has a line.

COUNTS.json and OUTCOMES.json are two levels of object over one kind of value. The standard reader keeps no lines and
lets the last of two equal keys win; this one steps through the objects itself and leaves strings and numbers to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ballot.strict.errors import FileError, quoted
from ballot.strict.toml_tables import Decimal, decoded

LONGEST_NUMBER = 1000  # Digits

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class JsonMember:
    """The value of a key, and the line of the key."""

    value: Value
    line: int


Object: TypeAlias = "dict[str, JsonMember]"
Value: TypeAlias = "Object | list[object] | str | int | Decimal | bool | None"


def read_json_object(content: bytes, file: str, error: type[FileError], *, depth: int) -> Object:
    """The object in a file, with objects nested at most `depth` deep. Raises: `error`, whatever the bytes are."""
    walk = _JsonWalk(decoded(content, file, error), file, error)
    walk.blank()
    if not walk.looking_at("{"):
        raise walk.refusal("A JSON object was expected: the file must begin with {.")
    found = walk.object(depth)
    walk.blank()
    if walk.at < len(walk.text):
        raise walk.refusal("Something stands after the end of the JSON object.")
    return found


class _JsonWalk:
    def __init__(self, text: str, file: str, error: type[FileError]) -> None:
        self.text = text
        self.file = file
        self.error = error
        self.at = 0
        self.seen = 0  # Everything before this offset is counted in `line`
        self.line = 1
        self.decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=Decimal)

    def object(self, depth: int) -> Object:
        members: Object = {}
        for _ in self._separated():
            line = self.here()
            key = self.scalar() if self.looking_at('"') else None
            if not isinstance(key, str):
                raise self.refusal(f"A key in quotation marks was expected.{self._hint()}")
            if key in members:
                raise self.refusal(f"{quoted(key)} stands twice in one object.")
            self.blank()
            self.take(":")
            self.blank()
            members[key] = JsonMember(self.value(depth), line)
        return members

    def value(self, depth: int) -> Value:
        if not self.looking_at("{"):
            return self.scalar()
        if depth == 0:
            raise self.refusal("An object stands here where a plain value was expected.")
        return self.object(depth - 1)

    def _separated(self) -> Iterator[None]:
        """Yield before each member of the object that begins here."""
        self.take("{")
        self.blank()
        if not self.looking_at("}"):
            yield
            self.blank()
            while self.looking_at(","):
                self.take(",")
                self.blank()
                yield
                self.blank()
        self.take("}")

    def scalar(self) -> Value:
        """A string, number, true, false or null, or a list, which the caller will refuse."""
        number = _NUMBER.match(self.text, self.at)
        if number and len(number[0]) > LONGEST_NUMBER:
            raise self.refusal(f"This number has more than {LONGEST_NUMBER} digits.")
        try:
            value, self.at = self.decoder.raw_decode(self.text, self.at)
        except json.JSONDecodeError as refusal:
            raise self.error(self.file, refusal.lineno, f"This is not JSON: {refusal.msg}.") from None
        except (ValueError, RecursionError):
            raise self.refusal("This value cannot be read.") from None
        found: Value = value
        return found

    def _hint(self) -> str:
        """What to do if something else comes in place of a key."""
        if self.looking_at("}"):
            return " Remove the comma before this }."
        if re.compile(r"[0-9]{3}\b").match(self.text, self.at):
            return " Write numbers without commas: 2000."
        if re.compile("['\u2018-\u201e]|[A-Za-z]").match(self.text, self.at):
            return ' Write keys with straight double quotation marks: "eligible".'
        return ""

    def looking_at(self, token: str) -> bool:
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> None:
        if not self.looking_at(token):
            found = quoted(self.text[self.at]) if self.at < len(self.text) else "the end of the file"
            raise self.refusal(f"This is not JSON: expected {token} and found {found}.")
        self.at += len(token)

    def blank(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def here(self) -> int:
        self.line += self.text.count("\n", self.seen, self.at)
        self.seen = self.at
        return self.line

    def refusal(self, sentence: str) -> FileError:
        return self.error(self.file, self.here(), sentence)
