"""Ed25519 signatures, receipts and fingerprints on which every verifier must agree, the bad ones named after the fault.

Each forger holds the private key, as a cheating board does, and picks a point of small order, another spelling or a
number above q so that some verifier somewhere would accept. `reason` is the word of the refusal, None for a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.protocol.canonical import Json, write_json
from ballot.protocol.edwards import decode
from ballot.protocol.group import Element
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.keys import PublicKey, Purpose, Role, SigningKey, base64_text, signed_bytes
from ballot.record.receipts import Receipt, sign_receipt
from ballot.record.terms import programme_fingerprint
from tests.support.pdfs import Draws, G
from tests.support.vectors.tampering import OFF_CURVE, ORDER_EIGHT, ORDER_TWO

ORDER_FOUR = Element(bytes(32))
"""y = 0: twice this point is the one of order two."""
SIGN = 1 << 255
MESSAGE = b"a message"

_draws = Draws("signatures")
a, r = _draws(G.q), _draws(G.q)
KEY, R = G.base_power(a), G.base_power(r)
SMALL = {"two": ORDER_TWO, "four": ORDER_FOUR, "eight": ORDER_EIGHT}
ORDER = {"two": 2, "four": 4, "eight": 8}


def number(value: int) -> bytes:
    """As RFC 8032 writes it: 32 bytes, little-endian."""
    return value.to_bytes(32, "little")


def challenge(R: bytes, key: bytes, message: bytes) -> int:
    """SHA-512 of the three, modulo q."""
    return int.from_bytes(hashlib.sha512(R + key + message).digest(), "little") % G.q


def sign(key: bytes = KEY, R: bytes = R, message: bytes = MESSAGE, a: int = a, r: int = r, more: int = 0) -> bytes:
    """(R, r + h a), whatever R and the key say they are; `more` is added to s."""
    return R + number((r + challenge(R, key, message) * a) % G.q + more)


def message_for(R: bytes, key: bytes, order: int, *, holds: bool) -> bytes:
    """A message whose challenge takes the key's part of small order away (without the cofactor, too), or leaves it."""
    return next(m for m in (b"%d" % i for i in range(999)) if (challenge(R, key, m) % order == 0) is holds)


def cases() -> Iterator[tuple[str, bytes, bytes, bytes, bool]]:
    """Name, key, signature, message, and whether it holds."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    for name, message in (("good", MESSAGE), ("good: of nothing", b""), ("good: long", b"x" * 1000)):
        yield name, public, private.sign(message), message, True
    yield "good: made as the forgeries are", KEY, sign(), MESSAGE, True
    yield "another message", public, private.sign(MESSAGE), MESSAGE + b".", False
    yield "another key", KEY, private.sign(MESSAGE), MESSAGE, False
    yield "s plus q", KEY, sign(more=G.q), MESSAGE, False
    yield "s plus eight q", KEY, sign(more=8 * G.q), MESSAGE, False
    yield "s is q", KEY, R + number(G.q), MESSAGE, False
    yield "s is the largest number", KEY, R + b"\xff" * 32, MESSAGE, False
    yield "s plus one", KEY, sign(more=1), MESSAGE, False
    yield "cut", KEY, sign()[:-1], MESSAGE, False
    yield "a byte more", KEY, sign() + b"\0", MESSAGE, False
    yield "empty", KEY, b"", MESSAGE, False
    yield "a key that is cut", KEY[:-1], sign(), MESSAGE, False
    yield "a key that is off the curve", OFF_CURVE, sign(OFF_CURVE), MESSAGE, False
    yield "R is off the curve", KEY, sign(R=OFF_CURVE), MESSAGE, False
    yield "the other sign of R", KEY, sign(R=bytes([*R[:31], R[31] ^ 0x80])), MESSAGE, False
    yield from of_small_order()
    yield from of_another_spelling()


def of_small_order() -> Iterator[tuple[str, bytes, bytes, bytes, bool]]:
    """R or the key has a part of small order, or nothing else."""
    for name, T in SMALL.items():
        yield f"R plus a point of order {name}", KEY, sign(R=G.multiply(R, T)), MESSAGE, False
        yield f"R is a point of order {name}", KEY, sign(R=T, r=0), MESSAGE, False
        mixed = G.multiply(KEY, T)
        for found, key, R_, a_, what in (
            (f"a key plus a point of order {name}", mixed, R, a, "the key's"),
            (f"a key of order {name}", T, R, 0, "the key's"),
        ):
            for holds, word in ((True, "takes away"), (False, "leaves")):
                message = message_for(R_, key, ORDER[name], holds=holds)
                yield f"{found}, the challenge {word} {what} part", key, sign(key, R_, message, a_), message, False
        both = G.multiply(R, T)
        yield f"R and the key plus points of order {name}", mixed, sign(mixed, both), MESSAGE, False
        yield f"R and the key are the point of order {name}", T, sign(T, T, a=0, r=0), MESSAGE, False
    yield "R is the identity", KEY, sign(R=G.one, r=0), MESSAGE, False
    yield "the identity as key", G.one, sign(G.one, a=0), MESSAGE, False
    yield "the identity as key and R", G.one, sign(G.one, G.one, a=0, r=0), MESSAGE, False


def of_another_spelling() -> Iterator[tuple[str, bytes, bytes, bytes, bool]]:
    """R or the key has another spelling. Only points of small order have one under which anybody can sign."""
    spellings = {
        "the identity, y is p plus one": number(G.p + 1),
        "the identity, with the sign": number(SIGN + 1),
        "the identity, y is p plus one, with the sign": number(SIGN + G.p + 1),
        "the point of order two, with the sign": number(SIGN + G.p - 1),
        "a point of order four, y is p": number(G.p),
    }
    for name, spelt in spellings.items():
        yield f"R is {name}", KEY, sign(R=spelt, r=0), MESSAGE, False
        message = message_for(R, spelt, 4, holds=True)
        yield f"the key is {name}", spelt, sign(spelt, R, message, a=0), message, False
    low = next(y for y in range(3, 19) if is_point(number(y)))
    yield "R is a large point, y plus p", KEY, sign(R=number(G.p + low)), MESSAGE, False
    yield "the key is a large point, y plus p", number(G.p + low), sign(number(G.p + low)), MESSAGE, False


def is_point(data: bytes) -> bool:
    """Whether these are the bytes of a point of the curve, of whatever order."""
    return decode(data) is not None


def signatures() -> list[Json]:
    """Every case, in hexadecimal."""
    return [
        {
            "name": name,
            "key": key.hex(),
            "signature": signature.hex(),
            "message": message.hex(),
            "reason": None if good else "signature",
        }
        for name, key, signature, message, good in cases()
    ]


# -- Receipts of a board that cheats -------------------------------------------------------------------------------

BOARD = SigningKey(Role.BOARD, Ed25519PrivateKey.from_private_bytes(b"b" * 32))
RECEIPT = Receipt(
    "a-merger", "00A", "Abcdefghijkmno", "a tracking number", 12, Hash("ab" * 32), datetime(2020, 5, 20, 10, tzinfo=UTC)
)


def receipts() -> Iterator[tuple[str, str, str, str | None]]:
    """Name, the receipt's text, the board's key in hexadecimal, and the word of the refusal."""
    good, key = sign_receipt(RECEIPT, BOARD).decode(), BOARD.public.raw.hex()
    yield "good", good, key, None
    yield "good: a line break after it", f" {good}\r\n", key, None
    for name, blank in (("no-break space", "\u00a0"), ("byte order mark", "\ufeff"), ("line separator", "\u2028")):
        yield f"a {name} after it", good + blank, key, "not-json"
        yield f"a {name} before it", blank + good, key, "not-json"
    for name, T in SMALL.items():
        value = RECEIPT.to_json()
        signed = sign(R=G.multiply(R, T), message=signed_bytes(Purpose.RECEIPT, write_json(value)))
        yield f"R plus a point of order {name}", receipt_text(value, KEY, signed), KEY.hex(), "signature"
        yield f"a board's key of order {name}", receipt_text(value, T, signed), T.hex(), "element-subgroup"
        mixed = G.multiply(KEY, T)
        yield (
            f"a board's key plus a point of order {name}",
            receipt_text(value, mixed, signed),
            mixed.hex(),
            ("element-subgroup"),
        )
    yield (
        "the identity as the board's key",
        receipt_text(RECEIPT.to_json(), G.one, sign(G.one, a=0)),
        G.one.hex(),
        ("element-identity"),
    )
    spelt = number(G.p + 1)
    yield (
        "the board's key is the identity, y is p plus one",
        receipt_text(RECEIPT.to_json(), spelt, sign(spelt, a=0)),
        (spelt.hex()),
        "element-subgroup",
    )
    for name, time in (
        ("the thirtieth of February", "2020-02-30T10:00:00Z"),
        ("the thirteenth month", "2020-13-01T10:00:00Z"),
        ("midnight as twenty-four", "2020-05-20T24:00:00Z"),
        ("a leap second", "2020-06-30T23:59:60Z"),
        ("the year zero", "0000-01-01T00:00:00Z"),
        ("a fraction of a second", "2020-05-20T10:00:00.0Z"),
    ):
        yield (
            name,
            receipt_text(value := {**RECEIPT.to_json(), "time": time}, KEY, signed_by_hand(value)),
            (KEY.hex()),
            "wrong-type",
        )


def signed_by_hand(value: Json) -> bytes:
    """The signature of `KEY` over a receipt that our own writer would not write."""
    return sign(message=signed_bytes(Purpose.RECEIPT, write_json(value)))


def receipt_text(value: Json, key: bytes, signature: bytes) -> str:
    """A receipt with this key and signature, as it is handed out."""
    return write_json({**value, "key": key.hex(), "signature": base64_text(signature)}).decode()


# -- Fingerprints --------------------------------------------------------------------------------------------------


def fingerprints() -> list[Json]:
    """Programmes whose elections have names that some language would sort otherwise, with their fingerprint."""
    keys = {role.value: sha256_hex(role.value.encode()) for role in Role}
    named = {
        "letters and digits": ("00A", "00B"),
        "all digits": ("101", "99", "100"),
        "all digits beside letters": ("00A", "101", "E38", "7", "012"),
        "digits with localities": ("101", "101-2", "101-1", "0"),
        "digits that are large": ("4294967294", "4294967295", "4294967296", "9007199254740993"),
        "names of JavaScript's own": ("__proto__", "constructor", "1"),
    }
    return [fingerprint(name, names, keys) for name, names in named.items()]


def fingerprint(name: str, names: tuple[str, ...], keys: dict[str, Hash]) -> Json:
    """The elections as pairs, since their order in an object is what is in question."""
    terms = sha256_hex(b"terms")
    elections = {one: sha256_hex(one.encode()) for one in names}
    public = {role: PublicKey(bytes.fromhex(keys[role.value])) for role in Role}
    return {
        "name": name,
        "terms": terms,
        "keys": keys,
        "elections": json.dumps(elections),
        "fingerprint": programme_fingerprint(terms, public, elections),
    }
