"""Every check of Ed25519 signatures accepts the same ones: OpenSSL with our key check, and our own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from ballot.protocol.backends import available
from ballot.protocol.errors import InvalidMessage
from ballot.record.keys import PublicKey, find_verifier, with_group, with_openssl
from ballot.record.receipts import check_receipt
from tests.support.vectors.browser import FOLDER

seeds = st.binary(min_size=32, max_size=32)
OPENSSL = with_openssl()
OURS = {name: with_group(make()) for name, make in available().items()}

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


VECTORS = json.loads((FOLDER / "messages--signatures.json").read_text())
RECEIPTS = json.loads((FOLDER / "messages--receipts.json").read_text())
each = pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])


@each
def test_every_verifier_says_the_same_of_a_vector(vector: dict[str, Any]) -> None:
    key, signature, message = (bytes.fromhex(vector[part]) for part in ("key", "signature", "message"))
    found = {name: is_signature(key, signature, message) for name, is_signature in {**OURS, "openssl": OPENSSL}.items()}
    assert found == dict.fromkeys([*OURS, "openssl"], vector["reason"] is None)


@each
def test_what_we_accept_libsodium_and_openssl_alone_accept_too(vector: dict[str, Any]) -> None:
    key, signature, message = (bytes.fromhex(vector[part]) for part in ("key", "signature", "message"))
    if vector["reason"] is None:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        assert VerifyKey(key).verify(message, signature) == message


def test_openssl_alone_would_accept_some_of_the_forgeries() -> None:
    accepted = set()
    for vector in VECTORS:
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(vector["key"]))
            key.verify(bytes.fromhex(vector["signature"]), bytes.fromhex(vector["message"]))
            accepted.add(vector["name"])
        except (InvalidSignature, ValueError):
            pass
    forged = {vector["name"] for vector in VECTORS if vector["reason"] is not None}
    assert {"the identity as key", "R is the identity"} <= accepted & forged
    assert "a key plus a point of order eight, the challenge takes away the key's part" in accepted
    assert "R plus a point of order eight" not in accepted


@pytest.mark.parametrize("vector", RECEIPTS, ids=[vector["name"] for vector in RECEIPTS])
def test_a_receipt_is_accepted_or_refused_by_the_word_of_its_vector(vector: dict[str, Any]) -> None:
    try:
        check_receipt(vector["value"].encode(), PublicKey.from_hex(vector["key"]))
        word = None
    except InvalidMessage as fault:
        word = fault.reason.value
    assert word == vector["reason"]


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
