"""Whether an Ed25519 signature holds: by OpenSSL where `cryptography` is installed, otherwise by our own code.

Both follow the rule of `protocol/eddsa.py`, for any key and any signature. OpenSSL takes every key that is a point and
an R that is the identity, so both are checked before it is asked. Shared vectors compare the two, and the page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ballot.protocol.backends import choose
from ballot.protocol.eddsa import is_ed25519_key, is_ed25519_signature
from ballot.protocol.group import Ed25519, Group

IsSignature = Callable[[bytes, bytes, bytes], bool]
"""Of a key, a signature and a message."""


@lru_cache(maxsize=1024)
def _is_key(key: bytes) -> bool:
    return is_ed25519_key(choose(), key)


def with_openssl() -> IsSignature:
    """The library's check, behind our check of the key; raises ImportError where the library is not installed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    def is_signature(key: bytes, signature: bytes, message: bytes) -> bool:
        if not _is_key(key) or signature[:32] == Ed25519.one:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return is_signature


def with_group(group: Group) -> IsSignature:
    """Our own, with the arithmetic of that group."""
    return lambda key, signature, message: is_ed25519_signature(group, key, signature, message)


def find_verifier() -> tuple[str, IsSignature]:
    """Which check this machine has, in words, and the check itself."""
    try:
        return "cryptography (OpenSSL)", with_openssl()
    except ImportError:
        group = choose()
        return group.backend, with_group(group)
