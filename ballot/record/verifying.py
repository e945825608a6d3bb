"""Whether an Ed25519 signature holds: by OpenSSL where `cryptography` is installed, else by our own five lines.

Both accept the same under a key of prime order, which every key read from outside is (keys.py); a test compares them.
"""

from __future__ import annotations

from collections.abc import Callable

from ballot.protocol.backends import choose
from ballot.protocol.eddsa import is_ed25519_signature
from ballot.protocol.group import Group

IsSignature = Callable[[bytes, bytes, bytes], bool]
"""Of a key, a signature and a message."""


def with_openssl() -> IsSignature:
    """The library's; raises ImportError where it is not installed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    def is_signature(key: bytes, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    return is_signature


def with_group(group: Group) -> IsSignature:
    """Our own, with the arithmetic of that group."""
    return lambda key, signature, message: is_ed25519_signature(group, key, signature, message)


def find_verifier() -> tuple[str, IsSignature]:
    """What this machine has, in words, and it."""
    try:
        return "cryptography (OpenSSL)", with_openssl()
    except ImportError:
        group = choose()
        return group.backend, with_group(group)
