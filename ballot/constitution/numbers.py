"""Numbers in sentences: small ones as words, with the noun that fits."""

from __future__ import annotations

from collections.abc import Iterable

from ballot.constitution.rule import Unit

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def unit_noun(unit: Unit, number: int) -> str:
    one, many = ("practice", "practices") if unit is Unit.PRACTICES else ("weighted vote", "weighted votes")
    return one if number == 1 else many


def spelled(number: int) -> str:
    """`two`, `ten`, `11`, `1,200`."""
    return _WORDS[number] if number < len(_WORDS) else f"{number:,}"


def number_of(number: int, unit: Unit, kind: str = "") -> str:
    """`two practices`, `one more practice`, `300 weighted votes`."""
    return f"{spelled(number)} {kind}{unit_noun(unit, number)}"


def capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def joined(texts: Iterable[str], word: str = "and") -> str:
    """`a, b and c`."""
    *first, last = texts
    return f"{', '.join(first)} {word} {last}" if first else last
