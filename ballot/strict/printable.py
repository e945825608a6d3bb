"""Make text from outside harmless to a terminal: every character that does not print is written as an escape."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` on one line, with every character that does not print escaped, line ends too."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> str:
    """`text` with its line ends, and every other character that does not print escaped."""
    return "\n".join(printable(line) for line in text.split("\n"))
