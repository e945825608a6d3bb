"""The figures of docs/secrecy.md: two answers, full turnout, 70 % for; invented lists, and real ones if present."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction

import pytest

from ballot.secrecy.meter import Estimate, draw_ballots, measure
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.weighting import Weighting, bands, exact_sizes, heads_only, packed
from tests.support.beside import FOLDER, REFERENCE, SOURCES
from tests.support.made_up_nhs_files import ROLL

EVERYBODY_YES_OR_NO = VotingModel(Fraction(1), Fraction(7, 10), Fraction(0))
SHARE_FOR = EVERYBODY_YES_OR_NO.share_for
ROLLS, BALLOTS_EACH = 20, 25


def generated_sizes(practices: int, seed: str) -> list[int]:
    """Invented lists, about as uneven as real ones: 1,500 to 17,500, the middle more often."""
    draw = SeededDraws(seed)
    return [1_500 + draw(8_000) + draw(8_000) for _ in range(practices)]


def weighed(kind: str, sizes: list[int]) -> Weighting:
    if kind == "heads":
        return heads_only(len(sizes))
    if kind in ("exact", "packed"):
        return exact_sizes(sizes) if kind == "exact" else packed(sizes)
    return bands(sizes, int(kind))


def simulate(practices: int, kind: str) -> Estimate:
    """In how many simulated results every vote is determined, over many rolls."""
    hits = 0
    for roll in range(ROLLS):
        votes = draw_ballots(practices, EVERYBODY_YES_OR_NO, BALLOTS_EACH, SeededDraws(f"votes {practices} {roll}"))
        found = measure(weighed(kind, generated_sizes(practices, f"{practices}/{roll}")), votes)
        assert found.unsettled == 0
        hits += found.every.hits
    return Estimate(hits, ROLLS * BALLOTS_EACH)


def exact_chance(weights: tuple[int, ...]) -> Fraction:
    """The chance itself, from all 2^n results: a FOR total that only one set of practices makes tells every vote."""
    sums, heads = [0], [0]
    for weight in weights:
        sums += [total + weight for total in sums]
        heads += [number + 1 for number in heads]
    ways = Counter(sums)
    alone = Counter(number for total, number in zip(sums, heads, strict=True) if ways[total] == 1)
    n = len(weights)
    return sum((many * SHARE_FOR**k * (1 - SHARE_FOR) ** (n - k) for k, many in alone.items()), Fraction(0))


@pytest.mark.parametrize(
    ("practices", "kind", "low", "high"),
    [
        pytest.param(10, "exact", 97, 100, id="10 practices, exact: nearly always"),
        pytest.param(14, "exact", 80, 91, id="14 practices, exact: about 85 %"),
        pytest.param(20, "exact", 13, 26, id="20 practices, exact: about 18 %"),
        pytest.param(14, "1000", 0, 3, id="14 practices, bands of 1,000: about 1 %"),
        pytest.param(14, "2000", 0, 3, id="14 practices, bands of 2,000"),
        pytest.param(14, "heads", 0, 3, id="14 practices, heads only: unanimous results"),
    ],
)
def test_how_often_the_total_tells_every_vote(practices: int, kind: str, low: int, high: int) -> None:
    share = simulate(practices, kind).share
    assert Fraction(low, 100) <= share <= Fraction(high, 100), f"{float(share):.3f}"


def test_heads_and_exact_sizes_together_are_worse_than_exact_sizes() -> None:
    assert simulate(14, "packed").hits > simulate(14, "exact").hits
    assert simulate(20, "packed").hits > simulate(20, "exact").hits


@pytest.mark.parametrize("kind", ["exact", "1000", "packed", "heads"])
def test_the_simulation_agrees_with_the_chance_itself(kind: str) -> None:
    sizes = generated_sizes(13, "one roll")
    weighting = weighed(kind, sizes)
    votes = draw_ballots(13, EVERYBODY_YES_OR_NO, 1_000, SeededDraws("agree"))
    low, high = measure(weighting, votes).every.interval()
    assert low <= exact_chance(weighting.weights) <= high
    if kind == "heads":
        assert exact_chance(weighting.weights) == EVERYBODY_YES_OR_NO.unanimous(13)


@pytest.mark.parametrize("lists", SOURCES)
def test_the_lists_of_215_practices_give_the_same_figures(lists: str) -> None:
    file = FOLDER / "data" / "practices_lsc_2019_08.csv" if lists == REFERENCE else ROLL
    with file.open(encoding="utf-8", newline="") as stream:
        rows = [int(row["registered_patients"]) for row in csv.DictReader(stream) if row["registered_patients"]]
    draw = SeededDraws("real lists")
    rolls = [[rows[place] for place in sorted(range(len(rows)), key=lambda _: draw(2**32))[:14]] for _ in range(12)]
    exact = sum((exact_chance(tuple(sizes)) for sizes in rolls), Fraction(0)) / len(rolls)
    banded = sum((exact_chance(bands(sizes, 1_000).weights) for sizes in rolls), Fraction(0)) / len(rolls)
    assert Fraction(78, 100) < exact < Fraction(95, 100), f"{float(exact):.3f}"
    assert banded < Fraction(3, 100), f"{float(banded):.4f}"
