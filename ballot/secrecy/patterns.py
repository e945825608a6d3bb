"""How many ways of voting give one published result, counted exactly.

Known beforehand: who voted, and what each vote weighs. Published: three totals. A *pattern* gives each practice one
answer. Outsiders cannot tell apart the patterns that add up to the totals. If all of them give a practice the same
answer, its vote is revealed.

The count is dynamic programming over the two smaller totals, met in the middle. Practices of one weight are one step,
and the sums of the first half are matched with what they leave to the second. It is exact, in whole numbers of any
size. Its memory grows with the sums that can be reached, so there is a limit; beyond it the answer is None, never a
guess. `reveal` finds what is revealed where counting is out of reach.

A set of reachable sums is one long integer, with bit s for the sum s. Adding a practice is a shift and an OR over
machine words, so a CCG of 165 practices and a million patients takes milliseconds. A practice heavier than the target
is never shifted by. Work is bounded in steps, not in seconds: the same input takes the same number of steps on every
machine. A step is roughly one simple statement of Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import comb

MOST_STATES = 400_000
_State = tuple[int, int]
_Layer = dict[_State, int]


class TotalsOrder(IntEnum):
    """The three answers, in the order of the published totals."""

    FOR = 0
    AGAINST = 1
    ABSTAIN = 2


Totals = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Patterns:
    """How many patterns fit in all, and in how many of them each practice gives each answer."""

    number: int
    each: tuple[Totals, ...]

    @property
    def determined(self) -> frozenset[int]:
        """The practices with the same answer in every pattern."""
        return frozenset(place for place, split in enumerate(self.each) if self.number in split and self.number)


@dataclass(frozen=True, slots=True)
class _Split:
    """One split of the practices of one weight: what it adds to the two totals, and in how many ways."""

    step: _State
    ways: int
    each: Totals  # In how many of these ways a given practice answers base, x, y


def count_patterns(weights: Sequence[int], totals: Totals, most_states: int = MOST_STATES) -> Patterns | None:
    """Count the patterns of these voters with these totals; None if that takes too much memory.

    (1) The largest total is what the other two leave. (2) Build layers from both ends. (3) Match them in the middle.
    (4) Carry the number of completions back through each half, which gives each practice's split.
    """
    if sum(totals) != sum(weights):
        return Patterns(0, ((0, 0, 0),) * len(weights))
    base, x, y = sorted(TotalsOrder, key=lambda answer: (-totals[answer], answer))
    limits = (totals[x], totals[y])
    classes = sorted(Counter(weights).items(), reverse=True)
    splits = [_splits(weight, members) for weight, members in classes]
    middle = _middle([len(ways) for ways in splits])
    first, second = splits[:middle], splits[middle:][::-1]
    ahead, behind = _layers(first, limits, most_states), _layers(second, limits, most_states)
    if ahead is None or behind is None:
        return None
    number = sum(ways * behind[-1].get(_rest(limits, state), 0) for state, ways in ahead[-1].items())
    found = _carry_back(first, ahead, behind[-1], limits) + _carry_back(second, behind, ahead[-1], limits)[::-1]
    of_class = {}
    for (weight, _), split in zip(classes, found, strict=True):
        placed = dict(zip((base, x, y), split, strict=True))
        of_class[weight] = (placed[TotalsOrder.FOR], placed[TotalsOrder.AGAINST], placed[TotalsOrder.ABSTAIN])
    return Patterns(number, tuple(of_class[weight] for weight in weights))


def _splits(weight: int, members: int) -> list[_Split]:
    found = []
    for x in range(members + 1):
        for y in range(members + 1 - x):
            ways = comb(members, x) * comb(members - x, y)
            base = members - x - y
            each = (ways * base // members, ways * x // members, ways * y // members)
            found.append(_Split((x * weight, y * weight), ways, each))
    return found


def _middle(sizes: Sequence[int]) -> int:
    """Where to cut so that neither half has many more ways than the other."""
    whole, left, cut = 1, 1, 0
    for size in sizes:
        whole *= size
    while cut < len(sizes) and left * left < whole:
        left *= sizes[cut]
        cut += 1
    return cut


def _layers(steps: Sequence[Sequence[_Split]], limits: _State, most_states: int) -> list[_Layer] | None:
    """The reachable sums after each step, and the number of ways; None if there are too many."""
    layers: list[_Layer] = [{(0, 0): 1}]
    for splits in steps:
        layer: _Layer = {}
        for (x, y), ways in layers[-1].items():
            for split in splits:
                state = (x + split.step[0], y + split.step[1])
                if state[0] <= limits[0] and state[1] <= limits[1]:
                    layer[state] = layer.get(state, 0) + ways * split.ways
        if len(layer) > most_states:
            return None
        layers.append(layer)
    return layers


def _rest(limits: _State, state: _State) -> _State:
    return (limits[0] - state[0], limits[1] - state[1])


def _carry_back(
    steps: Sequence[Sequence[_Split]], layers: Sequence[_Layer], other: _Layer, limits: _State
) -> list[Totals]:
    """For each step in one half, in how many whole patterns one of its practices gives each answer."""
    ends: _Layer = {state: other[rest] for state in layers[-1] if (rest := _rest(limits, state)) in other}
    found: list[Totals] = []
    for splits, layer in zip(reversed(steps), reversed(layers[:-1]), strict=True):
        each, before = [0, 0, 0], {}
        for (x, y), ways in layer.items():
            completions = 0
            for split in splits:
                after = ends.get((x + split.step[0], y + split.step[1]), 0)
                if after:
                    completions += after * split.ways
                    for answer in range(3):
                        each[answer] += ways * after * split.each[answer]
            if completions:
                before[(x, y)] = completions
        ends = before
        found.append((each[0], each[1], each[2]))
    return found[::-1]


def who_can_differ(weights: Sequence[int], target: int, asked: Collection[int]) -> dict[int, tuple[bool, bool]] | None:
    """For each asked weight: can a practice of it be in, and out of, a subset that adds up to `target`?

    None if no subset does. (1) Forwards: the sums reachable before each practice. (2) Backwards: the sums from which
    the rest completes the target. (3) A practice can be out where the two meet, and in where they meet one weight
    apart.
    """
    mask = (1 << (target + 1)) - 1
    reached = [1]
    for weight in weights:
        reached.append((reached[-1] | reached[-1] << weight) & mask if weight <= target else reached[-1])
    if not reached[-1] >> target & 1:
        return None
    completes = 1 << target
    found: dict[int, tuple[bool, bool]] = {}
    for weight, before in zip(reversed(weights), reversed(reached[:-1]), strict=True):
        with_it = completes >> weight
        if weight in asked and weight not in found:  # Practices of equal weight are interchangeable
            found[weight] = (bool(before & with_it), bool(before & completes))
        completes |= with_it
    return found


def subsets_with_sum(classes: Sequence[tuple[int, int]], target: int) -> Iterator[tuple[int, ...]]:
    """Every way to take some of each class (weight above zero, members) so that the sum is `target`, as numbers taken.

    It goes on only where the remaining classes can still complete the sum, so each step leads to an answer.
    """
    mask = (1 << (target + 1)) - 1
    left = [1]
    for weight, members in reversed(classes):
        sums = left[-1]
        for _ in range(members if weight <= target else 0):
            sums |= (sums << weight) & mask
        left.append(sums)
    left.reverse()

    def walk(place: int, rest: int, taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if place == len(classes):
            yield taken
            return
        weight, members = classes[place]
        for number in range(min(members, rest // weight) + 1):
            if left[place + 1] >> (rest - number * weight) & 1:
                yield from walk(place + 1, rest - number * weight, (*taken, number))

    if left[0] >> target & 1:
        yield from walk(0, target, ())


def count_subsets(weights: Sequence[int], target: int) -> int:
    """How many subsets of these practices add up to `target`, exactly.

    One long integer holds the number of subsets for every sum, in a slot of len(weights) + 1 bits each: the product of
    (1 + x^weight) with x a power of two. A subset and its complement have the same count, so the smaller sum is used.
    """
    target = min(target, sum(weights) - target)
    if target < 0:
        return 0
    slot = len(weights) + 1
    whole, floor, left = 1, 0, sum(weights)
    for weight in sorted(weights, reverse=True):
        whole += whole << (weight * slot)
        left -= weight
        ceiling, lowest = target - floor, max(0, target - left)
        whole &= (1 << ((ceiling + 1) * slot)) - 1
        # Drop the sums from which the rest cannot reach the target
        whole >>= (lowest - floor) * slot if lowest > floor else 0
        floor = max(floor, lowest)
    return whole >> ((target - floor) * slot) & ((1 << slot) - 1)


BITS = 4_000
"""The bits of a long number that one step shifts and combines."""


class TooManySteps(Exception):
    """The bound was reached before the work was done."""


@dataclass(slots=True)
class StepBound:
    """Counts work in steps; `most` is the bound, None for no bound."""

    most: int | None = None
    done: int = 0

    def take(self, steps: int) -> None:
        """Add the next steps; raises TooManySteps before doing more than the bound allows."""
        self.done += steps
        if self.most is not None and self.done > self.most:
            raise TooManySteps
