"""Tokens, receipts, checkpoints, events and manifests: every bit counts, and no signature is valid for another."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.hashing import Hash, sha256_base64, sha256_hex
from ballot.record.checkpoints import (
    Checkpoint,
    checkpoint_line,
    key_hash,
    open_checkpoint,
    origin_of,
    parse_checkpoint_line,
    sign_checkpoint,
)
from ballot.record.errors import InvalidReceipt, InvalidRecord, InvalidToken
from ballot.record.keys import (
    PublicKey,
    Purpose,
    Role,
    RoleSignature,
    SigningKey,
    check_role_signature,
    sign_as,
    signed_bytes,
)
from ballot.record.manifest import Manifest, check_manifest_signature, parse_manifest, sign_manifest
from ballot.record.programme_events import (
    DATA_FIELDS,
    SIGNERS,
    Head,
    Move,
    ProgrammeEvent,
    ReasonCode,
    check_event_signatures,
    parse_programme_event,
    sign_event,
)
from ballot.record.receipts import Receipt, check_receipt, parse_receipt, sign_receipt
from ballot.record.times import parse_time, time_text, whole_second
from ballot.record.tokens import (
    MAX_LENGTH,
    Token,
    TokenAction,
    TokenLine,
    open_token,
    parse_token_line,
    sign_token,
    token_hash,
)
from tests.support.simulator import G

NOON = datetime(2020, 5, 29, 12, tzinfo=UTC)
HASH = Hash("ab" * 32)
KEYS = {role: SigningKey(role, Ed25519PrivateKey.from_private_bytes(bytes([i]) * 32)) for i, role in enumerate(Role)}
PUBLIC = {role: key.public for role, key in KEYS.items()}
BOARD, REGISTRAR = KEYS[Role.BOARD], KEYS[Role.REGISTRAR]
TOKEN = Token("merger", "00Q", "P81001", G.g, 1, NOON)
RECEIPT = Receipt("merger", "00Q", "4QkTb1EbPTdDc4", sha256_base64(b"ballot"), 3, HASH, NOON)
CHECKPOINT = Checkpoint("board.example.org/merger/00Q", 7, bytes(range(32)), HASH, NOON)


# -- Keys --------------------------------------------------------------------------------------------------------


def test_a_signing_key_shows_nothing() -> None:
    secret = BOARD.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    shown = [repr(BOARD), str(BOARD), f"{BOARD}", repr([BOARD]), repr({"key": BOARD})]
    assert shown[0] == "SigningKey(board)"
    for text in shown:
        assert secret.hex() not in text
        assert base64.b64encode(secret).decode() not in text
        assert "object at" not in text


def test_a_public_key_is_read_from_the_pem_that_is_written() -> None:
    assert PublicKey.from_pem(BOARD.public.to_pem()) == BOARD.public
    assert PublicKey.from_hex(BOARD.public.raw.hex()) == BOARD.public
    assert BOARD.public.fingerprint == sha256_hex(BOARD.public.raw)


PEM = BOARD.public.to_pem()
PEMS = {
    "nothing": b"",
    "garbage": b"\xff" * 100,
    "a comment before": b"# the board\n" + PEM,
    "no newline behind": PEM.rstrip(),
    "a newline more": PEM + b"\n",
    "two keys": PEM * 2,
    "CRLF": PEM.replace(b"\n", b"\r\n"),
    "another curve": X25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "a private key": BOARD.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "the identity": PublicKey((1).to_bytes(32, "little")).to_pem(),
    "a point of order 4": PublicKey(bytes(32)).to_pem(),
}


@pytest.mark.parametrize("data", PEMS.values(), ids=PEMS.keys())
def test_another_pem_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        PublicKey.from_pem(data)


@pytest.mark.parametrize(
    "value",
    ["00" * 32, "01" + "00" * 31, "95" + "99" * 31, "ff" * 32, "ec" + "ff" * 30 + "7f", "AB" * 32, "ab", "", 5, None],
)
def test_a_key_under_which_signatures_prove_nothing_is_refused(value: object) -> None:
    with pytest.raises(InvalidMessage):
        PublicKey.from_hex(value)


def test_a_signature_holds_for_its_purpose_only() -> None:
    for made_for in Purpose:
        signature = BOARD.sign(made_for, b"message")
        for used_for in Purpose:
            holds = BOARD.public.is_signature(signature, signed_bytes(used_for, b"message"))
            assert holds == (made_for is used_for)


def test_no_purposes_line_is_the_beginning_of_anothers() -> None:
    lines = [signed_bytes(purpose, b"") for purpose in Purpose]
    assert len(set(lines)) == len(lines)
    assert all(line.endswith(b" v1\n") and line.count(b"\n") == 1 for line in lines)


def test_a_signature_in_a_role_holds_for_that_roles_key_only() -> None:
    signature = sign_as(BOARD, Purpose.EVENT, b"m")
    check_role_signature(PUBLIC, signature, Purpose.EVENT, b"m")
    spoiled: list[tuple[RoleSignature, Purpose, bytes]] = [
        (signature, Purpose.MANIFEST, b"m"),
        (signature, Purpose.EVENT, b"n"),
        (replace(signature, role=Role.DEPUTY), Purpose.EVENT, b"m"),
        (replace(signature, key=PUBLIC[Role.DEPUTY].fingerprint), Purpose.EVENT, b"m"),
        (replace(signature, signature=bytes(64)), Purpose.EVENT, b"m"),
    ]
    for bad, purpose, message in spoiled:
        with pytest.raises(InvalidRecord):
            check_role_signature(PUBLIC, bad, purpose, message)
    with pytest.raises(InvalidRecord):
        check_role_signature({}, signature, Purpose.EVENT, b"m")
    assert RoleSignature.from_json(signature.to_json()) == signature


# -- Tokens ------------------------------------------------------------------------------------------------------


def test_a_token_is_opened_as_it_was_signed() -> None:
    assert open_token(sign_token(TOKEN, REGISTRAR), REGISTRAR.public) == TOKEN


def test_every_bit_of_a_token_counts() -> None:
    signed = sign_token(TOKEN, REGISTRAR)
    for at in range(len(signed)):
        for bit in range(7):
            spoiled = signed[:at] + chr(ord(signed[at]) ^ 1 << bit) + signed[at + 1 :]
            with pytest.raises(InvalidToken):
                open_token(spoiled, REGISTRAR.public)


def by_registrar(value: dict[str, Any]) -> str:
    payload = write_json(value)
    parts = (payload, REGISTRAR.sign(Purpose.TOKEN, payload))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


GOOD_TOKEN = sign_token(TOKEN, REGISTRAR)
BODY, SIGNATURE = GOOD_TOKEN.split(".")
TOKENS = {
    "empty": "",
    "a dot": ".",
    "no signature": BODY,
    "an empty signature": BODY + ".",
    "three parts": GOOD_TOKEN + ".x",
    "padded": BODY + "=." + SIGNATURE,
    "a newline behind": GOOD_TOKEN + "\n",
    "a space before": " " + GOOD_TOKEN,
    "standard Base64": BODY + "." + SIGNATURE.replace("-", "+").replace("_", "/") + "/",
    "half a surrogate": BODY + ".\ud800",
    "beyond ASCII": BODY + ".é",
    "very long": "A" * 1_000_000 + "." + SIGNATURE,
    "just too long": "A" * (MAX_LENGTH - 86) + "." + SIGNATURE,
    "signed by another": sign_token(TOKEN, BOARD),
    "a field missing": by_registrar({"programme": "merger"}),
    "a field more": by_registrar({**TOKEN.to_json(), "x": 1}),
    "a serial of nought": by_registrar({**TOKEN.to_json(), "serial": 0}),
    "a serial as text": by_registrar({**TOKEN.to_json(), "serial": "1"}),
    "another time": by_registrar({**TOKEN.to_json(), "expires": "2020-05-29"}),
    "no credential": by_registrar({**TOKEN.to_json(), "credential": "x"}),
}


@pytest.mark.parametrize("signed", TOKENS.values(), ids=TOKENS.keys())
def test_another_token_is_refused(signed: str) -> None:
    with pytest.raises(InvalidToken):
        open_token(signed, REGISTRAR.public)
    assert len(token_hash(signed)) == 64


def test_a_receipts_signature_is_no_tokens() -> None:
    payload = write_json(TOKEN.to_json())
    for purpose in set(Purpose) - {Purpose.TOKEN}:
        parts = (payload, REGISTRAR.sign(purpose, payload))
        signed = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        with pytest.raises(InvalidToken) as caught:
            open_token(signed, REGISTRAR.public)
        assert caught.value.reason is Reason.SIGNATURE


LINE = TokenLine("00Q", TokenAction.ISSUED, HASH)
REISSUED = TokenLine("00Q", TokenAction.REISSUED, HASH, Hash("cd" * 32))


@pytest.mark.parametrize("line", [LINE, REISSUED, TokenLine("00Q", TokenAction.REVOKED, HASH)])
def test_a_line_of_the_tokens_is_written_again_as_it_was_read(line: TokenLine) -> None:
    assert parse_token_line(line.to_bytes().removesuffix(b"\n")) == line


@pytest.mark.parametrize(
    "line",
    [
        LINE.to_bytes(),
        replace(LINE, replaces=HASH).to_bytes().strip(),
        replace(REISSUED, replaces=None).to_bytes().strip(),
        b'{"ccg":"00Q","action":"stolen","token":"%s"}',
        b'{"ccg":"00Q","action":[],"token":"%s"}',
        b'{"ccg":1,"action":"issued","token":"%s"}',
        b'{"ccg":"00Q","action":"issued","token":"x"}',
        b'{"ccg":"00Q","action":"reissued","token":"%s","replaces":null}',
        b"",
    ],
)
def test_another_line_of_the_tokens_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_token_line(line.replace(b"%s", HASH.encode()))


# -- Receipts ----------------------------------------------------------------------------------------------------


def test_a_receipt_is_checked_as_it_was_signed() -> None:
    data = sign_receipt(RECEIPT, BOARD)
    assert check_receipt(data, BOARD.public) == RECEIPT
    assert check_receipt(data + b"\n", BOARD.public) == RECEIPT
    assert parse_receipt(data)[:2] == (RECEIPT, BOARD.public)


def test_every_bit_of_a_receipt_counts() -> None:
    data = sign_receipt(RECEIPT, BOARD)
    for at in range(len(data)):
        for bit in range(8):
            spoiled = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises(InvalidMessage):
                check_receipt(spoiled, BOARD.public)


def test_a_receipt_signed_with_another_key_or_for_another_purpose_is_refused() -> None:
    with pytest.raises(InvalidReceipt) as caught:
        check_receipt(sign_receipt(RECEIPT, REGISTRAR), BOARD.public)
    assert caught.value.reason is Reason.PUBLIC_KEY
    value = json.loads(sign_receipt(RECEIPT, BOARD))
    for purpose in set(Purpose) - {Purpose.RECEIPT}:
        value["signature"] = base64.b64encode(BOARD.sign(purpose, write_json(RECEIPT.to_json()))).decode()
        with pytest.raises(InvalidReceipt) as caught:
            check_receipt(write_json(value), BOARD.public)
        assert caught.value.reason is Reason.SIGNATURE


# -- Checkpoints -------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_a_c2sp_signed_note() -> None:
    note = sign_checkpoint(CHECKPOINT, BOARD)
    body, _, signature = note.partition("\n\n")
    origin, size, root, *extension = body.split("\n")
    assert (origin, size, base64.b64decode(root)) == (CHECKPOINT.origin, "7", CHECKPOINT.root)
    assert extension == [f"head {HASH}", "time 2020-05-29T12:00:00Z"]
    dash, name, blob = signature.removesuffix("\n").split(" ")
    raw = base64.b64decode(blob)
    assert (dash, name, len(raw)) == ("\u2014", CHECKPOINT.origin, 4 + 64)
    assert raw[:4] == hashlib.sha256(CHECKPOINT.origin.encode() + b"\n\x01" + BOARD.public.raw).digest()[:4]
    BOARD.private.public_key().verify(raw[4:], (body + "\n").encode())


def test_the_key_hash_is_that_of_the_published_example() -> None:
    """PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW, of Go's sumdb/note."""
    encoded = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert encoded[:1] == b"\x01"
    assert key_hash("PeterNeumann", PublicKey(encoded[1:])).hex() == "c74f20a3"


def test_a_checkpoint_is_opened_as_it_was_signed() -> None:
    note = sign_checkpoint(CHECKPOINT, BOARD)
    assert open_checkpoint(note, BOARD.public) == CHECKPOINT
    assert parse_checkpoint_line(checkpoint_line("00Q", note).removesuffix(b"\n")) == ("00Q", note)
    assert origin_of("board.example.org", "merger", "00Q") == CHECKPOINT.origin


def test_every_character_of_a_checkpoint_counts() -> None:
    note = sign_checkpoint(CHECKPOINT, BOARD)
    for at in range(len(note)):
        for other in (chr(ord(note[at]) ^ 1), "", note[at] * 2):
            with pytest.raises(InvalidMessage):
                open_checkpoint(note[:at] + other + note[at + 1 :], BOARD.public)


def test_a_checkpoint_by_another_key_or_for_another_log_is_refused() -> None:
    note = sign_checkpoint(CHECKPOINT, BOARD)
    with pytest.raises(InvalidRecord):
        open_checkpoint(note, REGISTRAR.public)
    with pytest.raises(InvalidRecord):
        open_checkpoint(note.replace("/00Q", "/01A"), BOARD.public)
    with pytest.raises(InvalidRecord):
        open_checkpoint(note + note.split("\n\n")[1], BOARD.public)


def test_no_checkpoint_reads_like_what_another_purpose_signs() -> None:
    """Both are signed by the board's key; a purpose's message is JSON, which is never the size of a log."""
    for purpose in Purpose:
        line = signed_bytes(purpose, b"").decode().removesuffix("\n")
        forged = replace(CHECKPOINT, origin=line).to_text().encode()
        assert forged.startswith(signed_bytes(purpose, b""))
        assert not forged.startswith(signed_bytes(purpose, b"{"))


# -- Events ------------------------------------------------------------------------------------------------------


def event(move: Move, **changes: Any) -> ProgrammeEvent:
    made = ProgrammeEvent(HASH, 1, NOON, move, "merger", "00Q", dict.fromkeys(DATA_FIELDS[move], HASH), None, None, {})
    return replace(made, **changes)


@pytest.mark.parametrize("move", Move)
def test_every_move_is_signed_by_whom_it_needs_and_written_again_as_read(move: Move) -> None:
    for roles in SIGNERS[move]:
        signed = sign_event(event(move), tuple(KEYS[role] for role in sorted(roles, key=str)))
        check_event_signatures(signed, PUBLIC)
        assert parse_programme_event(signed.to_bytes()) == signed
        assert signed.hash == sha256_hex(signed.to_bytes())


@pytest.mark.parametrize("move", Move)
def test_no_other_hands_make_a_move(move: Move) -> None:
    for bits in range(2 ** len(Role)):
        roles = frozenset(role for i, role in enumerate(Role) if bits >> i & 1)
        if roles in SIGNERS[move]:
            continue
        with pytest.raises(ValueError, match="is not signed by"):
            sign_event(event(move), tuple(KEYS[role] for role in roles))
        bare = event(move)
        signatures = tuple(sign_as(KEYS[role], Purpose.EVENT, bare.signed_bytes) for role in roles)
        with pytest.raises(InvalidRecord):
            check_event_signatures(replace(bare, signatures=signatures), PUBLIC)


def test_the_table_of_signers_is_whole_and_nobody_acts_alone_where_two_must() -> None:
    assert set(SIGNERS) == set(DATA_FIELDS) == set(Move)
    two = frozenset({Role.RETURNING_OFFICER, Role.DEPUTY})
    for move in (Move.SEALED, Move.STRUCK, Move.EXTENDED, Move.DECLARED, Move.ABANDONED):
        assert SIGNERS[move] == (two,)
    for move in (Move.OPENED, Move.CLOSED):
        assert set(SIGNERS[move]) == {two, frozenset({Role.BOARD})}


def test_one_officer_signing_twice_is_not_two() -> None:
    bare = event(Move.DECLARED)
    officer, deputy = KEYS[Role.RETURNING_OFFICER], KEYS[Role.DEPUTY]
    one = sign_as(officer, Purpose.EVENT, bare.signed_bytes)
    two = sign_as(deputy, Purpose.EVENT, bare.signed_bytes)
    check_event_signatures(replace(bare, signatures=(one, two)), PUBLIC)
    for signatures in ((one, one), (one, two, one), (one, replace(one, role=Role.DEPUTY))):
        with pytest.raises(InvalidRecord):
            check_event_signatures(replace(bare, signatures=signatures), PUBLIC)


def test_an_event_altered_after_signing_is_refused() -> None:
    signed = sign_event(event(Move.OPENED), (BOARD,))
    changes: list[dict[str, Any]] = [
        {"parent": None},
        {"height": 2},
        {"time": NOON + timedelta(seconds=1)},
        {"programme": "other"},
        {"ccg": None},
        {"data": {"opens": "x"}},
        {"reason": ReasonCode.REHEARSAL},
        {"note": HASH},
        {"heads": {"00Q": Head(HASH, 1)}},
    ]
    for change in changes:
        with pytest.raises(InvalidRecord):
            check_event_signatures(replace(signed, **change), PUBLIC)


def altered(**changes: Any) -> bytes:
    value = json.loads(sign_event(event(Move.OPENED, heads={"00Q": Head(HASH, 5)}), (BOARD,)).to_bytes())
    return write_json({**value, **changes})


@pytest.mark.parametrize(
    "line",
    [
        altered(x=1),
        altered(type="vanished"),
        altered(type=[]),
        altered(type=None),
        altered(height=-1),
        altered(time="2020-05-29 12:00:00"),
        altered(time="2020-02-30T12:00:00Z"),
        altered(parent="x"),
        altered(data={}),
        altered(data=[]),
        altered(data={"opens": 1, "x": 2}),
        altered(heads=[]),
        altered(heads={"00Q": 1}),
        altered(heads={"00Q": {"hash": "x", "height": 1}}),
        altered(signatures={}),
        altered(signatures=[{}]),
        altered(signatures=[{"role": "king", "key": HASH, "signature": "x"}]),
        altered(ccg=None),
        altered() + b"\n",
    ],
)
def test_an_event_in_another_form_is_refused(line: bytes) -> None:
    parse_programme_event(altered())
    with pytest.raises(InvalidMessage):
        parse_programme_event(line)


# -- The manifest ------------------------------------------------------------------------------------------------

MANIFEST = sign_manifest(Manifest("merger", HASH, {"terms.json": HASH, "roll.csv": HASH}), BOARD)


def test_a_manifest_is_read_and_checked_as_it_was_signed() -> None:
    read = parse_manifest(MANIFEST.to_bytes())
    check_manifest_signature(read, PUBLIC)
    assert read.to_bytes() == MANIFEST.to_bytes()
    assert list(read.files) == ["roll.csv", "terms.json"]


def test_a_manifest_that_another_signed_or_nobody_or_two_is_refused() -> None:
    other = sign_manifest(replace(MANIFEST, signatures=()), REGISTRAR)
    twice = replace(MANIFEST, signatures=MANIFEST.signatures * 2)
    for bad in (other, twice, replace(MANIFEST, signatures=()), replace(MANIFEST, programme="other")):
        with pytest.raises(InvalidRecord):
            check_manifest_signature(bad, PUBLIC)


def of_manifest(**changes: Any) -> bytes:
    return write_json({**json.loads(MANIFEST.to_bytes()), **changes}) + b"\n"


@pytest.mark.parametrize(
    "data",
    [
        MANIFEST.to_bytes().strip(),
        MANIFEST.to_bytes() + b"\n",
        of_manifest(version=True),
        of_manifest(version=1),
        of_manifest(version=3),
        of_manifest(version="2"),
        of_manifest(files={"terms.json": HASH, "roll.csv": HASH}),
        of_manifest(files={"roll.csv": "x"}),
        of_manifest(files=[]),
        of_manifest(fingerprint=None),
        of_manifest(signatures={}),
        of_manifest(programme=1),
        b"",
        b"\n",
    ],
)
def test_a_manifest_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidMessage):
        parse_manifest(data)


# -- Times -------------------------------------------------------------------------------------------------------


def test_a_time_is_utc_to_the_second_whatever_it_was_made_of() -> None:
    summer = timezone(timedelta(hours=1))
    assert time_text(datetime(2020, 5, 29, 17, 0, 0, 999999, tzinfo=summer)) == "2020-05-29T16:00:00Z"
    with pytest.raises(ValueError, match="without a zone"):
        whole_second(datetime(2020, 5, 29))  # noqa: DTZ001


@pytest.mark.parametrize("written", ["2020-05-29T16:00:00Z", "0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z"])
def test_a_time_is_written_again_as_it_was_read(written: str) -> None:
    assert time_text(parse_time(written)) == written


@pytest.mark.parametrize(
    "value",
    [
        "2020-05-29T16:00:00",
        "2020-05-29T16:00:00+00:00",
        "2020-05-29T16:00:00.0Z",
        "2020-05-29t16:00:00z",
        "2020-05-29T24:00:00Z",
        "2020-05-29T16:00:60Z",
        "2020-05-29T16:00:61Z",
        "2020-13-01T00:00:00Z",
        "2019-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2020-05-29T16:00:00Z\n",
        "\u0662020-05-29T16:00:00Z",
        "",
        5,
        None,
        [],
    ],
)
def test_a_time_in_another_form_is_refused(value: object) -> None:
    with pytest.raises(InvalidMessage):
        parse_time(value)


SPOILERS: list[tuple[Callable[[bytes], object], bytes]] = [
    (parse_programme_event, altered()),
    (parse_manifest, MANIFEST.to_bytes()),
    (parse_token_line, LINE.to_bytes().strip()),
    (parse_checkpoint_line, checkpoint_line("00Q", sign_checkpoint(CHECKPOINT, BOARD)).strip()),
]


@pytest.mark.parametrize(("read", "good"), SPOILERS, ids=["event", "manifest", "token", "checkpoint"])
def test_spaces_doubles_and_escapes_are_refused(read: Callable[[bytes], object], good: bytes) -> None:
    read(good)
    first = good.index(b":")
    name = good[1 : first + 1]
    for bad in (
        good[:first] + b" " + good[first:],
        b"\n" + good,
        b"\xef\xbb\xbf" + good,
        b"{" + name + b"1," + good[1:],
        good.replace(b'"', b'"\\u0070', 1) if good[2:3] == b"p" else b"{" + b'"\\u00%02x' % good[2] + good[3:],
    ):
        with pytest.raises(InvalidMessage):
            read(bad)
