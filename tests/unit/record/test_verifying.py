"""Our own check of Ed25519 signatures accepts what OpenSSL accepts, and no more."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from traps import SMALL_ORDER

from ballot.protocol.group import Ed25519
from ballot.protocol.pure import PureEd25519
from ballot.record.verifying import find_verifier, with_group, with_openssl

seeds = st.binary(min_size=32, max_size=32)
OPENSSL = with_openssl()
OURS = {"pure": with_group(PureEd25519()), "pynacl": with_group(Ed25519())}
q = Ed25519.q

RFC_8032 = {
    "test 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    "test 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    "test 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
}

ours = pytest.mark.parametrize("is_signature", OURS.values(), ids=OURS.keys())


@ours
@pytest.mark.parametrize("vector", RFC_8032.values(), ids=RFC_8032.keys())
def test_the_vectors_of_the_rfc_hold(is_signature: object, vector: tuple[str, str, str]) -> None:
    key, message, signature = map(bytes.fromhex, vector)
    assert is_signature(key, signature, message)  # type: ignore[operator]
    assert not is_signature(key, signature, message + b"x")  # type: ignore[operator]


SIGNED = (private := Ed25519PrivateKey.from_private_bytes(bytes(range(32)))).sign(b"message")
KEY = private.public_key().public_bytes_raw()
R, s = SIGNED[:32], int.from_bytes(SIGNED[32:], "little")

FALSE = {
    "s + q, which is the same modulo q": R + (s + q).to_bytes(32, "little"),
    "s + 1": R + (s + 1).to_bytes(32, "little"),
    "s = 0": R + bytes(32),
    "s = 2^256 - 1": R + b"\xff" * 32,
    "too short": SIGNED[:-1],
    "too long": SIGNED + b"\0",
    "empty": b"",
    "the other sign of R": bytes([*R[:31], R[31] ^ 0x80]) + SIGNED[32:],
    **{f"R is {name}": point + SIGNED[32:] for name, point in SMALL_ORDER.items()},
}


@ours
@pytest.mark.parametrize("signature", FALSE.values(), ids=FALSE.keys())
def test_a_false_signature_is_refused_as_openssl_refuses_it(is_signature: object, signature: bytes) -> None:
    assert OPENSSL(KEY, SIGNED, b"message")
    assert not OPENSSL(KEY, signature, b"message")
    assert not is_signature(KEY, signature, b"message")  # type: ignore[operator]


@ours
@pytest.mark.parametrize("key", [*SMALL_ORDER.values(), (1).to_bytes(32, "little"), bytes(31)])
def test_a_key_of_small_order_has_signed_nothing(is_signature: object, key: bytes) -> None:
    assert not is_signature(key, SIGNED, b"message")  # type: ignore[operator]


@settings(deadline=None, max_examples=60)
@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=80),
    flip=st.integers(0, 511),
    bad=st.booleans(),
)
def test_both_say_the_same_of_any_signature(seed: bytes, message: bytes, flip: int, bad: bool) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    number = int.from_bytes(key.sign(message), "little") ^ (bad << flip)
    signature, public = number.to_bytes(64, "little"), key.public_key().public_bytes_raw()
    assert OURS["pure"](public, signature, message) == OPENSSL(public, signature, message) == (not bad)


def test_the_library_is_used_where_it_is_installed() -> None:
    assert find_verifier()[0] == "cryptography (OpenSSL)"
