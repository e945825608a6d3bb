"""The weight of a list size: bands, rounding, minimum and cap, exactly."""

from __future__ import annotations

import datetime as dt

import pytest

from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.weight import MissingList, Rounding, Weight

RULE = """\
ccg  = "01A"
name = "NHS East Lancashire CCG"
[source]
document = "Constitution"
clause = "6.4"
wording = "A resolution ..."
encoded_by = "A"
approved_by = "B"
[[test]]
measure = "weight"
of = "cast"
more_than = "1/2"
[weight]
snapshot = 2020-04-01
"""
FLOOR, CEILING, NEAREST = Rounding.FLOOR, Rounding.CEILING, Rounding.NEAREST


def weight(
    per: int, rounding: Rounding | None = None, minimum: int | None = None, maximum: int | None = None
) -> Weight:
    return Weight(per, dt.date(2020, 4, 1), MissingList.ZERO, rounding, minimum, maximum)


@pytest.mark.parametrize(
    ("bands", "list_size", "votes"),
    [
        pytest.param(weight(1), 5201, 5201, id="the exact list size"),
        pytest.param(weight(1, maximum=5000), 5201, 5000, id="exact, with a cap"),
        pytest.param(weight(2000, FLOOR), 3999, 1, id="floor, one patient short"),
        pytest.param(weight(2000, FLOOR), 4000, 2, id="floor, exactly"),
        pytest.param(weight(2000, FLOOR), 1999, 0, id="floor, below the first band"),
        pytest.param(weight(2000, FLOOR, minimum=1), 1999, 1, id="floor, the minimum"),
        pytest.param(weight(2000, CEILING), 4001, 3, id="ceiling, one patient over"),
        pytest.param(weight(2000, CEILING), 4000, 2, id="ceiling, exactly"),
        pytest.param(weight(2000, NEAREST), 2999, 1, id="nearest, just below a half"),
        pytest.param(weight(2000, NEAREST), 3000, 2, id="nearest, a half goes up"),
        pytest.param(weight(3, NEAREST), 4, 1, id="nearest of an odd band, below a half"),
        pytest.param(weight(3, NEAREST), 5, 2, id="nearest of an odd band, above a half"),
        pytest.param(weight(1000, FLOOR, maximum=20), 21000, 20, id="the cap"),
        pytest.param(weight(1000, FLOOR, 1, 20), 0, 0, id="no list weighs nothing, whatever the minimum"),
        pytest.param(weight(3, FLOOR), 3 * 10**40 - 1, 10**40 - 1, id="where a float rounds up"),
    ],
)
def test_a_list_size_weighs_what_the_rule_says(bands: Weight, list_size: int, votes: int) -> None:
    assert bands.votes(list_size) == votes


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("per = 1\n", "One weighted vote per registered patient on 2020-04-01; every practice must have a list."),
        (
            'per = 1\nmaximum = 9000\nmissing = "zero"\n',
            (
                "One weighted vote per registered patient on 2020-04-01, at most 9000 for each practice; "
                "a practice without a list has none."
            ),
        ),
        (
            'per = 2000\nrounding = "nearest"\nminimum = 1\nmaximum = 20\n',
            (
                "One weighted vote per 2,000 registered patients on 2020-04-01, half of 2,000 or more counting as one "
                "and less as nothing, at least 1 for each practice, at most 20 for each practice; "
                "every practice must have a list."
            ),
        ),
    ],
)
def test_bands_are_read_back_in_plain_english(lines: str, sentence: str) -> None:
    assert list(read_constitution_aloud(load_constitution((RULE + lines).encode(), "f")))[1] == sentence


def test_rounding_where_nothing_is_left_to_round_is_allowed_and_odd() -> None:
    found = load_constitution(f'{RULE}per = 1\nrounding = "floor"\n'.encode(), "f")

    assert [oddity.sentence for oddity in check_constitution(found)] == [
        "With per = 1 nothing is left to round, and rounding changes nothing."
    ]
