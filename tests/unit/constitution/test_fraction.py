"""Fractions are read exactly; percentages are only for display."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ballot.strict.fraction import meant_fraction, parse_fraction, rounded_percentage


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1/2", Fraction(1, 2)),
        ("2/4", Fraction(1, 2)),
        ("1/1", Fraction(1)),
        ("100%", Fraction(1)),
        ("75%", Fraction(3, 4)),
        ("66.67%", Fraction(6667, 10000)),
        ("0.5%", Fraction(1, 200)),
        ("50.0%", Fraction(1, 2)),
    ],
)
def test_a_fraction_is_read_exactly(written: str, value: Fraction) -> None:
    assert parse_fraction(written) == value


NOT_FRACTIONS = [
    *("", "1", "0/1", "1/0", "0/0", "3/2", "0%", "0.0%", "100.1%", "101%", "-1/2", "1/-2", "+1/2", "1/2/3"),
    *(".5%", "5.%", "0.5", "1e1%", "½", "\u0661/\u0662", "1 / 2", " 1/2", "1/2 ", "1/2\n", "50 %", "9" * 5000 + "%"),
]


@pytest.mark.parametrize("written", NOT_FRACTIONS)
def test_what_is_not_a_fraction_above_0_and_at_most_1_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a fraction|divides by zero"):
        parse_fraction(written)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        ((3, 4), "75%"),
        ((1, 8), "12.5%"),
        ((1, 3), "about 33.33%"),
        ((2, 3), "about 66.67%"),
        ((1, 16), "6.25%"),
        ((1, 1), "100%"),
        ((0, 9), "0%"),
        ((1, 100), "1%"),
        ((1001, 10000), "10.01%"),
        ((99999, 100000), "about 100.00%"),
        ((50001, 100000), "about 50.00%"),
        ((1, 32), "about 3.13%"),
    ],
)
def test_a_rounded_percentage_says_about(share: tuple[int, int], shown: str) -> None:
    assert rounded_percentage(*share) == shown


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("66.67%", Fraction(2, 3)),
        ("66.6%", Fraction(2, 3)),
        ("33.33%", Fraction(1, 3)),
        ("66.5%", None),
        ("67%", Fraction(2, 3)),
        ("62.5%", None),
        ("2/3", None),
    ],
)
def test_a_decimal_that_looks_like_a_rounded_third_is_noticed(written: str, meant: Fraction | None) -> None:
    assert meant_fraction(written) == meant
