"""Fractions as rules write them, read exactly, and percentages for the eye only.

`1/2`, `75%` and `66.67%` are the three ways to write one; `66.67%` is 6667/10000 and not two thirds. Nothing here, or
anywhere in this room, is ever a float.
"""

from __future__ import annotations

import re
from fractions import Fraction

_RATIO = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")
_PERCENTAGE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18}))?%")
_SUSPECTS = (3, 6, 7, 9, 11)


def parse_fraction(text: str) -> Fraction:
    """Read `p/q`, `n%` or `n.d%` exactly, above 0 and at most 1.

    Raises: ValueError, with the sentence to show.
    """
    if match := _RATIO.fullmatch(text):
        numerator, denominator = int(match[1]), int(match[2])
    elif match := _PERCENTAGE.fullmatch(text):
        decimals = match[2] or ""
        numerator, denominator = int(match[1] + decimals), 100 * 10 ** len(decimals)
    else:
        raise ValueError('is not a fraction: write it as "1/2", "75%" or "66.67%"')
    if denominator == 0:
        raise ValueError("divides by zero")
    if not 0 < numerator <= denominator:
        raise ValueError("is not a fraction above 0 and at most 1")
    return Fraction(numerator, denominator)


def rounded_percentage(numerator: int, denominator: int) -> str:
    """`7, 13` -> `about 53.85%`; `3, 4` -> `75%`. For display, always beside the exact fraction."""
    hundredths, rest = divmod(10000 * numerator, denominator)
    if rest:
        hundredths += 2 * rest >= denominator
        return f"about {hundredths // 100}.{hundredths % 100:02}%"
    whole, part = divmod(hundredths, 100)
    return f"{whole}.{part:02}".rstrip("0") + "%" if part else f"{whole}%"


def meant_fraction(text: str) -> Fraction | None:
    """The thirds, sixths, sevenths ... that a decimal percentage looks like a rounding of, or None.

    `66.67%` looks like 2/3, and a rule that says 66.67% is a different rule.
    """
    match = _PERCENTAGE.fullmatch(text)
    if match is None or not match[2]:
        return None
    value, scale = int(match[1] + match[2]), 100 * 10 ** len(match[2])
    for denominator in _SUSPECTS:
        for numerator in range(1, denominator):
            down, rest = divmod(numerator * scale, denominator)
            if rest and value in (down, down + 1):
                return Fraction(numerator, denominator)
    return None
