"""The group's traps: every way to write, or to slip in, an invalid point or number."""

from __future__ import annotations

import pytest

from ballot.protocol import sodium
from ballot.protocol.backends import available
from ballot.protocol.errors import InvalidElement, InvalidScalar, Reason
from ballot.protocol.group import (
    Ed25519,
    Element,
    Group,
    check_key,
    element_text,
    inverse,
    parse_element,
    parse_scalar,
    product,
)
from tests.support.traps import OFF_THE_CURVE, OUTSIDE, POINT, T8, TORSION, add, decode, encode, g, times

G = Ed25519()
p, q = G.p, G.q


@pytest.fixture(params=available().values(), ids=available().keys(), name="G")
def _every_backend(request: pytest.FixtureRequest) -> Group:
    return request.param()


outside = pytest.mark.parametrize("P", OUTSIDE.values(), ids=OUTSIDE.keys())


def test_the_torsion_points_of_this_test_are_eight_of_order_eight() -> None:
    assert len(set(TORSION.values())) == 8
    assert times(8, T8) == (0, 1)
    assert TORSION[4] == (0, p - 1)


def test_the_generator_is_the_base_point_of_rfc_8032() -> None:
    x = 15112221349535400772501151409588531511454012693041857206046113283949847762202
    y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
    assert decode(G.g) == (x, y)
    assert bytes(G.g).hex() == "58" + "66" * 31
    assert q == 7237005577332262213973186563042994240857116359379907606001950938285454250989


def test_text_is_the_big_endian_hexadecimal_of_the_point() -> None:
    assert element_text(G.g) == "66" * 31 + "58"
    assert element_text(G.one) == "0" * 63 + "1"
    assert parse_element("66" * 31 + "58") == G.g


@pytest.mark.parametrize("k", [1, 2, 3, 255, 2**64, q - 1])
def test_powers_of_the_generator_agree_with_plain_arithmetic(G: Group, k: int) -> None:
    assert G.base_power(k) == encode(times(k, g)) == G.power(G.g, k)
    assert parse_element(element_text(G.base_power(k))) == G.base_power(k)


@outside
@pytest.mark.parametrize("s", [0, 1, 2, 8, q - 1], ids=["0", "1", "2", "8", "q-1"])
def test_no_power_of_an_outside_point_is_taken(G: Group, P: Element, s: int) -> None:
    with pytest.raises(InvalidElement) as caught:
        G.power(P, s)
    assert caught.value.reason is Reason.ELEMENT_SUBGROUP


@outside
def test_an_outside_point_does_not_pass_the_check(G: Group, P: Element) -> None:
    with pytest.raises(InvalidElement) as caught:
        G.check(P)
    assert caught.value.reason is Reason.ELEMENT_SUBGROUP


@outside
def test_an_outside_point_is_no_key(G: Group, P: Element) -> None:
    with pytest.raises(InvalidElement):
        check_key(G, P)


@pytest.mark.parametrize("P", OFF_THE_CURVE.values(), ids=OFF_THE_CURVE.keys())
def test_a_point_off_the_curve_is_refused_by_name_in_products_and_quotients(G: Group, P: Element) -> None:
    for operation in (G.multiply, G.divide):
        for pair in ((P, G.g), (G.g, P)):
            with pytest.raises(InvalidElement) as caught:
                operation(*pair)
            assert caught.value.reason is Reason.ELEMENT_SUBGROUP


def test_the_identity_is_in_the_group_but_is_no_key(G: Group) -> None:
    G.check(G.one)
    with pytest.raises(InvalidElement) as caught:
        check_key(G, G.one)
    assert caught.value.reason is Reason.ELEMENT_IDENTITY


def test_a_prime_order_point_is_a_key(G: Group) -> None:
    check_key(G, encode(POINT))


def test_the_identity_is_input_and_result_of_every_operation(G: Group) -> None:
    P = encode(POINT)
    assert G.power(P, 0) == G.base_power(0) == G.power(G.one, 0) == G.power(G.one, 5) == G.one
    assert G.multiply(G.one, P) == G.multiply(P, G.one) == G.divide(P, G.one) == P
    assert G.multiply(G.one, G.one) == G.divide(G.one, G.one) == G.divide(P, P) == G.one
    assert G.multiply(P, inverse(G, P)) == G.one
    assert G.divide(G.one, P) == inverse(G, P)
    assert product(G, []) == product(G, [G.one]) == product(G, [P, inverse(G, P)]) == G.one
    assert product(G, [G.one, P, G.one]) == P
    assert G.power(P, q - 1) == inverse(G, P)


BAD_ELEMENTS = {
    "upper-case": element_text(encode(times(5, g))).upper(),
    "too short": "66" * 31 + "5",
    "too long": "66" * 31 + "580",
    "empty": "",
    "a newline behind": "66" * 31 + "58\n",
    "spaces": " " * 64,
    "a sign": "+" + "6" * 61 + "58",
    "digits of another script": "\u0661" * 64,
    "y = p": f"{p:064x}",
    "y = p + 1, the identity again": f"{p + 1:064x}",
    "y = p + 3, above the modulus": f"{p + 3:064x}",
    "y = 2^255 - 1": f"{2**255 - 1:064x}",
    "y = p with the sign bit": f"{p + 2**255:064x}",
    "the identity with the sign bit": f"{1 + 2**255:064x}",
    "x = 0, y = -1 with the sign bit": f"{p - 1 + 2**255:064x}",
    "a number": 5,
    "nothing": None,
    "bytes": b"66" * 32,
    "a list": ["66" * 31 + "58"],
}


SPELLINGS = [p + 1, p + 3, p, 2**255 - 1, 1 + 2**255, p - 1 + 2**255, p + 1 + 2**255]


@pytest.mark.parametrize("number", SPELLINGS, ids=[f"{number:064x}" for number in SPELLINGS])
def test_a_second_spelling_that_was_never_parsed_still_does_not_pass_the_check(G: Group, number: int) -> None:
    P = Element(number.to_bytes(32, "little"))
    for act in (lambda: G.check(P), lambda: G.power(P, 2), lambda: G.power(P, 0)):
        with pytest.raises(InvalidElement):
            act()


@pytest.mark.parametrize("value", BAD_ELEMENTS.values(), ids=BAD_ELEMENTS.keys())
def test_a_second_spelling_of_a_point_is_refused(value: object) -> None:
    with pytest.raises(InvalidElement) as caught:
        parse_element(value)
    assert caught.value.reason is Reason.ELEMENT_ENCODING


BAD_SCALARS = {
    "q": str(q),
    "q + 1": str(q + 1),
    "2^256": str(2**256),
    "eighty nines": "9" * 80,
    "a million digits": "9" * 1_000_000,
    "leading zero": "01",
    "zero twice": "00",
    "minus": "-1",
    "plus": "+1",
    "underscore": "1_0",
    "a space": " 1",
    "a newline": "1\n",
    "hexadecimal": "0x1",
    "a fraction": "1.0",
    "digits of another script": "\u0661",
    "empty": "",
    "a number": 1,
    "true": True,
    "nothing": None,
    "a list": ["1"],
}


@pytest.mark.parametrize("value", BAD_SCALARS.values(), ids=BAD_SCALARS.keys())
def test_a_number_outside_the_field_or_in_another_dress_is_refused(value: object) -> None:
    with pytest.raises(InvalidScalar) as caught:
        parse_scalar(G, value)
    assert caught.value.reason is Reason.SCALAR_RANGE


@pytest.mark.parametrize("s", [0, 1, 10, q - 1])
def test_a_number_in_the_field_is_read(s: int) -> None:
    assert parse_scalar(G, str(s)) == s


@pytest.mark.parametrize("version", ["1.6.2", "1.6.3", "1.10.0", "2.0", "1.7.0.dev1"])
def test_a_sound_libsodium_is_let_in(version: str) -> None:
    sodium.check_sound(version, False)


@pytest.mark.parametrize("version", ["1.6.1", "1.5.0", "1.6", "0.9.9", "", "1.6.2rc1"])
def test_an_older_or_unreadable_version_is_kept_out(version: str) -> None:
    with pytest.raises(ImportError, match="CVE-2025-69277"):
        sodium.check_sound(version, False)


def test_a_libsodium_that_believes_a_mixed_point_is_kept_out_whatever_version_it_claims() -> None:
    with pytest.raises(ImportError, match="CVE-2025-69277"):
        sodium.check_sound("9.9.9", True)


def test_the_point_of_that_check_is_g_plus_the_point_of_order_two() -> None:
    assert decode(sodium.MIXED_ORDER_POINT) == add(g, TORSION[4])
    assert not sodium.is_valid(sodium.MIXED_ORDER_POINT)
