"""Keys: made once, private, opened only by their passphrase, and never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import (
    NAMES,
    STORAGE,
    VAULT,
    init_keys,
    open_signing_key,
    open_storage_key,
    open_vault_key,
    read_public_keys,
    read_vault_public_key,
)
from ballot.registrar.sealing import Stretch

QUICK = Stretch(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
PASSPHRASES = {name: f"open {name}" for name in NAMES}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    init_keys(tmp_path / "keys", PASSPHRASES, stretch=QUICK)
    return tmp_path / "keys"


def private(keys: Path, name: str) -> Path:
    return keys / "private" / f"{name}.key"


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_its_key_with_its_passphrase(keys: Path, role: Role) -> None:
    key = open_signing_key(keys, role, PASSPHRASES[role.value])
    assert key.public == read_public_keys(keys)[role]


def test_the_vault_and_storage_keys_open_too(keys: Path) -> None:
    assert open_vault_key(keys, PASSPHRASES[VAULT]).public_key == read_vault_public_key(keys)
    storage = open_storage_key(keys, PASSPHRASES[STORAGE])
    assert storage.open(storage.seal(b"x"), "the file") == b"x"


def test_without_a_passphrase_the_mode_protects_the_key(tmp_path: Path) -> None:
    init_keys(tmp_path, names=("board",))
    assert open_signing_key(tmp_path, Role.BOARD).role is Role.BOARD


@pytest.mark.parametrize("name", NAMES)
def test_a_private_key_is_its_owners_only(keys: Path, name: str) -> None:
    assert stat.S_IMODE(private(keys, name).stat().st_mode) == 0o600


def test_nothing_is_overwritten_and_then_nothing_made(keys: Path) -> None:
    before = {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()}
    private(keys, "deputy").unlink()
    (keys / "deputy.pub").unlink()
    with pytest.raises(KeyRefused, match="is there already and is never overwritten"):
        init_keys(keys, stretch=QUICK)
    after = {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()}
    assert after.items() <= before.items()
    assert not (keys / "deputy.pub").exists()


def damage(path: Path, data: bytes) -> None:
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("change", "passphrase", "sentence"),
    [
        (lambda path: None, "wrong", "The passphrase does not open the key board."),
        (lambda path: None, None, "The key board is kept under a passphrase, and none was given."),
        (lambda path: path.unlink(), "open board", "board.key is missing."),
        (lambda path: path.chmod(0o640), "open board", "board.key may be read by others: its mode is 0640"),
        (lambda path: damage(path, b"\xff\xfe"), "open board", "The file of the key board is damaged"),
        (lambda path: damage(path, path.read_bytes()[:-9]), "open board", "The file of the key board is damaged"),
        (
            lambda path: damage(path, path.read_bytes().replace(b" board ", b" deputy ")),
            "open board",
            "The file of the key board holds another key.",
        ),
        (
            lambda path: damage(path, path.read_bytes().replace(b"argon2id 1 8192", b"argon2id 1 99999999999")),
            "open board",
            "its parameters cannot be read",
        ),
    ],
    ids=["wrong passphrase", "none", "missing", "loose", "garbage", "cut off", "another's", "costly"],
)
def test_a_key_that_cannot_be_opened_says_why_in_a_sentence(
    keys: Path, change: object, passphrase: str | None, sentence: str
) -> None:
    change(private(keys, "board"))  # type: ignore[operator]
    with pytest.raises(KeyRefused) as refused:
        open_signing_key(keys, Role.BOARD, passphrase)
    assert sentence in refused.value.sentence
    assert "\n" not in refused.value.sentence


def test_a_public_key_that_is_not_the_private_ones_is_refused(keys: Path) -> None:
    (keys / "board.pub").write_bytes((keys / "deputy.pub").read_bytes())
    with pytest.raises(KeyRefused, match=r"board\.pub is not the public key"):
        open_signing_key(keys, Role.BOARD, PASSPHRASES["board"])


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="no key named chair"):
        init_keys(tmp_path, names=("chair",))


def test_no_key_is_shown(keys: Path) -> None:
    storage = open_storage_key(keys, PASSPHRASES[STORAGE])
    board = open_signing_key(keys, Role.BOARD, PASSPHRASES["board"])
    raw = board.private.private_bytes_raw()
    for secret in (storage.raw, raw):
        for shown in (repr(storage), repr(board), str(storage)):
            assert secret.hex() not in shown
            assert repr(secret)[2:-1] not in shown


def test_another_storage_key_does_not_open_what_this_one_sealed(keys: Path, tmp_path: Path) -> None:
    init_keys(tmp_path / "other", names=(STORAGE,))
    sealed = open_storage_key(tmp_path / "other").seal(b"x")
    with pytest.raises(KeyRefused, match="does not open the file"):
        open_storage_key(keys, PASSPHRASES[STORAGE]).open(sealed, "the file")
