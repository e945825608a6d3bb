"""Every backend gives libsodium's answer: the same bytes, or the same refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.protocol.backends import available
from ballot.protocol.errors import InvalidElement, Reason
from ballot.protocol.group import Ed25519, Element, Group, parse_element
from tests.support.traps import OUTSIDE, TORSION, add, decode, encode, times

SODIUM = Ed25519()
OTHERS = {name: make() for name, make in available().items() if name != "pynacl"}
q = SODIUM.q

EDGES = [0, 1, 2, 7, 8, 15, 16, 255, 256, 2**128, 2**251, 2**252, (q - 1) // 2, q - 8, q - 2, q - 1]
scalars = st.sampled_from(EDGES) | st.integers(0, q - 1)
members = scalars.map(SODIUM.base_power)
near = st.builds(
    lambda s, k: encode(add(decode(SODIUM.base_power(s)), TORSION[k])), st.integers(1, 50), st.integers(0, 7)
)
canonical = st.binary(min_size=32, max_size=32).filter(lambda data: is_canonical(Element(data)))
anything = members | near | canonical.map(Element) | st.sampled_from([*OUTSIDE.values(), SODIUM.one, SODIUM.g])


def is_canonical(P: Element) -> bool:
    try:
        return parse_element(P[::-1].hex()) == P
    except InvalidElement:
        return False


def answer(act: Callable[[], object]) -> object:
    try:
        return act()
    except InvalidElement as fault:
        return fault.reason


other = pytest.mark.parametrize("G", OTHERS.values(), ids=OTHERS.keys())


@other
@given(P=anything, s=scalars)
def test_powers_and_checks_agree(G: Group, P: Element, s: int) -> None:
    assert answer(lambda: G.power(P, s)) == answer(lambda: SODIUM.power(P, s))
    assert answer(lambda: G.check(P)) == answer(lambda: SODIUM.check(P))
    assert G.base_power(s) == SODIUM.base_power(s)


@other
@given(P=anything, Q=anything)
def test_products_and_quotients_agree(G: Group, P: Element, Q: Element) -> None:
    assert answer(lambda: G.multiply(P, Q)) == answer(lambda: SODIUM.multiply(P, Q))
    assert answer(lambda: G.divide(P, Q)) == answer(lambda: SODIUM.divide(P, Q))


@other
def test_a_product_with_an_outside_point_is_not_remembered_as_one_of_the_group(G: Group) -> None:
    mixed = OUTSIDE["P + T2, of order 2q"]
    for result in (G.multiply(mixed, G.g), G.divide(G.g, mixed), G.multiply(G.g, mixed)):
        with pytest.raises(InvalidElement) as caught:
            G.check(result)
        assert caught.value.reason is Reason.ELEMENT_SUBGROUP


@other
def test_a_base_that_comes_back_often_still_has_the_same_powers(G: Group) -> None:
    P = encode(times(987654321, decode(SODIUM.g)))
    for s in range(q - 120, q):
        assert G.power(P, s) == SODIUM.power(P, s)


@pytest.mark.parametrize("G", [SODIUM, *OTHERS.values()], ids=["pynacl", *OTHERS])
@pytest.mark.parametrize("s", [-1, q, q + 1, 2**255, 2**255 + 1, 2**256])
def test_an_exponent_outside_the_field_is_our_own_mistake(G: Group, s: int) -> None:
    for act in (lambda: G.base_power(s), lambda: G.power(G.g, s), lambda: G.power(G.one, s)):
        with pytest.raises(ValueError, match=r"\[0, q\)"):
            act()
