"""Whether the worker may rely on its clock: one that was put forward or back is not believed for a while.

What the worker writes because of the time stays written: a ballot that it closes is closed, an invitation that it finds
too late is never sent. Nothing depends on its doing that at once (office/tick.py). So while the clock says something
else than the machine's own counter, which nobody can set, it waits; and believes the clock again when it was put
right, or has been steady for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from ballot.office.desk import Clock

LEEWAY = 60
"""Seconds that clock and counter may drift apart between two looks, as when NTP corrects the one slowly."""
REST = 600
"""Seconds after which a clock is believed that stays where it was put."""


class SteadyClock:
    """Holds a clock against the machine's counter, from the moment it was made."""

    def __init__(self, clock: Clock, counter: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._counter = clock, counter
        self._believed = self._ahead()
        self._put: float | None = None
        self._since = 0.0

    def jump(self) -> timedelta | None:
        """How far the clock was put, as long as that is not believed; None while it can be relied on."""
        ahead, now = self._ahead(), self._counter()
        if abs(ahead - self._believed) <= LEEWAY:
            self._believed, self._put = ahead, None
            return None
        if self._put is None or abs(ahead - self._put) > LEEWAY:
            self._put, self._since = ahead, now
        if now - self._since >= REST:
            self._believed, self._put = ahead, None
            return None
        return timedelta(seconds=round(ahead - self._believed))

    def _ahead(self) -> float:
        return self._clock().timestamp() - self._counter()


def sentence_of_jump(jump: timedelta) -> str:
    """`3600 seconds forward`"""
    seconds = round(jump.total_seconds())
    return f"{abs(seconds)} seconds {'forward' if seconds > 0 else 'back'}"
