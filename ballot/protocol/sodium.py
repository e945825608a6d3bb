"""libsodium through PyNaCl, and the check that refuses an unsound version.

CVE-2025-69277: before PyNaCl 1.6.2 (libsodium before December 2025) points outside the prime-order subgroup passed
as valid, so a false proof could pass. Both the version and the behaviour on one such point are checked: a build
that reports a good version but accepts the point is refused too.
"""

from __future__ import annotations

from importlib.metadata import version

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

FLOOR = (1, 6, 2)

MIXED_ORDER_POINT = bytes.fromhex("9599999999999999999999999999999999999999999999999999999999999999")
"""The generator plus the point of order 2: on the curve, not in the subgroup."""


def check_sound(found: str, is_valid: bool) -> None:
    """Raise ImportError if this libsodium accepts points outside the subgroup. `is_valid` is its answer for one."""
    numbers = tuple(int(part) for part in found.split(".")[:3] if part.isdigit())
    if numbers < FLOOR or is_valid:
        raise ImportError(
            f"PyNaCl {'.'.join(map(str, FLOOR))} or newer is needed, found {found}: older ones accept points outside "
            "the prime-order subgroup (CVE-2025-69277), so no proof could be believed"
        )


def base(s: int) -> bytes:
    """g^s, 0 < s < q."""
    return crypto_scalarmult_ed25519_base_noclamp(s.to_bytes(32, "little"))


def scalarmult(s: int, P: bytes) -> bytes:
    """P^s, 0 < s < q; RuntimeError unless P is canonical, in the subgroup and not the identity."""
    return crypto_scalarmult_ed25519_noclamp(s.to_bytes(32, "little"), P)


def add(P: bytes, Q: bytes) -> bytes:
    """P times Q, in the specification's notation."""
    return crypto_core_ed25519_add(P, Q)


def subtract(P: bytes, Q: bytes) -> bytes:
    """P divided by Q, in the specification's notation."""
    return crypto_core_ed25519_sub(P, Q)


def is_valid(P: bytes) -> bool:
    """Whether P is canonical, in the prime-order subgroup and not the identity."""
    return crypto_core_ed25519_is_valid_point(P)


VERSION = version("pynacl")
check_sound(VERSION, is_valid(MIXED_ORDER_POINT))
