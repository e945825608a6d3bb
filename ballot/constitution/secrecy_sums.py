"""Subset sums, exactly: the two-answer questions behind the meter.

A set of reachable sums is one long integer, bit s for the sum s. Adding a practice is a shift and an OR over machine
words, so a CCG of 165 practices and a million patients takes milliseconds. A practice heavier than the target is never
shifted by: its weight may be a hundred thousand million.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence


def who_can_differ(weights: Sequence[int], target: int, asked: Collection[int]) -> dict[int, tuple[bool, bool]] | None:
    """For each asked weight: can a practice of it be inside, and outside, a subset that adds up to `target`?

    None if no subset does. (1) forwards: the sums reachable before each practice; (2) backwards: the sums from which
    the rest completes the target; (3) a practice can be outside where the two meet, inside where they meet one weight
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
        if weight in asked and weight not in found:  # practices of one weight can change places
            found[weight] = (bool(before & with_it), bool(before & completes))
        completes |= with_it
    return found


def subsets_with_sum(classes: Sequence[tuple[int, int]], target: int) -> Iterator[tuple[int, ...]]:
    """Every way to take some of each class (weight above zero, members) so that the sum is `target`, as numbers taken.

    Walks only where the classes that are left can still complete the sum, so each step leads to an answer.
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

    The number of subsets for every sum stands in one long integer, a slot of len(weights) + 1 bits for each sum: the
    product of (1 + x^weight) with x a power of two. A subset and its complement are counted by the smaller of the two.
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
        whole >>= (lowest - floor) * slot if lowest > floor else 0  # sums from which the rest cannot reach the target
        floor = max(floor, lowest)
    return whole >> ((target - floor) * slot) & ((1 << slot) - 1)
