"""Names that the record commits to: the form of a commitment, and what opens it."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.record.commitments import commit_name, is_commitment, opens, parse_salt

SALT = bytes(range(32))
NAME = "Dr Zoë O'Neill"
salts, names = st.binary(min_size=32, max_size=32), st.text(max_size=60)


def test_a_commitment_is_the_hash_of_domain_salt_and_name_each_after_its_length() -> None:
    name = "Dr Zo\u00eb O'Neill".encode()
    parts = b"\0\0\0\x13ballot/roll-name/v1" + b"\0\0\0\x20" + SALT + b"\0\0\0\x0f" + name
    assert commit_name(SALT, NAME) == f"sha256:{hashlib.sha256(parts).hexdigest()}"


def test_a_letter_with_its_accent_apart_is_the_same_name() -> None:
    assert commit_name(SALT, unicodedata.normalize("NFD", NAME)) == commit_name(SALT, NAME)


@given(salts, salts, names, names)
def test_only_the_same_salt_and_name_open_a_commitment(salt: bytes, other: bytes, name: str, guess: str) -> None:
    commitment = commit_name(salt, name)
    assert is_commitment(commitment)
    assert opens(commitment, salt, name)
    same = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", guess)
    assert opens(commitment, salt, guess) is same
    assert opens(commitment, other, name) is (salt == other)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commit_name(bytes(length), NAME)


@pytest.mark.parametrize("text", ["", "Dr A", "sha256:", "sha256:" + "g" * 64, "SHA256:" + "0" * 64, "0" * 64])
def test_what_is_no_commitment_is_not_taken_for_one(text: str) -> None:
    assert not is_commitment(text)


@pytest.mark.parametrize("text", ["", "00", "0" * 63, "0" * 65, "G" * 64, "A" * 64, "0" * 64 + "\n"])
def test_a_salt_is_sixty_four_digits_in_one_spelling(text: str) -> None:
    assert parse_salt(text) is None
    assert parse_salt("0a" * 32) == b"\n" * 32
