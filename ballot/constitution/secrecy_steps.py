"""A bound on the work of the secrecy meter, counted in steps and not in seconds.

The same weights and votes need the same number of steps on every machine, so everyone who sets the same bound gets as
far. A step is roughly the work of one simple statement of Python: a fraction of a microsecond.
"""

from __future__ import annotations

from dataclasses import dataclass

BITS = 4_000
"""Bits of a long number that one step shifts and combines."""


class TooManySteps(Exception):
    """The bound was reached before the work was done."""


@dataclass(slots=True)
class Steps:
    """Counts what was done; `most` is the bound, None for no bound."""

    most: int | None = None
    done: int = 0

    def take(self, steps: int) -> None:
        """Count the steps that come next; raises TooManySteps instead of doing more than the bound allows."""
        self.done += steps
        if self.most is not None and self.done > self.most:
            raise TooManySteps
