"""A backup that opens only to two officers together: sealed to one, and that sealed to the other.

Their Ed25519 signing keys are converted to Curve25519 for it, so that nobody needs a further key.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.signing import SigningKey as NaclSigningKey
from nacl.signing import VerifyKey

from ballot.record.keys import PublicKey, SigningKey
from ballot.registrar.errors import KeyRefused


def seal_to_both(data: bytes, officer: PublicKey, deputy: PublicKey) -> bytes:
    """`data` under two layers, the deputy's outside."""
    for key in (officer, deputy):
        data = SealedBox(VerifyKey(key.raw).to_curve25519_public_key()).encrypt(data)
    return data


def open_by_both(data: bytes, officer: SigningKey, deputy: SigningKey) -> bytes:
    """What `seal_to_both` sealed; raises KeyRefused, naming the role whose key does not open its layer."""
    for key in (deputy, officer):
        raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        try:
            data = SealedBox(NaclSigningKey(raw).to_curve25519_private_key()).decrypt(data)
        except (CryptoError, ValueError):
            raise KeyRefused(f"The backup does not open with the key of the {key.role.value}.") from None
    return data
