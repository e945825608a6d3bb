"""What a mail server answered, cut to one short line that is fit to be stored and shown.

A server may quote what it refuses, and what it refuses may be a voting link: words that look like one are taken out,
and so is every secret that the message is known to hold, whatever the quoting did to the rest.
"""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 160
_LONGEST_WORD = 60
_TAKEN_OUT = "[...]"


def short_reason(said: object, secrets: Iterable[str] = ()) -> str:
    """One line of at most 160 characters."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    for secret in secrets:
        text = text.replace(secret, _TAKEN_OUT)
    words = [_harmless(word) for word in "".join(c if c.isprintable() else " " for c in text).split()]
    line = " ".join(words)
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def _harmless(word: str) -> str:
    if len(word) > _LONGEST_WORD or "#" in word or "//" in word or "%23" in word:
        return _TAKEN_OUT
    return word
