"""Write a TOML file as a person would: keys, then tables, lines of text as lines. The reverse of `toml_tables`.

What is read back is what was written, whatever the text contains; comments are not kept, since there are none to keep.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

from ballot.strict.toml_tables import Decimal

Scalar = str | int | bool | dt.date | dt.datetime | Decimal
IN_ONE_LINE = ("combine", "require", "option")
"""Tables such as `require = { at_least = 6 }`."""
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def write_toml(values: Mapping[str, object]) -> bytes:
    """The file with these values: text, whole numbers, truths, days, wall times, lists and tables of such.

    Raises: TypeError for anything else; no float is ever written.
    """
    return ("\n".join(_table(values, ())).strip("\n") + "\n").encode("utf-8")


def _table(values: Mapping[str, object], path: tuple[str, ...]) -> Iterator[str]:
    """First what stands in the table itself, since a [header] would end it; then the tables in it."""
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
    """A table, or a list of nothing but tables; unless it is one of those that files have in one line."""
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
    if isinstance(value, dt.date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(inner) for inner in value) + "]"
    raise TypeError(f"TOML as we write it has no {type(value).__name__}")


def _text(text: str) -> str:
    """Lines are kept as lines where there are several."""
    if "\n" not in text:
        return f'"{_escaped(text)}"'
    return '"""\n' + "\n".join(_escaped(line) for line in text.split("\n")) + '"""'


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 0x20 or ord(c) == 0x7F else c) for c in text)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else f'"{_escaped(key)}"'


def _path(path: tuple[str, ...]) -> str:
    return ".".join(_key(key) for key in path)
