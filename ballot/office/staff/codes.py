"""Codes that people read and type: Crockford's 32 letters and digits, in groups, read back however they were typed.

An enrolment code is 20 characters, 100 bits. A recovery code is one digit, its place among ten, and 24 characters, 120
bits. Hyphens, dashes and spaces of any kind do not matter, nor case, and O, I and L are read as 0 and 1.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

from ballot.office.staff.sessions import Draw
from ballot.protocol.hashing import sha256_hex
from ballot.registrar.keyring import StorageKey

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ENROLMENT, RECOVERY, RECOVERIES = 20, 24, 10
_READ_AS = str.maketrans("OIL", "011")
_MINUS = "\u2212"
"""It looks like a dash, but Unicode calls it a mathematical sign."""
_GROUP = 4
_HASH = 32
_LONGEST_TYPED = 100


def strip_separators(typed: str) -> str:
    """A code without the characters that people and programs add to it.

    This drops spaces of any width, hyphens, dashes and invisible characters, because word processors and telephones
    add them. Full-width letters and digits become plain ones.
    """
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED])
    return "".join(
        c for c in plain if c != _MINUS and unicodedata.category(c) != "Pd" and unicodedata.category(c)[0] not in "ZC"
    )


def new_enrolment_code(draw: Draw) -> str:
    """Draw an enrolment code such as `7KQW-0M2D-...`. It is shown once."""
    return grouped(draw_letters(draw, ENROLMENT))


def new_recovery_codes(draw: Draw) -> list[str]:
    """Draw the recovery codes `0-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX` to `9-...`. They are shown once."""
    return [f"{place}-{grouped(draw_letters(draw, RECOVERY))}" for place in range(RECOVERIES)]


def enrolment_hash(typed: str) -> str | None:
    """The hash under which an enrolment code is stored. None if the text cannot be a code."""
    code = _read(typed, ENROLMENT)
    return None if code is None else sha256_hex(f"enrolment:{code}".encode())


def read_recovery_code(typed: str) -> tuple[int, str] | None:
    """A recovery code's place, and the code in the form that is hashed. None if the text cannot be a code."""
    code = _read(typed, RECOVERY + 1)
    return None if code is None or not code[0].isdigit() else (int(code[0]), code)


def recovery_hash(storage: StorageKey, account_id: int, code: str) -> str:
    """The hash under which an account's recovery code is stored, under a key that is not in the database.

    One fast hash is enough: a code has 120 random bits, so no one can try them all (ADR 0031). The key makes a copy of
    the database useless for trying any.
    """
    key = storage.derive("recovery codes")
    return hashlib.blake2b(f"{account_id}:{code}".encode(), key=key, digest_size=_HASH).hexdigest()


def is_recovery_code(storage: StorageKey, kept: str | None, account_id: int, code: str) -> bool:
    """Whether this is the code with the stored hash. If none is stored, does the same work and says no."""
    hash = recovery_hash(storage, account_id, code)
    return hmac.compare_digest(hash, kept or "") and kept is not None


def _read(typed: str, length: int) -> str | None:
    code = strip_separators(typed).upper().translate(_READ_AS)
    return code if re.fullmatch(f"[{ALPHABET}]{{{length}}}", code) else None


def draw_letters(draw: Draw, count: int) -> str:
    """Draw this many characters of the alphabet, 5 bits each."""
    return "".join(ALPHABET[byte % 32] for byte in draw(count))


def grouped(letters: str, size: int = _GROUP) -> str:
    """The characters in groups of this size, with hyphens between them."""
    return "-".join(letters[i : i + size] for i in range(0, len(letters), size))
