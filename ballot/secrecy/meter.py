"""The secrecy meter: before opening, what would publishing the planned totals tell about single votes?

Every simulated ballot is judged exactly (`reveal`). Only the shares over many of them are estimates, each with its 95 %
interval. A vote that could not be settled within the step limit is counted as revealed, and also apart. Weightings
are compared on the same simulated votes. The number of patterns that fit a result is exact where memory allows;
otherwise it is a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from ballot.secrecy.model import Below, VotingModel
from ballot.secrecy.patterns import StepBound, TotalsOrder, count_patterns, count_subsets
from ballot.secrecy.reveal import Revealed, Votes, find_determined, totals_of
from ballot.secrecy.weighting import Weighting

_MOST_STATES = 60_000
_MOST_BITS = 20_000_000_000


@dataclass(frozen=True, slots=True)
class Fitting:
    """A number of patterns, exact or a lower bound."""

    number: int
    exact: bool

    def __str__(self) -> str:
        digits = str(self.number)
        words = f"{self.number:,}" if len(digits) <= 9 else f"a number of {len(digits)} digits of"
        return f"{'' if self.exact else 'at least '}{words} {'pattern' if self.number == 1 else 'patterns'}"


def count_fitting(weights: Sequence[int], votes: Votes) -> Fitting:
    """The number of patterns with the same totals as these votes.

    If that takes too much memory, count only the patterns with the same practices abstaining. If even that does, answer
    one, the pattern that is certain.
    """
    totals = totals_of(weights, votes)
    voters = [weight for weight, vote in zip(weights, votes, strict=True) if vote is not None]
    if (patterns := count_patterns(voters, totals, _MOST_STATES)) is not None:
        return Fitting(patterns.number, exact=True)
    deciding = [w for w, vote in zip(weights, votes, strict=True) if vote in (TotalsOrder.FOR, TotalsOrder.AGAINST)]
    if min(totals[:2]) * len(deciding) ** 2 > _MOST_BITS:
        return Fitting(1, exact=False)
    return Fitting(count_subsets(deciding, totals[TotalsOrder.FOR]), exact=False)


_Z_SQUARED = Fraction(38415, 10_000)  # 1.96 squared: 95 %
_FINE = 10**6


@dataclass(frozen=True, slots=True)
class Estimate:
    """In how many of the simulated ballots something happened."""

    hits: int
    ballots: int

    @property
    def share(self) -> Fraction:
        """The observed share."""
        return Fraction(self.hits, self.ballots)

    def interval(self) -> tuple[Fraction, Fraction]:
        """Wilson's 95 % interval, rounded outwards: it contains the true chance 19 times out of 20."""
        n, z = self.ballots, _Z_SQUARED
        middle = self.share + z / (2 * n)
        inside = z * (self.share * (1 - self.share) / n + z / (4 * n * n))
        root = Fraction(isqrt(inside.numerator * _FINE**2 // inside.denominator) + 1, _FINE)
        low, high = ((middle + sign * root) / (1 + z / n) for sign in (-1, 1))
        return max(low, Fraction(0)), min(high, Fraction(1))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one weighting reveals, over the simulated ballots."""

    weighting: Weighting
    some: Estimate  # at least one vote is known
    every: Estimate  # every vote is known
    known: int  # Votes known, added up over the ballots
    cast: int  # Votes cast, added up over the ballots
    unsettled: int  # Of the known votes, the unsettled ones that are assumed known
    disclosed: int = 0  # Of the known votes, those that abstainers disclosed

    @property
    def share_known(self) -> Fraction:
        """The share of all votes cast that are known."""
        return Fraction(self.known, self.cast) if self.cast else Fraction(0)

    @property
    def share_of_others_known(self) -> Fraction:
        """The share known among the votes that no one disclosed."""
        others = self.cast - self.disclosed
        return Fraction(self.known - self.disclosed, others) if others else Fraction(0)


@dataclass(frozen=True, slots=True)
class Meter:
    """One CCG: the planned weighting, the alternatives, and the planned one with abstainers who disclose their vote."""

    practices: int
    model: VotingModel
    planned: Measured
    alternatives: tuple[Measured, ...]
    abstainers: tuple[Measured, ...]  # With 1, 2, ... of the abstainers known
    unanimous: Fraction  # Exact, whatever is counted

    @property
    def others(self) -> tuple[Measured, ...]:
        """The alternatives, without the planned way of counting under another name."""
        return tuple(other for other in self.alternatives if other.weighting.weights != self.planned.weighting.weights)


def draw_ballots(practices: int, model: VotingModel, ballots: int, below: Below) -> list[Votes]:
    """Simulate the ballots that every weighting is judged on."""
    return [model.draw_votes(practices, below) for _ in range(ballots)]


def measure(
    weighting: Weighting, ballots: Sequence[Votes], tellers: int = 0, steps: StepBound | None = None
) -> Measured:
    """Judge one weighting. With `tellers`, that many abstainers in each ballot have told the outsider.

    A disclosed vote counts as known. Raises TooManySteps at the bound of `steps`.
    """
    found = [reveal_with_tellers(weighting.weights, votes, tellers, steps) for votes in ballots]
    return Measured(
        weighting,
        Estimate(sum(1 for revealed in found if revealed.known), len(found)),
        Estimate(sum(1 for revealed in found if len(revealed.known) == revealed.voters > 0), len(found)),
        sum(len(revealed.known) for revealed in found),
        sum(revealed.voters for revealed in found),
        sum(len(revealed.unsettled) for revealed in found),
        sum(min(tellers, sum(vote is TotalsOrder.ABSTAIN for vote in votes)) for votes in ballots),
    )


def reveal_with_tellers(weights: Sequence[int], votes: Votes, tellers: int, steps: StepBound | None = None) -> Revealed:
    """What the totals reveal to an outsider who knows that some practices abstained: take those out, then judge."""
    known = [place for place, vote in enumerate(votes) if vote is TotalsOrder.ABSTAIN][:tellers]
    rest = [None if place in known else vote for place, vote in enumerate(votes)]
    revealed = find_determined(weights, rest, steps=steps)
    return Revealed(revealed.voters + len(known), revealed.determined | frozenset(known), revealed.unsettled)


def run_meter(
    planned: Weighting,
    others: Sequence[Weighting],
    model: VotingModel,
    ballots: int,
    below: Below,
    most_tellers: int = 3,
) -> Meter:
    """Measure the planned weighting and the alternatives of one CCG on the same simulated votes."""
    if ballots < 1:
        raise ValueError("at least one ballot must be simulated")
    practices = len(planned.weights)
    drawn = draw_ballots(practices, model, ballots, below)
    done = {planned.weights: measure(planned, drawn)}
    compared = []
    for other in others:
        if other.weights not in done:
            done[other.weights] = measure(other, drawn)
        same = done[other.weights]
        compared.append(Measured(other, same.some, same.every, same.known, same.cast, same.unsettled))
    abstainers = tuple(measure(planned, drawn, tellers) for tellers in range(1, most_tellers + 1))
    unanimous = model.unanimous(practices)
    return Meter(practices, model, done[planned.weights], tuple(compared), abstainers, unanimous)
