"""Every number in native/*.h is calculated again from its definition."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

NATIVE = Path(__file__).parents[3] / "native"
FIELD, CURVE = (NATIVE.joinpath(name).read_text("utf-8") for name in ("field.h", "curve.h"))

p = 2**255 - 19
q = 2**252 + 27742317777372353535851937790883648493
d = -121665 * pow(121666, -1, p) % p


def limbs(source: str, name: str) -> list[int]:
    found = re.search(rf"static const fe {name} = \{{([^}}]*)\}};", source)
    assert found, name
    return [int(limb, 16) for limb in found[1].split(",")]


def value(limbs: list[int]) -> int:
    return sum(limb << 51 * i for i, limb in enumerate(limbs))


def defined(name: str) -> int:
    found = re.search(rf"#define {name} +(\d+)\b", CURVE)
    assert found, name
    return int(found[1])


@pytest.mark.parametrize(
    ("name", "expected"),
    [("FE_D", d), ("FE_2D", 2 * d % p), ("FE_SQRT_M1", pow(2, (p - 1) // 4, p))],
    ids=["d", "2d", "the root of -1"],
)
def test_a_number_of_the_field_is_what_it_is_called(name: str, expected: int) -> None:
    found = limbs(FIELD, name)
    assert value(found) == expected
    assert len(found) == 5
    assert all(limb < 2**51 for limb in found)


def test_d_makes_the_addition_law_complete() -> None:
    assert pow(d, (p - 1) // 2, p) == p - 1  # no square
    assert pow(p - 1, (p - 1) // 2, p) == 1  # but a = -1 is one
    assert value(limbs(FIELD, "FE_SQRT_M1")) ** 2 % p == p - 1


def test_what_a_difference_adds_is_twice_p_and_more_than_any_short_limb() -> None:
    found = limbs(FIELD, "FE_2P")
    assert value(found) == 2 * p
    assert min(found) >= 2**52 - 38 > 2**51 + 2**18


def test_the_order_is_the_order() -> None:
    found = re.search(r"ORDER\[32\] = \{([^}]*)\};", CURVE)
    assert found
    numbers = [int(byte, 16) for byte in found[1].replace("\n", " ").split(",") if byte.strip()]
    assert int.from_bytes(bytes(numbers), "little") == q


def test_limbs_and_columns_stay_within_their_words() -> None:
    """The bounds that field.h claims, with the largest inputs it allows."""
    short, long = 2**51 + 2**18, 2**54
    column = (1 + 4 * 19) * (long - 1) ** 2
    assert column < 2**115
    carry = (column >> 51) + 1  # of the column before, added to the next
    assert carry < 2**64
    assert column + carry < 2**128
    assert (((column + carry) >> 51) * 19 + 2**51) >> 51 < 2**18  # what limb 1 gets of the last carry
    assert ((column + carry) >> 51) < 2**64
    assert 19 * (long - 1) < 2**64
    assert 2 * (long - 1) < 2**64
    difference = 2**52 + short  # a - b + 2p for short a and b
    assert 2 * short + 2**52 <= 2**53 + 2**19  # E of a doubling: a sum of two, and a difference
    assert 2 * short + difference < long  # F of a doubling


def test_exponents_of_the_inversion_and_of_the_root_are_what_the_ladder_makes() -> None:
    ladder = 2**250 - 1
    assert ladder * 2**5 + 11 == p - 2
    assert ladder * 2**2 + 1 == (p - 5) // 8
    steps = [5, 10, 20, 40]
    assert all(b == 2 * a for a, b in pairwise(steps))
    assert (2**40 - 1) * 2**10 + (2**10 - 1) == 2**50 - 1
    assert ladder == (2**200 - 1) * 2**50 + (2**50 - 1)
    assert 2 * (9 + 2) + 9 == 31  # z11 squared, times z9


def test_tables_and_digits_hold_every_exponent() -> None:
    rows, columns, width = defined("ROWS"), defined("COLUMNS"), defined("WIDTH")
    assert rows * 8 == 256
    assert columns == 2**8 // 2
    assert (q - 1) >> 8 * (rows - 1) < columns  # so that no carry leaves the last byte
    assert defined("DIGITS") == 256 + 1
    assert 2 ** (width - 1) - 1 == 15
