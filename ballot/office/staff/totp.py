"""The codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds, which every app supports)."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode
from datetime import datetime

import pyotp

from ballot.office.staff.codes import strip_separators
from ballot.registrar.keyring import StorageKey

STEP = 30
_SIZE = 20
_ISSUER = "Member practice voting"
_APART = (0, -1, 1)
"""The clocks of telephone and server may differ by one step."""


def secret_for(storage: StorageKey, enrolment_hash: str) -> bytes:
    """The secret offered to the holder of an enrolment code. It is the same each time, and is not stored."""
    return hashlib.blake2b(enrolment_hash.encode(), key=storage.derive("totp"), digest_size=_SIZE).digest()


def typeable(secret: bytes) -> str:
    """The secret as a person types it into an app: 32 letters and digits."""
    return b32encode(secret).decode("ascii")


def otpauth_uri(secret: bytes, login: str) -> str:
    """The otpauth address that a QR code gives to an app."""
    return pyotp.TOTP(typeable(secret)).provisioning_uri(name=login, issuer_name=_ISSUER)


def step_of(secret: bytes, typed: str, now: datetime, last: int | None) -> int | None:
    """The time step of this code, if it is later than the last one used; else None."""
    code = strip_separators(typed)
    app = pyotp.TOTP(typeable(secret), interval=STEP)
    current = int(now.timestamp()) // STEP
    found = None
    for apart in _APART:
        right = hmac.compare_digest(app.at((current + apart) * STEP).encode(), code.encode())
        if right and (last is None or current + apart > last):
            found = current + apart
    return found
