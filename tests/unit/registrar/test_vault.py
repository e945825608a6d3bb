"""The vault, the escrow of the server's keys, and issuing."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.public import PrivateKey

from ballot.protocol.credentials import PrivateCredential, derive_public_credential
from ballot.protocol.group import element_text
from ballot.record.keys import Role, SigningKey
from ballot.record.tokens import open_token, token_hash
from ballot.registrar.errors import KeyRefused
from ballot.registrar.issuing import BallotPlace, issue_credentials, sign_again, voting_link
from ballot.registrar.sealing import open_by_both, seal_to_both
from ballot.registrar.vault import VaultEntry, append_to_vault, open_vault
from tests.support.simulator import G

EXPIRES = datetime(2020, 11, 25, tzinfo=UTC)
REGISTRAR = SigningKey(Role.REGISTRAR, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OFFICER = SigningKey(Role.RETURNING_OFFICER, Ed25519PrivateKey.from_private_bytes(b"o" * 32))
DEPUTY = SigningKey(Role.DEPUTY, Ed25519PrivateKey.from_private_bytes(b"d" * 32))
PLACES = [BallotPlace("merger", "00A", "8nbFXkUhNWJ6d5", f"Y0000{i}") for i in range(3)]


def entry(number: int) -> VaultEntry:
    return VaultEntry("merger", "00A", f"Y0000{number}", f"{number:064x}", PrivateCredential(f"secret-{number}"))


def test_what_goes_into_the_vault_comes_out_with_its_key(tmp_path: Path) -> None:
    key, path = PrivateKey.generate(), tmp_path / "registrar.vault"
    append_to_vault(path, key.public_key, [entry(1)])
    append_to_vault(path, key.public_key, [entry(2)])
    assert open_vault(path, key) == {entry(n).public: entry(n) for n in (1, 2)}
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"secret" not in path.read_bytes()
    assert "secret" not in repr(entry(1))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.chmod(0o644), "read by others"),
        (lambda path: path.write_bytes(b"garbage\n"), "does not open line 1"),
        (lambda path: path.write_bytes(path.read_bytes()[:-20] + b"\n"), "does not open line 1"),
    ],
)
def test_a_vault_that_cannot_be_opened_says_why(tmp_path: Path, change: object, sentence: str) -> None:
    key, path = PrivateKey.generate(), tmp_path / "registrar.vault"
    append_to_vault(path, key.public_key, [entry(1)])
    change(path)  # type: ignore[operator]
    with pytest.raises(KeyRefused, match=sentence):
        open_vault(path, key)


def test_another_key_does_not_open_the_vault(tmp_path: Path) -> None:
    path = tmp_path / "registrar.vault"
    append_to_vault(path, PrivateKey.generate().public_key, [entry(1)])
    with pytest.raises(KeyRefused, match="does not open line 1"):
        open_vault(path, PrivateKey.generate())


def test_the_escrow_opens_to_both_officers_and_to_neither_alone() -> None:
    sealed = seal_to_both(b"the keys", OFFICER.public, DEPUTY.public)
    assert open_by_both(sealed, OFFICER, DEPUTY) == b"the keys"
    for pair in ((OFFICER, OFFICER), (DEPUTY, DEPUTY), (DEPUTY, OFFICER)):
        with pytest.raises(KeyRefused, match="does not open"):
            open_by_both(sealed, *pair)


def test_one_credential_and_one_token_are_issued_to_each_practice() -> None:
    issued, secrets = issue_credentials(PLACES, REGISTRAR, EXPIRES, random.Random(1).randrange)
    assert [entry.place for entry in issued] == PLACES
    for given, secret in zip(issued, secrets, strict=True):
        public = element_text(derive_public_credential(G, given.place.uuid, secret.credential))
        assert given.credential == secret.public == public
        token = sign_again("merger", "00A", given.place.practice, public, 1, EXPIRES, REGISTRAR)
        assert token_hash(token) == given.token
        opened = open_token(token, REGISTRAR.public)
        assert (opened.practice, opened.serial, opened.expires) == (given.place.practice, 1, EXPIRES)
        assert secret.credential not in repr(given) + repr(secret)


def test_the_secret_of_a_link_stands_behind_the_hash_sign() -> None:
    link = voting_link("https://vote.example.org", "merger", "00A", "tok.en", PrivateCredential("c"))
    assert link == "https://vote.example.org/vote/merger/00A#tok.en.c"
