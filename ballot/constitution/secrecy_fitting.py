"""How many patterns fit a result: exactly where memory allows, otherwise a number that is not too high."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.constitution.secrecy_patterns import Answer, count_patterns
from ballot.constitution.secrecy_reveal import Votes, totals_of
from ballot.constitution.secrecy_sums import count_subsets

_MOST_STATES = 60_000
_MOST_BITS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Fitting:
    """So many patterns, or at least so many."""

    number: int
    exact: bool

    def __str__(self) -> str:
        digits = str(self.number)
        words = f"{self.number:,}" if len(digits) <= 9 else f"a number of {len(digits)} digits of"
        return f"{'' if self.exact else 'at least '}{words} {'pattern' if self.number == 1 else 'patterns'}"


def count_fitting(weights: Sequence[int], votes: Votes) -> Fitting:
    """The number of patterns with the totals of these votes.

    Where that is out of reach: of the patterns in which the same practices abstain; where even that is, the one pattern
    that is certain.
    """
    totals = totals_of(weights, votes)
    voters = [weight for weight, vote in zip(weights, votes, strict=True) if vote is not None]
    if (patterns := count_patterns(voters, totals, _MOST_STATES)) is not None:
        return Fitting(patterns.number, exact=True)
    deciding = [w for w, vote in zip(weights, votes, strict=True) if vote in (Answer.FOR, Answer.AGAINST)]
    if min(totals[:2]) * len(deciding) ** 2 > _MOST_BITS:
        return Fitting(1, exact=False)
    return Fitting(count_subsets(deciding, totals[Answer.FOR]), exact=False)
