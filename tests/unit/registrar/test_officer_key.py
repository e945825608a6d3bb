"""An officer's key file: it opens with its passphrase only, and holds the key of a person's role."""

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.officer_key import (
    FORMAT,
    open_officer_key,
    open_scrutineer_key,
    seal_officer_key,
    seal_scrutineer_key,
)
from ballot.registrar.trustee_key import open_trustee_key, seal_key_file

PASSPHRASE = "four or five words"


def test_a_key_file_opens_to_the_same_key_and_role() -> None:
    key = SigningKey(Role.DEPUTY, Ed25519PrivateKey.generate())
    written = seal_officer_key(key, PASSPHRASE, secrets.token_bytes)
    found = open_officer_key(written, PASSPHRASE)
    assert (found.role, found.public) == (key.role, key.public)
    with pytest.raises(KeyRefused, match="does not open the officer's key file"):
        open_officer_key(written, "five or four words")
    with pytest.raises(KeyRefused, match="trustee's key file"):
        open_trustee_key(written, PASSPHRASE)


@pytest.mark.parametrize("secret", ["board " + "ab" * 32, "deputy " + "ab" * 31, "deputy", "deputy " + "zz" * 32])
def test_what_is_no_key_of_a_person_is_refused(secret: str) -> None:
    written = seal_key_file(FORMAT, "officer", secret, PASSPHRASE, secrets.token_bytes)
    with pytest.raises(KeyRefused, match="does not hold a signing key"):
        open_officer_key(written, PASSPHRASE)


def test_the_scrutineer_s_file_opens_no_officer_s_key_and_the_other_way_round() -> None:
    key = Ed25519PrivateKey.generate()
    written = seal_scrutineer_key(key, PASSPHRASE, secrets.token_bytes)
    found = open_scrutineer_key(written, PASSPHRASE)
    assert found.public_key().public_bytes_raw() == key.public_key().public_bytes_raw()
    with pytest.raises(KeyRefused, match="does not hold a signing key"):
        open_officer_key(written, PASSPHRASE)
    deputy = seal_officer_key(SigningKey(Role.DEPUTY, key), PASSPHRASE, secrets.token_bytes)
    with pytest.raises(KeyRefused, match="not the scrutineer's key file"):
        open_scrutineer_key(deputy, PASSPHRASE)
