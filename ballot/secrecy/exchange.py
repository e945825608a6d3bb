"""Other patterns with the same totals, found quickly: a few practices change places with a few others of the same sum.

What is found here is certain: the exchange exists. What is not found here may exist all the same; `secrecy_reveal`
settles the rest. `possible` holds, for each weight, the answers shown to be possible for a practice of that weight; it
begins with the answers that practices of that weight gave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations

from ballot.secrecy.patterns import StepBound, TotalsOrder

HALF = 12
Possible = dict[int, set[TotalsOrder]]


def open_weights(possible: Possible) -> set[int]:
    """The weights for which only one answer is known to be possible so far."""
    return {weight for weight, answers in possible.items() if len(answers) == 1}


def exchange_few(voted: Mapping[TotalsOrder, Sequence[int]], possible: Possible, steps: StepBound) -> None:
    """Try to swap one or two practices of one answer with one or two of another."""
    for one, other in combinations(TotalsOrder, 2):
        if not open_weights(possible):
            return
        steps.take(sum(len(voted[answer]) * (len(voted[answer]) + 1) for answer in (one, other)))
        by_sum: dict[int, list[tuple[int, ...]]] = {}
        for few in _ones_and_twos(voted[one]):
            by_sum.setdefault(sum(few), []).append(few)
        for few in _ones_and_twos(voted[other]):
            if sum(few) in by_sum:
                for weight in chain(few, *by_sum.pop(sum(few))):
                    possible[weight] |= {one, other}
                by_sum[sum(few)] = [few]


def exchange_many(voted: Mapping[TotalsOrder, Sequence[int]], possible: Possible, steps: StepBound) -> None:
    """For each weight still open, search for a swap among about two dozen practices of its answer and of another.

    The sums from one half of them are matched with the sums from the other half.
    """
    for one, other in ((one, other) for one in TotalsOrder for other in TotalsOrder if one is not other):
        for weight in sorted(set(voted[one]) & open_weights(possible)):
            if len(possible[weight]) > 1 or not voted[other]:
                continue
            partners = list(voted[one])
            partners.remove(weight)
            steps.take(2 * (len(partners) + len(voted[other])) + 8 * 2**HALF)
            for left, right in _tables(weight, partners, voted[other]):
                moved = _cancel(weight, left, right)
                for other_weight in moved:
                    possible[abs(other_weight)] |= {one, other}
                if moved:
                    break


def _ones_and_twos(weights: Sequence[int]) -> Iterator[tuple[int, ...]]:
    return chain(combinations(weights, 1), combinations(weights, 2))


def _tables(weight: int, own: Sequence[int], others: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    """Candidates for the swap in two halves, with a minus for practices of the other answer.

    First some of every size. A very large list moves only against many medium ones, so then the nearest of the others
    and the farthest of its own answer.
    """
    for choose_own, choose_others in ((_spread, _spread), (_farthest, _nearest)):
        signed = [-w for w in choose_others(weight, others, HALF)]
        signed += choose_own(weight, own, 2 * HALF - len(signed))
        yield signed[::2], signed[1::2]


def _spread(_: int, weights: Sequence[int], number: int) -> list[int]:
    ordered, number = sorted(weights), min(number, len(weights))
    return [ordered[place * len(ordered) // number] for place in range(number)]


def _nearest(weight: int, weights: Sequence[int], number: int) -> list[int]:
    return sorted(weights, key=lambda w: (abs(w - weight), w))[:number]


def _farthest(weight: int, weights: Sequence[int], number: int) -> list[int]:
    return sorted(weights, key=lambda w: (-abs(w - weight), w))[:number]


def _cancel(weight: int, left: Sequence[int], right: Sequence[int]) -> list[int]:
    """Some of `left` and `right` that add up with `weight` to zero; includes that weight. Empty if none does."""
    sums = _sums(left)
    place_of = {found: place for place, found in enumerate(sums)}
    for chosen, found in enumerate(_sums(right)):
        if (match := place_of.get(-weight - found)) is not None:
            return [weight, *_chosen(left, match), *_chosen(right, chosen)]
    return []


def _sums(weights: Sequence[int]) -> list[int]:
    """The sums of all subsets: bit i of an entry says whether its subset includes weight i."""
    sums = [0]
    for weight in weights:
        sums += [found + weight for found in sums]
    return sums


def _chosen(weights: Sequence[int], place: int) -> list[int]:
    return [weight for bit, weight in enumerate(weights) if place >> bit & 1]
