"""Cosignatures in C2SP's form: only what a witness signed is valid; and the files that contain them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash
from ballot.record.assets import AssetManifest, check_assets_signature, parse_assets, parse_listed, sign_assets
from ballot.record.checkpoints import Checkpoint, key_hash, sign_checkpoint
from ballot.record.cosignatures import (
    RecordedCosignature,
    Witness,
    accept_cosignatures,
    check_cosignature,
    cosign,
    log_vkey,
    parse_cosignature_line,
    parse_vkey,
)
from ballot.record.keys import PublicKey, Role, SigningKey
from ballot.record.tlog_proofs import (
    ConsistencyProof,
    InclusionProof,
    SignedCheckpoint,
    parse_consistency_proof,
    parse_signed_checkpoint,
)
from tests.support.inclusion_proofs import parse_inclusion_proof
from tests.support.record_simulator import KEYS

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)
NAME = "witness.example.org/w1"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESS = Witness(NAME, PublicKey(KEY.public_key().public_bytes_raw()))
OTHER = Witness("other.example.org", SigningKey(Role.BOARD, Ed25519PrivateKey.from_private_bytes(b"o" * 32)).public)
CHECKPOINT = Checkpoint("board.example.org/merger/00A", 3, bytes(32), Hash("ab" * 32), NOON)
BODY = CHECKPOINT.to_text()
NOTE = sign_checkpoint(CHECKPOINT, KEYS[Role.BOARD])
LINE = cosign(BODY, NAME, KEY, NOON)


def test_a_key_is_written_as_in_the_example_of_the_specification() -> None:
    """signed-note, Verifier keys, Example: type 1, whose form and hash a cosigner's key has too."""
    example = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    key = PublicKey(base64.b64decode(example.split("+", 2)[2])[1:])

    assert log_vkey("example.com/foo", key) == example
    assert key_hash("example.com/foo", key).hex() == "530d903a"
    with pytest.raises(InvalidMessage, match="unsupported"):
        parse_vkey(example)


def test_the_signed_note_of_the_specification_is_its_keys() -> None:
    """signed-note, Example."""
    key = PublicKey(base64.b64decode("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")[1:])
    line = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="

    assert base64.b64decode(line)[:4].hex() == "530d903a"
    assert key.is_signature(base64.b64decode(line)[4:], b"This is an example message.\n")


def test_a_cosignature_holds_for_its_checkpoint_time_and_witness_only() -> None:
    assert check_cosignature(LINE, BODY, WITNESS).time == NOON
    assert parse_vkey(WITNESS.vkey) == WITNESS
    seconds = base64.b64decode(LINE.split(" ")[2])
    later = seconds[:4] + (int.from_bytes(seconds[4:12]) + 1).to_bytes(8) + seconds[12:]
    renamed = LINE.replace("w1", "w2")
    for line, body, witness in (
        (LINE, BODY.replace("\n3\n", "\n4\n"), WITNESS),
        (f"— {NAME} {base64.b64encode(later).decode()}", BODY, WITNESS),
        (LINE, BODY, OTHER),
        (renamed, BODY, Witness("witness.example.org/w2", WITNESS.key)),
        (LINE, BODY, Witness(NAME, OTHER.key)),
        (LINE[:-4], BODY, WITNESS),
        (cosign(BODY, NAME, KEY, datetime(1970, 1, 1, tzinfo=UTC)), BODY, WITNESS),
    ):
        with pytest.raises(InvalidMessage):
            check_cosignature(line, body, witness)


def test_what_is_signed_is_what_the_specification_says() -> None:
    raw = base64.b64decode(LINE.split(" ")[2])

    assert int.from_bytes(raw[4:12]) == NOON.timestamp()
    message = f"cosignature/v1\ntime {int(NOON.timestamp())}\n{BODY}".encode()
    assert WITNESS.key.is_signature(raw[12:], message)
    assert raw[:4] == WITNESS.key_id


def test_lines_of_unknown_keys_are_passed_over_and_a_false_one_of_a_known_key_spoils_the_answer() -> None:
    stranger = cosign(BODY, "stranger.example.org", Ed25519PrivateKey.from_private_bytes(b"s" * 32), NOON)
    same_name = cosign(BODY, NAME, Ed25519PrivateKey.from_private_bytes(b"t" * 32), NOON)
    newer_form = "— witness.example.org/w1 " + base64.b64encode(bytes(2432)).decode()
    answer = f"{stranger}\n{same_name}\n{newer_form}\nnonsense\n{LINE}\n"

    assert [c.line for c in accept_cosignatures(answer, BODY, [WITNESS, OTHER])] == [LINE]
    assert accept_cosignatures("", BODY, [WITNESS]) == []
    with pytest.raises(InvalidMessage):
        accept_cosignatures(f"{LINE}\n", BODY.replace("ab", "cd"), [WITNESS])


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a+b",
        WITNESS.vkey.replace("w1", "w2"),
        WITNESS.vkey.replace("w1", "w 1"),
        WITNESS.vkey[:-4],
        f"{NAME}+{WITNESS.vkey.split('+')[1].upper()}+{WITNESS.vkey.split('+', 2)[2]}",
        f"x+00000000+{base64.b64encode(b'%c' % 4 + bytes(31) + b'%c' % 128).decode()}",
    ],
)
def test_a_verifier_key_that_is_false_in_itself_is_refused(written: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_vkey(written)


def test_a_recorded_cosignature_is_read_as_it_was_written() -> None:
    recorded = RecordedCosignature("00A", 3, WITNESS.vkey, LINE)

    assert parse_cosignature_line(recorded.to_bytes()[:-1]) == recorded
    with pytest.raises(InvalidMessage):
        parse_cosignature_line(recorded.to_bytes())


def test_proofs_are_read_as_they_were_written_with_their_cosignatures() -> None:
    signed = SignedCheckpoint(NOTE, (LINE,))
    for path in ((), (bytes(32),), (b"\1" * 32, b"\2" * 32)):
        inclusion, consistency = InclusionProof(2, path, signed), ConsistencyProof(2, path, signed)
        assert parse_inclusion_proof(inclusion.to_text()) == inclusion
        assert parse_consistency_proof(consistency.to_text()) == consistency
    assert parse_signed_checkpoint(signed.to_text()) == signed
    assert signed.body == BODY


CONSISTENCY = ConsistencyProof(2, (bytes(32),), SignedCheckpoint(NOTE)).to_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        CONSISTENCY.replace("old 2", "extra aGVsbG8=\nold 2"),
        CONSISTENCY.replace("old 2", "old 02"),
        CONSISTENCY.replace("old 2", "old -2"),
        CONSISTENCY.replace("A=\n\n", "\n\n", 1),
        CONSISTENCY.replace("old 2\n", "old 2\n" + f"{'A' * 43}=\n" * 63),
        CONSISTENCY.rstrip("\n"),
        CONSISTENCY + "no signature\n",
        CONSISTENCY + "— padding AAAA\n" * 5000,
    ],
)
def test_a_proof_of_consistency_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_consistency_proof(text)


def test_a_list_of_assets_holds_as_the_board_signed_it_only() -> None:
    manifest = AssetManifest("merger", {"booth.js": Hash("ab" * 32)}, {"/vote/merger/00A": Hash("cd" * 32)})
    signed = sign_assets(manifest, KEYS[Role.BOARD])
    data = signed.to_bytes()

    assert parse_assets(data) == signed
    check_assets_signature(signed, KEYS[Role.BOARD].public)
    with pytest.raises(InvalidMessage):
        check_assets_signature(signed, OTHER.key)
    with pytest.raises(InvalidMessage):
        check_assets_signature(manifest, KEYS[Role.BOARD].public)
    with pytest.raises(InvalidMessage):
        check_assets_signature(parse_assets(data.replace(b"cd" * 32, b"ce" * 32)), KEYS[Role.BOARD].public)
    for wrong in (data.replace(b"ab" * 32, b"ac" * 32), data[:-1], data.replace(b'"version":1', b'"version":2')):
        with pytest.raises(InvalidMessage):
            parse_assets(wrong)


def test_a_list_as_sha256sum_writes_it_is_read() -> None:
    assert parse_listed(f"{'ab' * 32}  ./booth.js\n{'cd' * 32} *vendor/x.js\n".encode()) == {
        "booth.js": "ab" * 32,
        "vendor/x.js": "cd" * 32,
    }
    with pytest.raises(InvalidMessage):
        parse_listed(b"nonsense")
