"""Halving: where a condition changes once, from not holding to holding or back."""

from __future__ import annotations

from collections.abc import Callable


def least(floor: int, largest: int, enough: Callable[[int], bool]) -> int:
    """The least number from `floor` to `largest`, which is enough, that is enough; every greater one is."""
    low, high = floor - 1, largest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def greatest(largest: int, holds: Callable[[int], bool]) -> int:
    """The greatest number from 0, for which it holds, to `largest` for which it does; it holds for every smaller."""
    return largest - least(0, largest, lambda spared: holds(largest - spared))
