"""How long something lasts, drawn from the dice."""

from __future__ import annotations

import random
import time


def some(dice: random.Random, least: float, most: float) -> float:
    """Wait for a random time; return it in seconds."""
    seconds = dice.uniform(least, most)
    time.sleep(seconds)
    return seconds
