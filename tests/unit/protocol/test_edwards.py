"""The curve in Python's integers, where no other backend checks: encodings that only it could accept."""

from __future__ import annotations

import pytest

from ballot.protocol import edwards
from tests.support.traps import TORSION, encode

p, q = edwards.p, edwards.q
REFUSED = {
    "the identity with a sign": 1 + 2**255,
    "y = -1 with a sign": p - 1 + 2**255,
    "y = p": p,
    "y = p + 1": p + 1,
    "y = 2^255 - 1": 2**255 - 1,
    "y = 2, off the curve": 2,
}


@pytest.mark.parametrize("number", REFUSED.values(), ids=REFUSED.keys())
def test_other_bytes_are_no_point(number: int) -> None:
    assert edwards.decode(number.to_bytes(32, "little")) is None


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(33)], ids=len)
def test_other_lengths_are_no_point(data: bytes) -> None:
    assert edwards.decode(data) is None


@pytest.mark.parametrize("k", range(8))
def test_the_formulas_hold_for_points_of_small_order(k: int) -> None:
    T = edwards.decode(encode(TORSION[k]))
    assert T is not None
    assert edwards.encode(T) == encode(TORSION[k])
    assert edwards.encode(edwards.double(T)) == edwards.encode(edwards.add(T, T)) == encode(TORSION[2 * k % 8])
    assert edwards.is_neutral(edwards.subtract(T, T))
    assert edwards.is_neutral(edwards.multiple(8, edwards.make_chain(T)))


def test_the_generator_has_order_q() -> None:
    assert edwards.decode(edwards.GENERATOR_BYTES) == edwards.GENERATOR
    assert edwards.is_neutral(edwards.multiple(q, edwards.make_chain(edwards.GENERATOR)))
    assert not edwards.is_neutral(edwards.multiple(q - 1, edwards.make_chain(edwards.GENERATOR)))


def test_an_exponent_that_the_chain_cannot_hold_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="not below q"):
        edwards.multiple(2**256, edwards.make_chain(edwards.GENERATOR))
