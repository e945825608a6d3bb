"""How much a test or a quorum needs, or how many votes against a test allows: an exact share, or a whole number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction


class Comparison(Enum):
    """Always stated: 8 of 16 is at least half but not more than half."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    ALL_BUT = "all_but"
    AT_MOST = "at_most"
    FEWER_THAN = "fewer_than"

    @property
    def is_limit(self) -> bool:
        """Whether it says how many votes against are allowed, and not how many for are needed."""
        return self in LIMITS


MINIMA = (Comparison.AT_LEAST, Comparison.MORE_THAN)
"""How a quorum says how much is needed."""
LIMITS = (Comparison.AT_MOST, Comparison.FEWER_THAN)


@dataclass(frozen=True, slots=True)
class Threshold:
    """How much is needed or allowed: an exact share of a base, a whole number, or all of the base but a number."""

    comparison: Comparison
    value: Fraction | int
    written: str
    line: int = field(default=0, compare=False)

    @property
    def is_number(self) -> bool:
        """Whether it is a number of votes, whatever the base is."""
        return isinstance(self.value, int) and self.comparison is not Comparison.ALL_BUT

    @property
    def counts_votes(self) -> bool:
        """Whether one vote more or less is something else in a small body than in a large one."""
        return isinstance(self.value, int)

    def is_met(self, part: int, base: int) -> bool:
        """Compare without dividing. A base of zero meets nothing, and all but some is never none at all."""
        if base == 0:
            return False
        if isinstance(self.value, int):
            have, need = part, self.value
        else:
            have, need = part * self.value.denominator, self.value.numerator * base
        if self.comparison is Comparison.ALL_BUT:
            return part >= max(base - int(self.value), 1)
        return {
            Comparison.AT_LEAST: have >= need,
            Comparison.MORE_THAN: have > need,
            Comparison.AT_MOST: have <= need,
            Comparison.FEWER_THAN: have < need,
        }[self.comparison]
