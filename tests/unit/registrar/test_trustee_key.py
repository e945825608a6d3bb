"""A trustee's key file: only its passphrase opens it, and anything else is refused in one sentence."""

from __future__ import annotations

import json
import secrets

import pytest

from ballot.protocol.canonical import write_json
from ballot.registrar.errors import KeyRefused
from ballot.registrar.trustee_key import ITERATIONS, SHORTEST, open_trustee_key, seal_trustee_key

SEED, PASSPHRASE = "1" * 22, "four words e\u0301 together"


@pytest.fixture(scope="module")
def written() -> bytes:
    return seal_trustee_key(SEED, PASSPHRASE, secrets.token_bytes)


def refused(data: bytes, passphrase: str = PASSPHRASE) -> str:
    with pytest.raises(KeyRefused) as caught:
        open_trustee_key(data, passphrase)
    assert SEED not in caught.value.sentence
    return caught.value.sentence


def test_it_opens_however_the_keyboard_writes_an_accent(written: bytes) -> None:
    assert open_trustee_key(written, PASSPHRASE) == SEED
    assert open_trustee_key(written.rstrip(), PASSPHRASE.replace("e\u0301", "\u00e9")) == SEED
    assert open_trustee_key(b"\xef\xbb\xbf" + written.rstrip() + b" \r\n", PASSPHRASE) == SEED
    assert SEED.encode() not in written
    assert json.loads(written)["iterations"] == ITERATIONS >= 600_000


def test_another_passphrase_or_a_changed_file_does_not_open(written: bytes) -> None:
    value = json.loads(written)
    flipped = f"{int(value['data'][:2], 16) ^ 1:02x}{value['data'][2:]}"
    for changed in ({"iterations": ITERATIONS + 1}, {"salt": "00" * 16}, {"iv": "00" * 12}, {"data": flipped}):
        assert "does not open" in refused(write_json({**value, **changed}))
    assert "does not open" in refused(written, "four words not together")


@pytest.mark.parametrize(
    "changed",
    [
        {"iterations": 1000},
        {"iterations": 10**9},
        {"format": "ballot-trustee-key-2"},
        {"kdf": "none"},
        {"salt": "00"},
        {"iv": "zz"},
        {"data": 1},
        {"more": ""},
    ],
    ids=str,
)
def test_what_no_tool_of_ours_wrote_is_refused_untried(written: bytes, changed: dict[str, object]) -> None:
    assert "damaged" in refused(write_json({**json.loads(written), **changed}))


@pytest.mark.parametrize("data", [b"", b"{}", b"\xff", b"[" * 100, b"ballot-secret v1 trustee plain\nMQ==\n"])
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    assert "not a trustee's key file" in refused(data)


def test_a_passphrase_that_is_too_short_makes_no_file() -> None:
    with pytest.raises(KeyRefused, match=f"{SHORTEST} characters"):
        seal_trustee_key(SEED, "x" * (SHORTEST - 1), secrets.token_bytes)
