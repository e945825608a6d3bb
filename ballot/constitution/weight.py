"""The votes that a list size gives: one per band of patients, rounded, with a minimum and a cap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum


class MissingList(Enum):
    """What to do with a practice without a list at the snapshot."""

    REFUSE = "refuse"
    ZERO = "zero"


class Rounding(Enum):
    """How to round part of a band: down, up, or to the nearest with halves up."""

    FLOOR = "floor"
    CEILING = "ceiling"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Weight:
    """One vote per `per` registered patients at the snapshot; 1 is the exact list size.

    `rounding` is None only where `per` is 1 and nothing is left to round.
    """

    per: int
    snapshot: dt.date
    missing: MissingList
    rounding: Rounding | None = None
    minimum: int | None = None
    maximum: int | None = None
    line: int = field(default=0, compare=False)

    def votes(self, list_size: int) -> int:
        """The weight of a practice with this list: rounded to bands, then limited by minimum and maximum.

        A practice without a list weighs nothing, whatever the minimum. `missing` says whether that is allowed.
        """
        if list_size == 0:
            return 0
        whole, rest = divmod(list_size, self.per)
        if self.rounding is Rounding.CEILING:
            whole += rest > 0
        elif self.rounding is Rounding.NEAREST:
            whole += 2 * rest >= self.per
        whole = whole if self.minimum is None else max(whole, self.minimum)
        return whole if self.maximum is None else min(whole, self.maximum)
