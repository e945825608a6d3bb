"""How results are simulated: a voting model that is stated, and draws that anybody can repeat.

Each practice votes, or not, on its own: with the chance `turnout` it votes; of those that vote, `share_abstaining`
abstain; of the rest, `share_for` vote for. Real practices talk to each other, so real results are more lopsided than
these, and a lopsided result reveals more. Randomness is an argument: `below(n)` answers a number from 0 to n - 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from ballot.secrecy.patterns import TotalsOrder

Below = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class VotingModel:
    """Shares from 0 to 1. The defaults are typical of the member votes of 2018 to 2020 that carried."""

    turnout: Fraction = Fraction(9, 10)
    share_for: Fraction = Fraction(7, 10)
    share_abstaining: Fraction = Fraction(1, 20)

    def __post_init__(self) -> None:
        for share in (self.turnout, self.share_for, self.share_abstaining):
            if not 0 <= share <= 1:
                raise ValueError(f"a share is between 0 and 1, not {share}")

    @property
    def chances(self) -> tuple[Fraction, Fraction, Fraction]:
        """The chances that a practice votes for, votes against, abstains. The rest is the chance of no vote."""
        deciding = self.turnout * (1 - self.share_abstaining)
        return (
            deciding * self.share_for,
            deciding * (1 - self.share_for),
            self.turnout * self.share_abstaining,
        )

    def draw_votes(self, practices: int, below: Below) -> tuple[TotalsOrder | None, ...]:
        """One simulated ballot; None where a practice does not vote."""
        return tuple(self._draw_vote(below) for _ in range(practices))

    def unanimous(self, practices: int) -> Fraction:
        """The exact chance that at least one practice votes and all voters agree, which reveals every vote."""
        nobody = (1 - self.turnout) ** practices
        return sum(((1 - self.turnout + chance) ** practices - nobody for chance in self.chances), Fraction(0))

    def _draw_vote(self, below: Below) -> TotalsOrder | None:
        if not _happens(self.turnout, below):
            return None
        if _happens(self.share_abstaining, below):
            return TotalsOrder.ABSTAIN
        return TotalsOrder.FOR if _happens(self.share_for, below) else TotalsOrder.AGAINST


def _happens(chance: Fraction, below: Below) -> bool:
    return below(chance.denominator) < chance.numerator


class SeededDraws:
    """Draws from SHA-256 of a seed and a counter: the same on every machine and in every version of Python."""

    __slots__ = ("_counter", "_left", "_seed")

    def __init__(self, seed: str) -> None:
        self._seed, self._counter, self._left = seed, 0, b""

    def __call__(self, bound: int) -> int:
        """A number from 0 to bound - 1, all equally likely: draws too large to divide evenly are discarded."""
        if not 0 < bound <= 2**32:
            raise ValueError(f"a bound is between 1 and 2**32, not {bound}")
        while True:
            if not self._left:
                self._left = sha256(f"{self._seed}/{self._counter}".encode()).digest()
                self._counter += 1
            drawn, self._left = int.from_bytes(self._left[:4], "big"), self._left[4:]
            if drawn < 2**32 - 2**32 % bound:
                return drawn % bound
