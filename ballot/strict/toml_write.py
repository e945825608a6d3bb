"""Write a TOML file as a person would: keys, then tables, with multi-line text as lines. The reverse of `toml_tables`.

Reading it gives the same values, whatever the text contains. It writes no comments.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from ballot.strict.toml_tables import Decimal

IN_ONE_LINE = ("combine", "require", "option")
"""Tables that go on one line, such as `require = { at_least = 6 }`."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def write_toml(values: Mapping[str, object]) -> bytes:
    """Write these values: text, whole numbers, booleans, dates, wall times, lists and tables of them.

    Raises: TypeError for anything else; floats are never written.
    """
    return ("\n".join(_table(values, ())).strip("\n") + "\n").encode("utf-8")


def _table(values: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """Plain keys first, since a [header] would end the table; then its sub-tables."""
    inside = {key: value for key, value in values.items() if not _has_header(key, value)}
    width = max((len(_key(key)) for key in inside), default=0)
    for key, value in inside.items():
        yield f"{_key(key):<{width}} = {_value(value)}"
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, Mapping) and key not in inside:
            yield from ("", f"[{_path(here)}]", *_table(value, here))
        elif isinstance(value, Sequence) and key not in inside:
            for entry in value:
                yield from ("", f"[[{_path(here)}]]", *_table(entry, here))


def _has_header(key: str, value: object) -> bool:
    """Whether this is a table or a list of tables, and not one that files write on one line."""
    if isinstance(value, Mapping):
        return key not in IN_ONE_LINE
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(entry, Mapping) for entry in value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, dt.date):  # A datetime is a date too
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    raise TypeError(f"TOML as we write it has no {type(value).__name__}")


def _text(text: str) -> str:
    """A text; on several lines if it has several."""
    if "\n" not in text:
        return f'"{_escaped(text)}"'
    return '"""\n' + "\n".join(_escaped(line) for line in text.split("\n")) + '"""'


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in text)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{_escaped(key)}"'


def _path(path: tuple[str, ...]) -> str:
    return ".".join(_key(key) for key in path)
