"""Names that the record commits to and does not tell: where the members are persons.

In roll.csv the column `practice_name` then has, for each member,

    sha256:<64 hex digits>  =  SHA-256( len(domain) domain  len(salt) salt  len(name) name )

`domain` is "ballot/roll-name/v1" in ASCII, `salt` is 32 random bytes, `name` is the person's name in UTF-8 after
Unicode normalisation to NFC, and each `len` is the number of bytes that follow, as 4 bytes, most significant first.
No one can try names against it without the salt. The office keeps name and salt, and gives them to the person. With
both, anyone can check the entry (`opens`): so a dispute about who a code belongs to can be settled.

Not done here: drawing codes and salts (`ballot.roll.persons`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata

DOMAIN = b"ballot/roll-name/v1"
SALT_BYTES = 32
_COMMITMENT = re.compile(r"sha256:[0-9a-f]{64}")
_SALT = re.compile(r"[0-9a-f]{64}")

OFFICES_WORD = "The members are persons. That each code is one eligible person is the office's word."
"""What must be said next to a result."""


def commit_name(salt: bytes, name: str) -> str:
    """The commitment to a name."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    parts = (DOMAIN, salt, unicodedata.normalize("NFC", name).encode("utf-8"))
    return f"sha256:{hashlib.sha256(b''.join(len(part).to_bytes(4, 'big') + part for part in parts)).hexdigest()}"


def is_commitment(text: str) -> bool:
    """Whether it has the form of a commitment."""
    return _COMMITMENT.fullmatch(text) is not None


def opens(commitment: str, salt: bytes, name: str) -> bool:
    """Whether the commitment is to this name, with this salt."""
    return hmac.compare_digest(commitment, commit_name(salt, name))


def parse_salt(text: str) -> bytes | None:
    """A salt written as 64 hexadecimal digits in small letters; None for anything else."""
    return bytes.fromhex(text) if _SALT.fullmatch(text) else None
