"""The C arithmetic: what it must refuse, what it must equal, and what it never learns. See also test_group, traps."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.protocol import proofs
from ballot.protocol.backends import available, choose, cross_checked
from ballot.protocol.crosscheck import CrossChecked, Disagreement
from ballot.protocol.elgamal import Ciphertext, encrypt
from ballot.protocol.errors import InvalidElement, Reason
from ballot.protocol.group import Ed25519, Element, Group, NotForSecrets, default_disjunct_commitments
from ballot.protocol.pure import PureEd25519
from tests.support.traps import MIXED, OUTSIDE, POINT, SMALL_ORDER, TORSION, add, encode, g, times

native = pytest.importorskip(
    "ballot.protocol.native",
    reason="the C arithmetic is not built: see the last line",
    exc_type=ImportError,  # the module is there; what it is written over is not
)
C = native._native
SODIUM = Ed25519()
q, p = SODIUM.q, SODIUM.p
y = SODIUM.base_power(424242)

scalars = st.sampled_from([0, 1, 2, 15, 16, 31, 32, 255, 2**64 - 1, 2**252, q - 2, q - 1]) | st.integers(0, q - 1)
disjuncts = st.lists(st.tuples(st.sampled_from([0, 1, 2, 7]), scalars, scalars), max_size=9)


def word(s: int) -> bytes:
    return s.to_bytes(32, "little")


def often(G: Group) -> Group:
    """A group that has seen the key often enough to have made its table."""
    for _ in range(native.OFTEN):
        G.disjunct_commitments(y, y, y, [])
    return G


def answer(act: Callable[[], object]) -> object:
    try:
        return act()
    except InvalidElement as fault:
        return fault.reason


def test_it_is_preferred_where_it_is_built_and_says_what_it_is() -> None:
    assert next(iter(available())) == "native"
    assert choose().backend == "C of our own (native)"
    assert isinstance(choose("native"), native.NativeEd25519)


@given(a=scalars, b=scalars, several=disjuncts, known=st.booleans())
def test_the_commitments_of_a_proof_in_one_call_are_those_of_libsodium_one_by_one(
    a: int, b: int, several: list[tuple[int, int, int]], known: bool
) -> None:
    G = often(native.NativeEd25519())
    alpha, beta = SODIUM.base_power(a), SODIUM.base_power(b)
    if known:
        G.check(alpha)
        G.check(beta)
    expected = default_disjunct_commitments(SODIUM, y, alpha, beta, several)
    assert G.disjunct_commitments(y, alpha, beta, several) == expected
    assert native.NativeEd25519().disjunct_commitments(y, alpha, beta, several) == expected  # without a table


@given(a=scalars, response=scalars, challenge=scalars)
def test_a_commitment_is_that_of_plain_integers(a: int, response: int, challenge: int) -> None:
    expected = encode(times((response + a * challenge) % q, g))
    assert native.NativeEd25519().commitment(response, SODIUM.base_power(a), challenge) == expected


@given(elements=st.lists(scalars.map(SODIUM.base_power), max_size=6))
def test_a_product_is_that_of_libsodium(elements: list[Element]) -> None:
    assert native.NativeEd25519().product(elements) == SODIUM.product(elements)


@given(k=st.integers(0, 2**64), t=st.integers(0, 7), s=scalars)
def test_points_outside_the_subgroup_are_added_and_multiplied_as_plain_integers_do(k: int, t: int, s: int) -> None:
    P = add(times(k, g), TORSION[t])
    point = C.decode(encode(P))
    assert C.encode(point) == encode(P)
    assert C.encode(C.multiple(point, word(s))) == encode(times(s, P))
    assert C.is_in_group(point) == (t == 0)
    assert C.encode(C.add(point, point)) == encode(add(P, P))
    assert C.encode(C.subtract(point, point)) == encode((0, 1))
    assert C.encode(C.table_multiple(C.make_table(point), word(s))) == encode(times(s, P))


@pytest.mark.parametrize("P", OUTSIDE.values(), ids=OUTSIDE.keys())
@pytest.mark.parametrize("with_table", [True, False], ids=["with the key's table", "without"])
def test_no_commitment_is_made_of_an_outside_point(P: Element, with_table: bool) -> None:
    G = often(native.NativeEd25519()) if with_table else native.NativeEd25519()
    for act in (
        lambda: G.commitment(1, P, 8),
        lambda: G.disjunct_commitments(y, P, y, [(0, 8, 1), (1, 0, 0)]),
        lambda: G.disjunct_commitments(y, y, P, [(0, 8, 1), (1, 0, 0)]),
        lambda: G.disjunct_commitments(y, P, P, [(0, 0, 0)] * 8),
    ):
        with pytest.raises(InvalidElement) as caught:
            act()
        assert caught.value.reason is Reason.ELEMENT_SUBGROUP
    with pytest.raises(InvalidElement):  # and it was not learnt on the way
        G.check(P)


@pytest.mark.parametrize("P", {**SMALL_ORDER, **MIXED}.values(), ids={**SMALL_ORDER, **MIXED}.keys())
def test_no_key_outside_the_group_gets_a_table(P: Element) -> None:
    G = native.NativeEd25519()
    for _ in range(native.OFTEN + 1):
        with pytest.raises(InvalidElement):
            G.disjunct_commitments(P, y, y, [(0, 1, 1)])
    assert P not in G._tables


NO_POINT = {
    "y = p": word(p),
    "y = p + 1, the identity again": word(p + 1),
    "y = 2^255 - 1": word(2**255 - 1),
    "the identity with the sign bit": word(1 + 2**255),
    "x = 0, y = -1 with the sign bit": word(p - 1 + 2**255),
    "off the curve": word(2),
    "too short": bytes(31),
    "too long": bytes(33),
    "empty": b"",
}


@pytest.mark.parametrize("data", NO_POINT.values(), ids=NO_POINT.keys())
def test_bytes_that_are_not_the_one_encoding_of_a_point_are_none(data: bytes) -> None:
    assert C.decode(data) is None


@pytest.mark.parametrize("s", [q, q + 1, 2**255, 2**256 - 1], ids=["q", "q + 1", "2^255", "2^256 - 1"])
def test_an_exponent_that_is_not_below_the_order_is_refused_in_c_too(s: int) -> None:
    point = C.decode(SODIUM.g)
    table = C.make_table(point)
    for act in (
        lambda: C.multiple(point, word(s)),
        lambda: C.table_multiple(table, word(s)),
        lambda: C.commitment(table, point, False, word(1) + word(s)),
        lambda: C.disjuncts(table, table, point, False, point, False, 1, word(1) + word(1) + word(s)),
    ):
        with pytest.raises(ValueError, match="not below the order"):
            act()


def test_arguments_of_another_kind_or_number_are_refused_and_never_read() -> None:
    point = C.decode(SODIUM.g)
    table = C.make_table(point)
    for act in (
        lambda: C.decode("66" * 32),
        lambda: C.decode(bytearray(32)),
        lambda: C.encode(table),
        lambda: C.add(point),
        lambda: C.add(point, None),
        lambda: C.total((point,)),
        lambda: C.total([point, table]),
        lambda: C.multiple(point, 5),
        lambda: C.make_table(SODIUM.g),
        lambda: C.commitment(point, table, False, word(1) * 2),
        lambda: C.disjuncts(table, table, point, False, point, False, "1", b""),
        lambda: C.Point(),
    ):
        with pytest.raises((TypeError, SystemError)):
            act()
    for act in (
        lambda: C.multiple(point, word(1)[:31]),
        lambda: C.commitment(table, point, False, word(1)),
        lambda: C.disjuncts(table, table, point, False, point, False, 2, word(1) * 3),
        lambda: C.disjuncts(table, table, point, False, point, False, -1, b""),
        lambda: C.disjuncts(table, table, point, False, point, False, 2**40, b""),
    ):
        with pytest.raises((ValueError, OverflowError)):
            act()


def test_no_secret_exponent_is_taken() -> None:
    G, draw = native.NativeEd25519(), random.Random(1).randrange
    for act in (
        lambda: proofs.prove_knowledge(G, "pok|", 5, draw),
        lambda: proofs.prove_interval(G, y, "S", 5, 0, range(2), Ciphertext(y, y), draw),
    ):
        with pytest.raises(NotForSecrets):
            act()


def test_what_is_remembered_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "MAX_POINTS", 3)
    monkeypatch.setattr(native, "MAX_TABLES", 1)
    G = native.NativeEd25519()
    for k in range(1, 4):
        key = SODIUM.base_power(k)
        for _ in range(native.OFTEN + 2):
            assert G.disjunct_commitments(key, y, y, [(1, 2, 3)]) == default_disjunct_commitments(
                SODIUM, key, y, y, [(1, 2, 3)]
            )
    assert len(G._points) <= 3
    assert len(G._tables) == 1


def test_threads_that_share_a_group_get_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "MAX_POINTS", 8)  # so that they forget for each other all the time
    G, expected = native.NativeEd25519(), default_disjunct_commitments(SODIUM, y, y, y, [(1, 2, 3)])
    wrong: list[object] = []

    def work(seed: int) -> None:
        for k in range(60):
            G.check(SODIUM.base_power(seed * 1000 + k + 1))
            if G.disjunct_commitments(y, y, y, [(1, 2, 3)]) != expected:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- Two held against each other -------------------------------------------------------------------------------


def test_the_cross_check_is_of_two_different_backends() -> None:
    assert cross_checked().backend.startswith("C of our own (native), cross-checked by PyNaCl")
    assert cross_checked("pynacl").backend.endswith("cross-checked by C of our own (native)")
    assert not cross_checked().keeps_secrets


def test_two_that_agree_answer_as_one_refusals_too() -> None:
    G = CrossChecked(native.NativeEd25519(), PureEd25519())
    for P in (y, SODIUM.one, OUTSIDE["g + T2"], OUTSIDE["y = 2"]):
        assert answer(lambda P=P: G.check(P)) == answer(lambda P=P: SODIUM.check(P))
        assert answer(lambda P=P: G.power(P, 5)) == answer(lambda P=P: SODIUM.power(P, 5))
    c = encrypt(SODIUM, y, 7, 1)
    assert G.disjunct_commitments(y, c.alpha, c.beta, [(1, 2, 3)]) == default_disjunct_commitments(
        SODIUM, y, c.alpha, c.beta, [(1, 2, 3)]
    )
    assert G.product([y, y]) == G.multiply(y, y) == SODIUM.power(y, 2)


class Lenient(Ed25519):
    """A backend with the fault of CVE-2025-69277."""

    def check(self, P: Element) -> None:
        return None


class Careless(Ed25519):
    """A backend that is wrong once in a way that no refusal shows."""

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        return super().commitment(response + 1, claimed, challenge)


def test_the_first_difference_is_told_and_nothing_is_answered() -> None:
    with pytest.raises(Disagreement, match="differ in check"):
        CrossChecked(native.NativeEd25519(), Lenient()).check(encode(add(POINT, TORSION[4])))
    with pytest.raises(Disagreement, match="differ in commitment"):
        CrossChecked(Careless(), native.NativeEd25519()).commitment(1, y, 2)


def test_the_c_source_says_where_its_constants_come_from() -> None:
    assert "test_native_constants.py" in (Path(__file__).parents[3] / "native" / "field.h").read_text("utf-8")
