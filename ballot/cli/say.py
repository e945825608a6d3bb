"""What is printed: any text, on any terminal; tables with columns that line up."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TextIO


def say(line: str = "", to: TextIO | None = None) -> None:
    """Print one line, whatever the text contains and whatever the terminal can show."""
    stream = sys.stdout if to is None else to
    encoding = stream.encoding or "utf-8"
    print(printable(line).encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)


def printable(text: str) -> str:
    """`text` with whatever does not print escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


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
