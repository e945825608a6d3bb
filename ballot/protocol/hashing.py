"""Hashes: SHA-256 in the three forms that the specification uses.

Spec: Messages, Basic types; every challenge is SHA-256 read as a 256-bit big-endian number modulo q.
"""

from __future__ import annotations

import base64
import hashlib
from typing import NewType

Hash = NewType("Hash", str)
"""SHA-256 as 64 lower-case hexadecimal digits."""


def sha256_hex(data: bytes) -> Hash:
    """SHA-256 in hexadecimal, as in file names, parents and payloads."""
    return Hash(hashlib.sha256(data).hexdigest())


def sha256_base64(data: bytes) -> str:
    """SHA-256 in Base64 without padding (43 characters): election hash, tracking number, hash in a signature."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode("ascii").rstrip("=")


def base64_of_hex(hash_hex: str) -> str:
    """Convert a hash from hexadecimal to Base64 without padding."""
    return base64.b64encode(bytes.fromhex(hash_hex)).decode("ascii").rstrip("=")


def sha256_integer(text: str) -> int:
    """SHA-256 of UTF-8 text as a big-endian number, before any reduction modulo q."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest(), "big")


def is_hash(text: object) -> bool:
    """Whether `text` is 64 lower-case hexadecimal digits."""
    return isinstance(text, str) and len(text) == 64 and all(c in "0123456789abcdef" for c in text)
