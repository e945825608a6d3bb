"""The votes that a practice's number gives: by irregular bands first, then one per so many, rounded and limited.

The number is its list size, or what another column of the roll says, such as shares.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import Enum

from ballot.constitution.words import DEFAULT_WORDS, Noun

PATIENTS = Noun("registered patient", "registered patients")


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
class Band:
    """The votes of every list of up to so many patients, and more than the band before; None means any number."""

    up_to: int | None
    votes: int


@dataclass(frozen=True, slots=True)
class WeightNouns:
    """What a weighted vote is called, what it is made from, and whose it is."""

    unit: Noun
    counts: Noun
    member: Noun = DEFAULT_WORDS.member


DEFAULT_NOUNS = WeightNouns(DEFAULT_WORDS.weight, PATIENTS)


@dataclass(frozen=True, slots=True)
class Weight:
    """One vote per `per` registered patients at the snapshot; 1 is the exact list size.

    `rounding` is None only where `per` is 1 and nothing is left to round. With `bands`, `per` counts only the patients
    above the last one, and not at all if that has no end. With `column`, `counts` stands for patients everywhere.
    """

    per: int
    snapshot: dt.date
    missing: MissingList
    rounding: Rounding | None = None
    minimum: int | None = None
    maximum: int | None = None
    line: int = field(default=0, compare=False)
    bands: tuple[Band, ...] = ()
    column: str | None = None
    """The column of the roll that is counted; None for the list size."""
    counts: Noun = PATIENTS
    """What the column counts."""
    unit: Noun | None = None
    """What a vote is called; None for the programme's word."""

    @property
    def is_exact(self) -> bool:
        """Whether each of what is counted is one vote, without a limit."""
        return self.per == 1 and not self.bands and self.minimum is self.maximum is None

    @property
    def is_open(self) -> bool:
        """Whether a longer list can always weigh more, apart from a maximum."""
        return not self.bands or self.bands[-1].up_to is not None

    @property
    def most(self) -> int | None:
        """The most that a practice can weigh; None if nothing limits it."""
        limits = [self.maximum, None if self.is_open else max(self.bands[-1].votes, self.minimum or 0)]
        return min((limit for limit in limits if limit is not None), default=None)

    def votes(self, list_size: int) -> int:
        """The weight of a practice with this list, or this number: rounded, then limited by minimum and maximum.

        A practice without one weighs nothing, whatever the minimum. `missing` says whether that is allowed.
        """
        if list_size == 0:
            return 0
        whole = self._banded(list_size)
        whole = whole if self.minimum is None else max(whole, self.minimum)
        return whole if self.maximum is None else min(whole, self.maximum)

    def _banded(self, list_size: int) -> int:
        base, above = 0, list_size
        for band in self.bands:
            if band.up_to is None or list_size <= band.up_to:
                return band.votes
            base, above = band.votes, list_size - band.up_to
        whole, rest = divmod(above, self.per)
        if self.rounding is Rounding.CEILING:
            whole += rest > 0
        elif self.rounding is Rounding.NEAREST:
            whole += 2 * rest >= self.per
        return base + whole
