"""Whose vote does a result determine? Exact for a CCG of any size, or reported as unsettled.

The votes come from a simulation. A practice is *not* determined once another pattern with the same totals gives it
another answer; it *is* determined once every such pattern is ruled out. Two practices of equal weight with different
answers can change places, so every question is about weights, not practices.

1. weights with two answers among them are not determined;
2. a few practices change places with a few others of the same sum: a quick search for another pattern;
3. every set of practices that could make up the smallest total, and for each an exact subset sum for the other two.

Step 3 ends with a proof for every practice, or uses up its allowance; then the rest is unsettled, neither determined
nor not. Sums count unsettled practices as determined, so that the meter never understates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ballot.secrecy.exchange import Possible, exchange_few, exchange_many, open_weights
from ballot.secrecy.patterns import BITS, StepBound, Totals, TotalsOrder, subsets_with_sum, who_can_differ

MOST_SETS = 2_000
MOST_BITS = 400_000_000
MOST_CLASSES = 500
"""The most distinct weights for which sets are tried: the search recurses once for each."""
CHEAP_BITS = 100_000_000  # About ten milliseconds
Votes = Sequence[TotalsOrder | None]
"""One entry for each practice; None if it did not vote, which is public."""


@dataclass(frozen=True, slots=True)
class Revealed:
    """Positions of practices among those that voted."""

    voters: int
    determined: frozenset[int]
    unsettled: frozenset[int]

    @property
    def known(self) -> frozenset[int]:
        """Determined, or not shown to be undetermined."""
        return self.determined | self.unsettled


def totals_of(weights: Sequence[int], votes: Votes) -> Totals:
    """The totals that would be published."""
    sums = [0, 0, 0]
    for weight, vote in zip(weights, votes, strict=True):
        if vote is not None:
            sums[vote] += weight
    return (sums[0], sums[1], sums[2])


def find_determined(
    weights: Sequence[int],
    votes: Votes,
    most_sets: int = MOST_SETS,
    most_bits: int = MOST_BITS,
    steps: StepBound | None = None,
) -> Revealed:
    """Find the votes that the totals determine, for an outsider who knows who voted and each weight.

    Raises TooManySteps if `steps` has a bound and reaches it.
    """
    steps = steps or StepBound()
    steps.take(16 * len(votes))
    voters = [place for place, vote in enumerate(votes) if vote is not None]
    possible: Possible = {}
    for weight, vote in zip(weights, votes, strict=True):
        if vote is not None:
            possible.setdefault(weight, set()).add(vote)
    if 0 in possible:  # A vote without weight does not affect any total
        possible[0] = set(TotalsOrder)
    voted = _by_answer(weights, votes)
    exchange_few({answer: sorted(set(found)) for answer, found in voted.items()}, possible, steps)
    totals = totals_of(weights, votes)
    if sorted(totals)[1] * len(voters) > CHEAP_BITS:
        exchange_many(voted, possible, steps)
    members = Counter(weights[place] for place in voters)
    settled = _try_every_set(possible, members, totals, most_sets, most_bits, steps)
    still = frozenset(place for place in voters if len(possible[weights[place]]) == 1)
    return Revealed(len(voters), still if settled else frozenset(), frozenset() if settled else still)


def _by_answer(weights: Sequence[int], votes: Votes) -> dict[TotalsOrder, list[int]]:
    """The weights above zero for each answer."""
    return {
        answer: [w for w, vote in zip(weights, votes, strict=True) if vote is answer and w] for answer in TotalsOrder
    }


def _try_every_set(
    possible: Possible, members: Counter[int], totals: Totals, most_sets: int, most_bits: int, steps: StepBound
) -> bool:
    """Try all patterns, set by set, until nothing is open; False if the allowance runs out first."""
    if not open_weights(possible):
        return True
    least, less, most = sorted(TotalsOrder, key=lambda answer: (totals[answer], answer))
    classes = sorted((item for item in members.items() if item[0]), key=lambda c: (len(possible[c[0]]), c[0]))
    cost = totals[less] * sum(members.values())
    if len(classes) > MOST_CLASSES or totals[least] * sum(members.values()) > most_bits:
        return False
    steps.take(totals[least] * sum(members.values()) // BITS)
    for tried, taken in enumerate(subsets_with_sum(classes, totals[least])):
        if tried == most_sets or (tried + 1) * cost > most_bits:
            return False
        steps.take(8 * sum(members.values()) + cost // BITS)
        rest = [w for (w, number), used in zip(classes, taken, strict=True) for _ in range(number - used)]
        differ = who_can_differ(rest, totals[less], open_weights(possible))
        if differ is None:  # With this set the other two totals are impossible
            continue
        for (weight, _), used in zip(classes, taken, strict=True):
            if used:
                possible[weight].add(least)
        for weight, (inside, outside) in differ.items():
            possible[weight] |= ({less} if inside else set()) | ({most} if outside else set())
        if not open_weights(possible):
            return True
    return True
