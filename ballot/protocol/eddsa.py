"""Check Ed25519 signatures with any `Group`: the strictest reading of RFC 8032. Public data only.

Spec: RFC 8032, section 5.1.7. The RFC lets verifiers differ. This is the strictest rule: OpenSSL, libsodium and
verifiers that multiply by the cofactor 8 accept every signature that is accepted here.

1. The key is the canonical encoding of a point of prime order q. The identity, points of small order and points of
   mixed order are no keys: under them one signature fits many messages, or verifiers disagree.
2. s is below q. With s + q there would be a second signature over the same message.
3. g^s = R key^h without the cofactor, with h = SHA-512(R, key, message) modulo q. R is compared as bytes, so it is
   canonical; it follows from 1 and the equation that it is in the group of order q.
4. R is not the identity.

`record/keys.py` adds 1 and 4 to OpenSSL, which does 2 and 3. The page has the same rule in protocol.js. Shared
vectors compare them all. What is *not* done here: signing.
"""

from __future__ import annotations

import hashlib

from ballot.protocol.errors import InvalidElement
from ballot.protocol.group import Element, Group, check_key


def is_ed25519_key(G: Group, key: bytes) -> bool:
    """Whether `key` is the canonical encoding of a point of prime order."""
    if len(key) != 32:
        return False
    try:
        check_key(G, Element(key))
    except InvalidElement:
        return False
    return True


def is_ed25519_signature(G: Group, key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is (R, s), made with the private key of `key` over exactly this message."""
    if len(signature) != 64 or not is_ed25519_key(G, key):
        return False
    R, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= G.q or G.one == R:
        return False
    h = int.from_bytes(hashlib.sha512(R + key + message).digest(), "little") % G.q
    return G.divide(G.base_power(s), G.power(Element(key), h)) == R
