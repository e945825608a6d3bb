"""The meter's exact parts, compared with enumerating every pattern of votes."""

from __future__ import annotations

from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from ballot.secrecy.exchange import exchange_few, exchange_many
from ballot.secrecy.meter import reveal_with_tellers
from ballot.secrecy.patterns import Patterns, StepBound, Totals, TotalsOrder, count_patterns
from ballot.secrecy.reveal import find_determined, totals_of
from ballot.secrecy.weighting import packed

ANSWERS = st.sampled_from((TotalsOrder.FOR, TotalsOrder.FOR, TotalsOrder.AGAINST, TotalsOrder.ABSTAIN))
WEIGHTS = st.one_of(st.integers(0, 4), st.integers(1, 30), st.integers(1, 20_000))


def ballots(most: int) -> st.SearchStrategy[list[tuple[int, TotalsOrder]]]:
    return st.lists(st.tuples(WEIGHTS, ANSWERS), max_size=most)


def every_pattern(weights: list[int], totals: Totals) -> Patterns:
    """The definition, and nothing clever."""
    number, each = 0, [[0, 0, 0] for _ in weights]
    for answers in product(TotalsOrder, repeat=len(weights)):
        if totals_of(weights, answers) == totals:
            number += 1
            for split, answer in zip(each, answers, strict=True):
                split[answer] += 1
    return Patterns(number, tuple((a, b, c) for a, b, c in each))


@given(ballots(6))
def test_counts_and_determined_votes_are_those_of_every_pattern(ballot: list[tuple[int, TotalsOrder]]) -> None:
    weights, votes = [weight for weight, _ in ballot], [vote for _, vote in ballot]
    expected = every_pattern(weights, totals_of(weights, votes))
    assert count_patterns(weights, totals_of(weights, votes)) == expected
    revealed = find_determined(weights, votes)
    assert (revealed.determined, revealed.unsettled) == (expected.determined, frozenset())


@given(ballots(13))
def test_the_two_exact_methods_agree(ballot: list[tuple[int, TotalsOrder]]) -> None:
    weights, votes = [weight for weight, _ in ballot], [vote for _, vote in ballot]
    patterns = count_patterns(weights, totals_of(weights, votes))
    assert patterns is not None
    assert find_determined(weights, votes).known == patterns.determined


@given(ballots(10))
def test_an_exchange_that_is_found_exists(ballot: list[tuple[int, TotalsOrder]]) -> None:
    ballot = [(weight, vote) for weight, vote in ballot if weight]
    weights, votes = [weight for weight, _ in ballot], [vote for _, vote in ballot]
    patterns = count_patterns(weights, totals_of(weights, votes))
    assert patterns is not None
    voted = {answer: [weight for weight, vote in ballot if vote is answer] for answer in TotalsOrder}
    possible = {weight: {vote for other, vote in ballot if other == weight} for weight in weights}
    exchange_few(voted, possible, StepBound())
    exchange_many(voted, possible, StepBound())
    for weight, split in zip(weights, patterns.each, strict=True):
        assert possible[weight] <= {answer for answer in TotalsOrder if split[answer]}


@given(ballots(10))
def test_packing_reveals_all_that_either_part_reveals(ballot: list[tuple[int, TotalsOrder]]) -> None:
    weights, votes = [weight for weight, _ in ballot], [vote for _, vote in ballot]
    both = find_determined(packed(weights).weights, votes).known
    assert both >= find_determined([1] * len(weights), votes).known
    assert both >= find_determined(weights, votes).known


@given(ballots(10))
def test_who_tells_never_makes_less_known(ballot: list[tuple[int, TotalsOrder]]) -> None:
    weights, votes = [weight for weight, _ in ballot], [vote for _, vote in ballot]
    known = [reveal_with_tellers(weights, votes, tellers).known for tellers in range(5)]
    assert all(fewer <= more for fewer, more in pairwise(known))


@given(ballots(9), st.randoms(use_true_random=False))
def test_the_order_of_practices_is_irrelevant(ballot: list[tuple[int, TotalsOrder]], shuffle: object) -> None:
    order = list(range(len(ballot)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    there = find_determined([weight for weight, _ in ballot], [vote for _, vote in ballot]).known
    mixed = [ballot[place] for place in order]
    here = find_determined([weight for weight, _ in mixed], [vote for _, vote in mixed]).known
    assert {order[place] for place in here} == there
