"""Margins of locality tests: how many votes they need and can spare, exact over all ways to spread the votes.

A locality test must hold in a certain number of localities. So the question is in which of them it costs the fewest
votes to make it hold, or to undo it. `least` and `greatest` find by halving where a condition changes once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from ballot.constitution.counts import FOR, Counts
from ballot.constitution.rule import LocalityPart, Rule, Unit, locality_parts
from ballot.constitution.verdict import holds_in


def least(floor: int, largest: int, enough: Callable[[int], bool]) -> int:
    """The least number from `floor` to `largest` that is enough, if every greater number is enough too."""
    low, high = floor - 1, largest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def greatest(largest: int, holds: Callable[[int], bool]) -> int:
    """The greatest number from 0 to `largest` for which the condition holds, if it holds for every smaller one."""
    return largest - least(0, largest, lambda spared: holds(largest - spared))


_Chain = tuple["_Chain | None", str, int]
"""A link in the chain of localities that get votes: the votes in one, then the earlier links."""
_Spread = tuple[int, _Chain | None]


def steps_in_localities(rule: Rule, counts: Counts, option: str | None) -> int:
    """Roughly how many steps `least_in_localities` takes, over all measures."""
    tests = (locality_parts(rule, option, unit) for unit in Unit)
    most = len(counts.localities)
    return sum(most * prod(1 + min(holding, most) for holding in _needed(some, counts)) for some in tests if some)


def _needed(tests: Sequence[LocalityPart], counts: Counts) -> tuple[int, ...]:
    return tuple(part.needed(len(counts.localities)) for part in tests)


def least_in_localities(
    rule: Rule, counts: Counts, option: str | None, unit: Unit, source: str
) -> Mapping[str, int] | None:
    """The fewest votes from `source`, by locality, that make every locality test of this measure hold; None if none do.

    Dynamic programming over the localities. The state is the number of localities in which each test holds so far, and
    its value is the fewest votes. `consistency` allows at most two tests per measure, so there are few states.
    """
    tests = locality_parts(rule, option, unit)
    if not tests:
        return {}
    needed = _needed(tests, counts)
    best: dict[tuple[int, ...], _Spread] = {(0,) * len(tests): (0, None)}
    for locality, local in counts.localities.items():
        costs = [_cost(rule, part, local, option, source) for part in tests]
        following: dict[tuple[int, ...], _Spread] = {}
        choices = list(_choices(costs))
        for holding, (spent, chain) in best.items():
            for met, cost in choices:
                state = tuple(min(a + b, most) for a, b, most in zip(holding, met, needed, strict=True))
                if state not in following or spent + cost < following[state][0]:
                    following[state] = (spent + cost, (chain, locality, cost) if cost else chain)
        best = following
    return dict(reversed(list(_links(best[needed][1])))) if needed in best else None


def _links(chain: _Chain | None) -> Iterator[tuple[str, int]]:
    while chain is not None:
        chain, locality, cost = chain
        yield locality, cost


def _choices(costs: list[int | None]) -> Iterator[tuple[tuple[int, ...], int]]:
    """The subsets of tests that can be made to hold in one locality, with their cost: the largest in the subset."""
    for met in product((0, 1), repeat=len(costs)):
        chosen = [cost for cost, is_met in zip(costs, met, strict=True) if is_met]
        if None not in chosen:
            yield met, max((cost for cost in chosen if cost is not None), default=0)


def _cost(rule: Rule, part: LocalityPart, local: Counts, option: str | None, source: str) -> int | None:
    """How many votes from `source` make the test hold in one locality; None if all of them are too few."""
    unit, target = part.condition.unit, option or FOR
    largest = local.part(unit, source) or 0

    def holds(number: int) -> bool:
        return holds_in(rule, part, local.moved(unit, number, source, target), option)

    return least(0, largest, holds) if holds(largest) else None


def place(counts: Counts, unit: Unit, source: str, number: int, spread: Mapping[str, int]) -> dict[str, int]:
    """Place `number` votes from `source`: first where localities need them, then anywhere with votes left."""
    placed, rest = dict(spread), number - sum(spread.values())
    for locality, local in counts.localities.items():
        more = min(rest, (local.part(unit, source) or 0) - placed.get(locality, 0))
        if more:
            placed[locality] = placed.get(locality, 0) + more
            rest -= more
    return placed


def most_spared_in_localities(
    rule: Rule, counts: Counts, option: str | None, unit: Unit, way: tuple[str, str]
) -> int | None:
    """How many votes can go from one group to another, wherever they are, with every locality test holding.

    None means no limit.
    """
    undoing = [_undoing(rule, part, counts, option, way) for part in locality_parts(rule, option, unit)]
    return min((number - 1 for number in undoing if number is not None), default=None)


def _undoing(rule: Rule, part: LocalityPart, counts: Counts, option: str | None, way: tuple[str, str]) -> int | None:
    """The fewest votes that stop a test from holding in enough localities; None if no number does."""
    unit, (source, target) = part.condition.unit, way
    costs, holding = [], 0
    for local in counts.localities.values():
        if not holds_in(rule, part, local, option):
            continue
        holding += 1
        have = local.part(unit, source) or 0

        def holds(number: int, local: Counts = local) -> bool:
            return holds_in(rule, part, local.moved(unit, number, source, target), option)

        spared = greatest(have, holds)
        if spared < have:
            costs.append(spared + 1)
    to_undo = holding - part.needed(len(counts.localities)) + 1
    return sum(sorted(costs)[:to_undo]) if len(costs) >= to_undo else None
