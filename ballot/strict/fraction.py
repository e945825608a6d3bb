"""Fractions as rules write them, read exactly; percentages are only for display.

`1/2`, `75%` and `66.67%` are the three ways to write one. `66.67%` is 6667/10000, not two thirds. Nothing here is ever
a float.
"""

from __future__ import annotations

import re
from fractions import Fraction

_RATIO = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")
_PERCENTAGE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18}))?%")
_SUSPECTS = {0: (3, 6, 7, 8, 9), 1: (3, 6, 7, 9, 11), 2: (3, 6, 7, 9, 11, 12, 15)}
"""The denominators of fractions that people round, by the number of decimals they keep."""


def parse_fraction(text: str) -> Fraction:
    """Read `p/q`, `n%` or `n.d%` exactly, above 0 and at most 1.

    Raises: ValueError, whose message is a sentence to show.
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
    """The simple fraction that a percentage, or a ratio such as `67/100`, seems to round; or None.

    `66.67%`, `67%` and `66%` look like 2/3, and each is a different rule. Whole percentages that are multiples of five
    are taken as written.
    """
    try:
        value = parse_fraction(text)
    except ValueError:
        return None
    is_decimal = text.endswith("%") or re.fullmatch(r"10+", text.split("/")[1])
    if not is_decimal or value == 1:
        return None
    scale = 100
    while (value * scale).denominator != 1:
        scale *= 10
    found = int(value * scale)
    if scale == 100 and found % 5 == 0:
        return None
    for denominator in _SUSPECTS[min(len(str(scale)) - 3, max(_SUSPECTS))]:
        for numerator in range(1, denominator):
            down, rest = divmod(numerator * scale, denominator)
            nearest = down + (2 * rest >= denominator)
            near = {down, nearest} if scale == 100 and denominator != 3 else {down, down + 1}
            if rest and found in near:
                return Fraction(numerator, denominator)
    return None
