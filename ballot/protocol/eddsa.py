"""Signatures of the board and of people, Ed25519 as in RFC 8032: checking them with any `Group`. Public data only.

Spec: RFC 8032, section 5.1.7, without the factor 8, and R compared as bytes: what OpenSSL accepts and no more, under a
key of prime order. A key that is not of prime order accepts nothing. What is *not* done here: signing.
"""

from __future__ import annotations

import hashlib

from ballot.protocol.errors import InvalidElement
from ballot.protocol.group import Element, Group


def is_ed25519_signature(G: Group, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is (R, s) with s below q and g^s = R key^h, where h = SHA-512(R, key, message)."""
    if len(signature) != 64 or len(key) != 32:
        return False
    R, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= G.q:
        return False
    h = int.from_bytes(hashlib.sha512(R + key + message).digest(), "little") % G.q
    try:
        return G.divide(G.base_power(s), G.power(Element(key), h)) == R
    except InvalidElement:
        return False
