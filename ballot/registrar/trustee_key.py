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
_DAMAGED = "The trustee's key file is damaged: it is not as it was written."

Draw = Callable[[int], bytes]
"""Draws that number of random bytes."""


class WrongPassphrase(KeyRefused):
    """The file is a key file, and the passphrase does not open it."""


def seal_trustee_key(seed: str, passphrase: str, draw: Draw) -> bytes:
    """The content of the key file that keeps `seed`. Raises KeyRefused if the passphrase is too short."""
    if len(_normal(passphrase)) < SHORTEST:
        raise KeyRefused(
            f"The passphrase of a trustee's key must have {SHORTEST} characters or more: four or five words."
        )
    salt, iv = draw(_SALT), draw(_IV)
    head: dict[str, Json] = {
        "format": FORMAT,
        "kdf": KDF,
        "iterations": ITERATIONS,
        "salt": salt.hex(),
        "iv": iv.hex(),
    }
    data = AESGCM(_stretch(passphrase, salt, ITERATIONS)).encrypt(iv, seed.encode("ascii"), write_json(head))
    return write_json({**head, "data": data.hex()}) + b"\n"


def open_trustee_key(data: bytes, passphrase: str) -> str:
    """The seed, a secret. Raises KeyRefused with one sentence if the file is not a key file, or does not open."""
    head, salt, iv, sealed = _read(data)
    try:
        key = AESGCM(_stretch(passphrase, salt, head["iterations"]))
        seed = key.decrypt(iv, sealed, write_json(head)).decode("ascii")
    except InvalidTag:
        raise WrongPassphrase("The passphrase does not open the trustee's key file, or the file was changed.") from None
    except UnicodeDecodeError:
        raise KeyRefused(_DAMAGED) from None
    if len(seed) != _SEED or not set(seed) <= set(BASE58):
        raise KeyRefused(_DAMAGED)
    return seed


def _read(data: bytes) -> tuple[dict[str, Json], bytes, bytes, bytes]:
    try:
        line = as_sent(data)
        value = fields(parse_json(line), ("format", "kdf", "iterations", "salt", "iv", "data"))
        check_canonical(line, value, "the key file")
        integer(value["iterations"], ITERATIONS, _MOST)
        salt, iv, sealed = (bytes.fromhex(text(value[name])) for name in ("salt", "iv", "data"))
    except (InvalidMessage, ValueError):
        raise KeyRefused("This is not a trustee's key file, or it is damaged.") from None
    if (value["format"], value["kdf"], len(salt), len(iv)) != (FORMAT, KDF, _SALT, _IV):
        raise KeyRefused(_DAMAGED)
    return {name: entry for name, entry in value.items() if name != "data"}, salt, iv, sealed


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFC", passphrase)


def _stretch(passphrase: str, salt: bytes, iterations: int) -> bytes:
    kdf = PBKDF2HMAC(SHA256(), 32, salt, iterations)
    return kdf.derive(_normal(passphrase).encode("utf-8", "surrogatepass"))
