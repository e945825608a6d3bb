"""What a result determines: counted by hand, in closed form, and for the largest CCGs."""

from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction
from itertools import combinations
from math import comb

import pytest

from ballot.secrecy.meter import Fitting, count_fitting, draw_ballots
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.patterns import TotalsOrder, count_patterns, count_subsets, subsets_with_sum
from ballot.secrecy.reveal import Votes, find_determined, totals_of
from ballot.secrecy.weighting import bands, exact_sizes, heads_only, packed

FOR, AGAINST, ABSTAIN = TotalsOrder


def generated_sizes(practices: int, seed: str = "sizes") -> list[int]:
    """Invented lists, about as uneven as real ones: 1,500 to 17,500, the middle more often."""
    draw = SeededDraws(seed)
    return [1_500 + draw(8_000) + draw(8_000) for _ in range(practices)]


@pytest.mark.parametrize(
    ("weights", "votes", "number", "determined"),
    [
        pytest.param([3, 5, 8], [FOR, FOR, AGAINST], 2, set(), id="3 and 5 against 8, or 8 against 3 and 5"),
        pytest.param([3, 5, 9], [FOR, FOR, AGAINST], 1, {0, 1, 2}, id="only one way"),
        pytest.param([3, 5, 8, 100], [FOR, FOR, AGAINST, ABSTAIN], 2, {3}, id="the giant alone is known"),
        pytest.param([7, 7, 20], [FOR, AGAINST, FOR], 2, {2}, id="equal lists hide each other"),
        pytest.param([4, 6], [FOR, FOR], 1, {0, 1}, id="unanimous"),
        pytest.param([4], [ABSTAIN], 1, {0}, id="one voter"),
        pytest.param([], [], 1, set(), id="nobody"),
        pytest.param([0, 9], [FOR, AGAINST], 3, {1}, id="who weighs nothing is seen in no total"),
    ],
)
def test_small_results_by_hand(weights: list[int], votes: Votes, number: int, determined: set[int]) -> None:
    patterns = count_patterns(weights, totals_of(weights, votes))
    assert patterns is not None
    assert (patterns.number, patterns.determined) == (number, determined)
    revealed = find_determined(weights, votes)
    assert (revealed.determined, revealed.unsettled) == (determined, frozenset())


def test_totals_that_no_votes_give_fit_no_pattern() -> None:
    for totals in ((1, 0, 0), (4, 4, 0)):
        patterns = count_patterns([3, 5], totals)
        assert patterns is not None
        assert patterns.number == 0
        assert not patterns.determined


@pytest.mark.parametrize("split", [(14, 0, 0), (13, 1, 0), (7, 4, 3), (100, 60, 5)], ids=str)
def test_heads_alone_have_a_closed_form(split: tuple[int, int, int]) -> None:
    practices = sum(split)
    patterns = count_patterns(heads_only(practices).weights, split)
    assert patterns is not None
    assert patterns.number == comb(practices, split[0]) * comb(practices - split[0], split[1])
    assert len(patterns.determined) == (practices if practices in split else 0)


def test_who_did_not_vote_is_known_and_not_among_the_determined() -> None:
    revealed = find_determined([3, 5, 9, 8], [FOR, FOR, AGAINST, None])
    assert revealed.voters == 3
    assert revealed.determined == {0, 1, 2}


def test_a_search_cut_short_says_unsettled_and_never_determined() -> None:
    revealed = find_determined([3, 5, 9], [FOR, AGAINST, ABSTAIN], most_sets=0)
    assert revealed.determined == frozenset()
    assert revealed.unsettled == revealed.known == {0, 1, 2}


def test_counting_stops_at_its_limit_instead_of_filling_the_memory() -> None:
    sizes = generated_sizes(60)
    votes = [TotalsOrder(place % 3) for place in range(60)]
    assert count_patterns(sizes, totals_of(sizes, votes), most_states=1_000) is None


def test_subsets_are_counted_and_listed_alike() -> None:
    weights = [2, 3, 3, 5, 7, 8]
    for target in range(30):
        expected = sum(1 for size in range(7) for some in combinations(weights, size) if sum(some) == target)
        assert count_subsets(weights, target) == expected
        classes = [(2, 1), (3, 2), (5, 1), (7, 1), (8, 1)]
        ways = sum(2 if taken[1] == 1 else 1 for taken in subsets_with_sum(classes, target))
        assert ways == expected


def test_where_counting_is_out_of_reach_a_lower_bound_is_said_to_be_one() -> None:
    sizes = generated_sizes(60)
    votes: Votes = [FOR if place % 3 else AGAINST for place in range(58)] + [ABSTAIN, ABSTAIN]
    found = count_fitting(sizes, votes)
    assert not found.exact
    assert found.number > 10**9
    assert str(found).startswith("at least a number of ")
    assert str(Fitting(1, exact=True)) == "1 pattern"


@pytest.mark.parametrize("kind", ["heads", "bands", "exact", "packed"])
def test_the_largest_ccg_is_judged_in_seconds(kind: str) -> None:
    sizes = generated_sizes(165)
    choices = {
        "heads": heads_only(165),
        "bands": bands(sizes, 1_000),
        "exact": exact_sizes(sizes),
        "packed": packed(sizes),
    }
    votes = draw_ballots(165, VotingModel(), 5, SeededDraws("largest"))
    began = time.perf_counter()
    for ballot in votes:
        revealed = find_determined(choices[kind].weights, ballot)
        assert len(revealed.known) * 20 < revealed.voters
    assert time.perf_counter() - began < 20  # about half a second alone; the machine may be busy


def test_the_draws_are_even_and_the_same_everywhere() -> None:
    draw = SeededDraws("a seed")
    drawn = [draw(7) for _ in range(7_000)]
    assert drawn[:8] == [SeededDraws("a seed")(7), *drawn[1:8]]
    assert all(880 < drawn.count(value) < 1_120 for value in range(7))
    for bound in (0, -1, 2**32 + 1):
        with pytest.raises(ValueError, match="bound"):
            draw(bound)


def test_a_share_above_one_is_no_model() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        VotingModel(turnout=Fraction(3, 2))


def test_more_different_weights_than_the_search_goes_deep_are_left_unsettled() -> None:
    """One odd weight among more than a thousand even ones: no exchange can settle it, and no search that deep."""
    weights = [1, *range(2, 2600, 2)]
    votes = [(FOR, FOR, AGAINST, ABSTAIN)[place % 4] for place in range(len(weights))]

    assert find_determined(weights, votes).unsettled == frozenset({0})


def test_a_practice_that_weighs_nearly_everything_costs_no_memory() -> None:
    """Its weight was once a number of bits: twelve gigabytes of them."""
    weights, votes = [10**11, 5, 7, 11], [FOR, AGAINST, ABSTAIN, ABSTAIN]
    tracemalloc.start()
    try:
        revealed = find_determined(weights, votes)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0 in revealed.determined
    assert peak < 10_000_000
