"""An officer's or the scrutineer's key file, which pages open in its owner's browser: the key never leaves it.

It has the form of a trustee's key file (trustee_key.py) with the format `ballot-officer-key-1`. The secret is the role,
a blank, and the 32 bytes of the Ed25519 key in hexadecimal. What is *not* done here: reading or writing the file.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ballot.record.keys import PEOPLE, Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import SCRUTINEER
from ballot.registrar.trustee_key import Draw, open_key_file, seal_key_file

FORMAT = "ballot-officer-key-1"
_WHOSE = "officer"
_DIGITS = 64


def seal_officer_key(key: SigningKey, passphrase: str, draw: Draw) -> bytes:
    """The content of the key file. Raises KeyRefused if the passphrase is too short."""
    raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return seal_key_file(FORMAT, _WHOSE, f"{key.role.value} {raw.hex()}", passphrase, draw)


def open_officer_key(data: bytes, passphrase: str) -> SigningKey:
    """The key in a file. Raises KeyRefused."""
    role, _, digits = open_key_file(FORMAT, _WHOSE, data, passphrase).partition(" ")
    try:
        found = Role(role)
        if found not in PEOPLE or len(digits) != _DIGITS:
            raise ValueError
        return SigningKey(found, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits)))
    except ValueError:
        raise KeyRefused("The officer's key file is damaged: it does not hold a signing key.") from None


def seal_scrutineer_key(key: Ed25519PrivateKey, passphrase: str, draw: Draw) -> bytes:
    """The content of the scrutineer's key file. Raises KeyRefused if the passphrase is too short."""
    raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return seal_key_file(FORMAT, _WHOSE, f"{SCRUTINEER} {raw.hex()}", passphrase, draw)


def open_scrutineer_key(data: bytes, passphrase: str) -> Ed25519PrivateKey:
    """The scrutineer's key in a file. Raises KeyRefused, also for an officer's file."""
    role, _, digits = open_key_file(FORMAT, _WHOSE, data, passphrase).partition(" ")
    try:
        if role != SCRUTINEER or len(digits) != _DIGITS:
            raise ValueError
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(digits))
    except ValueError:
        raise KeyRefused("This is not the scrutineer's key file.") from None
