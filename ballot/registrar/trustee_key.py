"""A trustee's key file: the seed under a passphrase, the same file for the trustee's page and for `ballot trustee`.

    {"format":"ballot-trustee-key-1","kdf":"PBKDF2-SHA-256","iterations":600000,"salt":...,"iv":...,"data":...}

One line of JSON. `data` is the seed in AES-256-GCM under a key stretched from the passphrase; the other fields are
authenticated with it. Every browser's Web Crypto has both algorithms. It lacks argon2id, which protects our other keys,
so the passphrase must be longer. The file never changes after it is made. A passphrase is used in Unicode's form NFC.
What is *not* done here: reading or writing the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from ballot.protocol.canonical import Json, as_sent, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.spec import BASE58
from ballot.registrar.errors import KeyRefused

FORMAT = "ballot-trustee-key-1"
KDF = "PBKDF2-SHA-256"
ITERATIONS = 600_000
_MOST = 10_000_000
"""A file with more iterations is refused, and so is one with fewer than ITERATIONS: no tool of ours writes those."""
SHORTEST = 15
"""In characters."""
_SALT, _IV, _SEED = 16, 12, 22

Draw = Callable[[int], bytes]
"""Draws that number of random bytes."""


class WrongPassphrase(KeyRefused):
    """The file is a key file, and the passphrase does not open it."""


def seal_trustee_key(seed: str, passphrase: str, draw: Draw) -> bytes:
    """The content of the key file that keeps `seed`. Raises KeyRefused if the passphrase is too short."""
    return seal_key_file(FORMAT, "trustee", seed, passphrase, draw)


def open_trustee_key(data: bytes, passphrase: str) -> str:
    """The seed, a secret. Raises KeyRefused with one sentence if the file is not a key file, or does not open."""
    seed = open_key_file(FORMAT, "trustee", data, passphrase)
    if len(seed) != _SEED or not set(seed) <= set(BASE58):
        raise _damaged("trustee")
    return seed


def seal_key_file(kind: str, whose: str, secret: str, passphrase: str, draw: Draw) -> bytes:
    """The content of a key file that a browser can open. `whose` key it is, for sentences. Raises KeyRefused."""
    if len(_normal(passphrase)) < SHORTEST:
        raise KeyRefused(
            f"The passphrase of {_a(whose)}'s key must have {SHORTEST} characters or more: four or five words."
        )
    salt, iv = draw(_SALT), draw(_IV)
    head: dict[str, Json] = {
        "format": kind,
        "kdf": KDF,
        "iterations": ITERATIONS,
        "salt": salt.hex(),
        "iv": iv.hex(),
    }
    data = AESGCM(_stretch(passphrase, salt, ITERATIONS)).encrypt(iv, secret.encode("ascii"), write_json(head))
    return write_json({**head, "data": data.hex()}) + b"\n"


def open_key_file(kind: str, whose: str, data: bytes, passphrase: str) -> str:
    """The secret in a key file of this kind. Raises KeyRefused."""
    head, salt, iv, sealed = _read(kind, whose, data)
    try:
        key = AESGCM(_stretch(passphrase, salt, head["iterations"]))
        return key.decrypt(iv, sealed, write_json(head)).decode("ascii")
    except InvalidTag:
        sentence = f"The passphrase does not open the {whose}'s key file, or the file was changed."
        raise WrongPassphrase(sentence) from None
    except UnicodeDecodeError:
        raise _damaged(whose) from None


def _damaged(whose: str) -> KeyRefused:
    return KeyRefused(f"The {whose}'s key file is damaged: it is not as it was written.")


def _a(whose: str) -> str:
    return f"an {whose}" if whose[0] in "aeiou" else f"a {whose}"


def _read(kind: str, whose: str, data: bytes) -> tuple[dict[str, Json], bytes, bytes, bytes]:
    try:
        line = as_sent(data)
        value = fields(parse_json(line), ("format", "kdf", "iterations", "salt", "iv", "data"))
        check_canonical(line, value, "the key file")
        integer(value["iterations"], ITERATIONS, _MOST)
        salt, iv, sealed = (bytes.fromhex(text(value[name])) for name in ("salt", "iv", "data"))
    except (InvalidMessage, ValueError):
        raise KeyRefused(f"This is not {_a(whose)}'s key file, or it is damaged.") from None
    if (value["format"], value["kdf"], len(salt), len(iv)) != (kind, KDF, _SALT, _IV):
        raise _damaged(whose)
    return {name: entry for name, entry in value.items() if name != "data"}, salt, iv, sealed


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFC", passphrase)


def _stretch(passphrase: str, salt: bytes, iterations: int) -> bytes:
    kdf = PBKDF2HMAC(SHA256(), 32, salt, iterations)
    return kdf.derive(_normal(passphrase).encode("utf-8", "surrogatepass"))
