"""Irregular bands of weight, such as those of 8 V.S.A. 4366, and the files that are refused."""

from __future__ import annotations

import pytest

from ballot.constitution.errors import InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.rule import Constitution
from ballot.constitution.weight import Weight
from ballot.constitution.write import write_constitution
from tests.unit.constitution.test_signed_text import HEAD, asks

TEST = asks("cast", 'more_than = "1/2"', "weight")
WEIGHT = "[weight]\nsnapshot = 2020-04-01\n{}"
VERMONT = WEIGHT.format(
    'per = 150\nrounding = "floor"\n[[weight.band]]\nup_to = 100\nvotes = 1\n[[weight.band]]\nup_to = 250\nvotes = 2\n'
)
STEPS = WEIGHT.format("[[weight.band]]\nup_to = 5000\nvotes = 1\n[[weight.band]]\nvotes = 3\n")


def read(text: str) -> Constitution:
    return load_constitution((HEAD + text + TEST).encode(), "f")


def weight_of(text: str) -> Weight:
    weight = read(text).weight
    assert weight is not None
    return weight


@pytest.mark.parametrize(
    ("size", "votes"), [(0, 0), (1, 1), (100, 1), (101, 2), (250, 2), (399, 2), (400, 3), (549, 3), (550, 4)]
)
def test_each_size_has_the_votes_that_the_statute_gives(size: int, votes: int) -> None:
    assert weight_of(VERMONT).votes(size) == votes


@pytest.mark.parametrize(("size", "votes"), [(1, 1), (5000, 1), (5001, 3), (10**9, 3)])
def test_a_last_band_without_an_end_holds_every_larger_practice(size: int, votes: int) -> None:
    assert weight_of(STEPS).votes(size) == votes


def test_a_minimum_above_the_last_band_is_what_each_practice_weighs_at_most() -> None:
    weight = weight_of(STEPS.replace("snapshot", "minimum = 5\nsnapshot"))

    assert (weight.votes(10), weight.most) == (5, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            VERMONT,
            "up to 100 one, up to 250 two, then one more for each 150, a part of 150 counting nothing",
        ),
        (
            STEPS,
            "up to 5,000 one, above that three",
        ),
    ],
)
def test_bands_are_read_aloud_and_written_again(text: str, said: str) -> None:
    constitution = read(text)

    assert list(read_constitution_aloud(constitution))[1] == (
        f"Weighted votes by registered patients on 2020-04-01: {said}; every practice must have a list."
    )
    assert load_constitution(write_constitution(constitution), "f") == constitution


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("up_to = 250", "up_to = 100", "17: This band ends at 100, and the one before at 100."),
        ("votes = 2", "votes = 0", "18: A longer list would have fewer votes: 0, after 1."),
        ("up_to = 100\n", "", "15: The band before this one has no end"),
        ("up_to = 250\n", "", "11: The last band has no end, so \"per\" would count nothing"),
        ("per = 150\n", "", '9: "per" is missing in [weight].'),
        ("votes = 1", "votes = 1.5", '15: "votes" must be a whole number of at least 0'),
        ("up_to = 100", "from = 1", '14: "from" is not a key that belongs in [weight.band]'),
        ("[[weight.band]]", "[weight.band]", "16: This is not TOML"),
    ],
)  # fmt: skip
def test_bands_that_leave_something_open_are_refused(old: str, new: str, refused: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        read(VERMONT.replace(old, new, 1))

    assert str(caught.value).startswith(f"f:{refused}")
