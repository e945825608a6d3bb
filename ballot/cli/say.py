"""Print any text on any terminal, with aligned tables; read files whole, and never overwrite one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ballot.cli.refusals import Unacceptable
from ballot.protocol.canonical import Json, as_sent, check_canonical, parse_json, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.strict.printable import printable


def say(line: str = "", to: TextIO | None = None) -> None:
    """Print one line of any text, replacing what the terminal cannot show."""
    stream = sys.stdout if to is None else to
    encoding = stream.encoding or "utf-8"
    print(printable(line).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Lines of a table: numbers to the right, everything else to the left."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in (heads, *texts)) for i in range(len(heads))]
    right = [bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(heads))]
    for cells in (heads, ["-" * width for width in widths], *texts):
        line = (
            cell.rjust(width) if r else cell.ljust(width) for cell, width, r in zip(cells, widths, right, strict=True)
        )
        yield "  ".join(line).rstrip()


LARGEST = 2**26
"""Larger than any file of a ceremony; archives are read as a stream, elsewhere."""


def read_bytes(path: Path) -> bytes:
    """The whole file; raises Unacceptable if it is too large, OSError if it cannot be read."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unacceptable(f"{path} is larger than any file that was expected here.")
    return data


def read_message(path: Path) -> bytes:
    """The bytes of a message sent as a file; raises Unacceptable with what to do."""
    data = read_bytes(path)
    with found_in(path):
        return as_sent(data)


def read_json(path: Path) -> Json:
    """The JSON of a file, which must be canonical; raises Unacceptable."""
    data = read_message(path)
    with found_in(path):
        value = parse_json(data)
        check_canonical(data, value, "the file")
        return value


@contextmanager
def found_in(path: Path) -> Iterator[None]:
    """Turn any refusal inside the block into one that names this file."""
    try:
        yield
    except InvalidMessage as fault:
        raise Unacceptable(f"{path} is not what was expected: {fault.detail}.") from None


def check_new(*paths: Path) -> None:
    """Raise Unacceptable if one of the files exists already."""
    for path in paths:
        if path.exists():
            raise Unacceptable(f"{path} is there already and is never overwritten.")


def write_new(path: Path, data: bytes) -> None:
    """Write a file readable by anyone; raises Unacceptable if it exists already."""
    check_new(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(data)


def write_new_json(path: Path, value: Json) -> bytes:
    """Write `value` as canonical JSON, and return its bytes."""
    data = write_json(value)
    write_new(path, data)
    return data
