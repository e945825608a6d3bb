"""Hypothesis strategies, and other ways to spoil a message, that several test modules share."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ballot.protocol.group import Ed25519
from ballot.protocol.questions import HomomorphicQuestion

G = Ed25519()

Json = Any
Path = tuple[str | int, ...]

PIECES = (
    b"",
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b",",
    b":",
    b" ",
    b"\n",
    b"\0",
    b"0",
    b"-1",
    b"1.5",
    b"1e9",
    b"NaN",
    b"Infinity",
    b"null",
    b"true",
    b'""',
    b"{}",
    b"[]",
    b"\\ud800",
    b'"\\ud800"',
    b"\\u0000",
    b"\\/",
    b"\xff",
    b"\xef\xbb\xbf",
    "\u202e".encode(),
    b"9" * 400,
    b"9" * 5000,
    b"[" * 2000,
    b"0" * 64,
    b"f" * 64,
)

scalars = st.one_of(st.sampled_from([0, 1, 2, G.q - 1]), st.integers(0, G.q - 1))

json_values: SearchStrategy[Json] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(0, 3), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)


@st.composite
def spoiled(draw: DrawFn, good: bytes) -> bytes:
    """`good` with up to three pieces cut out, put in or put in place of others."""
    data = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + draw(st.sampled_from([0, 1, 1, 3, 70, 10_000])))))
        piece = draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=3), st.just(data[end : end + 40])))
        data = data[:start] + piece + data[end:]
    return data


@st.composite
def reshaped(draw: DrawFn, good: Json) -> bytes:
    """The JSON `good` with one value in it replaced by any other, moved, doubled or left out: still JSON."""
    value = copy.deepcopy(good)
    path = draw(st.sampled_from(list(paths(value))))
    other = draw(st.one_of(json_values, st.sampled_from([get(value, p) for p in paths(value)])))
    value = replaced(value, path, other)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=draw(st.booleans())).encode("utf-8", "replace")


@st.composite
def questions(draw: DrawFn, size: int = 3) -> HomomorphicQuestion:
    """A small question with any interval, with or without blank."""
    n = draw(st.integers(1, size))
    low = draw(st.integers(0, n))
    high = draw(st.integers(low, n))
    blank = draw(st.sampled_from([None, False, True]))
    return HomomorphicQuestion(tuple(f"answer {i}" for i in range(n)), low, high, draw(st.text(max_size=5)), blank)


def paths(value: Json, here: Path = ()) -> Iterator[Path]:
    """The path of every value in a JSON, the whole first."""
    yield here
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from paths(entry, (*here, key))


def leaves(value: Json) -> Iterator[Path]:
    """The path of every value that holds no others."""
    return (path for path in paths(value) if not isinstance(get(value, path), dict | list) or not get(value, path))


def get(value: Json, path: Path) -> Json:
    """The value at a path."""
    for key in path:
        value = value[key]
    return value


def replaced(value: Json, path: Path, other: Json) -> Json:
    """A copy of a JSON with another value at a path; the order of fields stays."""
    if not path:
        return other
    again = copy.deepcopy(value)
    get(again, path[:-1])[path[-1]] = other
    return again


def without(value: Json, path: Path) -> Json:
    """A copy of a JSON without what stands at a path."""
    again = copy.deepcopy(value)
    del get(again, path[:-1])[path[-1]]
    return again


def refuses(read: Callable[[bytes], object], data: bytes, kind: type[Exception]) -> bool:
    """Whether `read` refuses the data with this kind of error; any other error fails the test."""
    try:
        read(data)
    except kind:
        return True
    return False
