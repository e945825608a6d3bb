"""When to look again: at times that no one can predict, even from all earlier times.

The pause is drawn from the exponential distribution, which has no memory: the next look may always come at once. So a
board cannot behave honestly only when a watcher is due.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")

STEPS = 2**53
SHORTEST = 5.0
"""Seconds, so that a watcher is not a burden."""
LONGEST_MEANS = 6
"""The longest pause as a multiple of the mean; fewer than three in a thousand would be longer."""


def next_pause(mean: float, rng: Callable[[int], int]) -> float:
    """Seconds until the next look; `rng` is `secrets.randbelow` in production."""
    drawn = -mean * math.log((rng(STEPS) + 1) / STEPS)
    return min(max(drawn, SHORTEST), mean * LONGEST_MEANS)


def in_any_order(items: Sequence[Item], rng: Callable[[int], int]) -> list[Item]:
    """The items in an unpredictable order: a board must not know what will be asked last."""
    shuffled = list(items)
    for last in range(len(shuffled) - 1, 0, -1):
        other = rng(last + 1)
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
    return shuffled
