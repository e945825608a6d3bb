"""Secrets on disk: plain, or in a SecretBox under a key stretched from a passphrase (argon2id).

    ballot-secret v1 <name> plain
    <Base64>

    ballot-secret v1 <name> argon2id <operations> <memory in bytes> <salt>
    <Base64 of the SecretBox>

A backup opens only to the two officers together: it is sealed to one, and that to the other. Their Ed25519 signing
keys are converted to Curve25519, so no one needs another key. What is *not* done here: files and their modes
(files.py).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.signing import SigningKey as NaclSigningKey
from nacl.signing import VerifyKey
from nacl.utils import random as random_bytes

from ballot.record.keys import PublicKey, SigningKey
from ballot.registrar.errors import KeyRefused

MAGIC = "ballot-secret v1"


@dataclass(frozen=True, slots=True)
class Stretch:
    """The cost of guessing a passphrase: operations, and bytes of memory."""

    operations: int
    memory: int


STRONG = Stretch(argon2id.OPSLIMIT_MODERATE, argon2id.MEMLIMIT_MODERATE)
_LIMIT = Stretch(16, 2**31)
"""A file with higher values is refused."""


def seal_secret(name: str, secret: bytes, passphrase: str | None, stretch: Stretch = STRONG) -> bytes:
    """The content of the file that keeps `secret`. Without a passphrase, only the file's mode protects it."""
    if not passphrase:
        return f"{MAGIC} {name} plain\n{_text(secret)}\n".encode()
    salt = random_bytes(argon2id.SALTBYTES)
    sealed = SecretBox(_stretched(passphrase, salt, stretch)).encrypt(secret)
    head = f"{MAGIC} {name} argon2id {stretch.operations} {stretch.memory} {_text(salt)}"
    return f"{head}\n{_text(bytes(sealed))}\n".encode()


def is_sealed(data: bytes) -> bool:
    """Whether this file needs a passphrase, by its first line."""
    return b" argon2id " in data.partition(b"\n")[0]


def open_secret(name: str, data: bytes, passphrase: str | None) -> bytes:
    """The secret that `seal_secret` sealed under this name. Raises KeyRefused with one sentence for anything else."""
    try:
        head, body, end = data.decode("ascii").split("\n")
        words = head.removeprefix(f"{MAGIC} ").split(" ")
        sealed = base64.b64decode(body, validate=True)
        if not head.startswith(f"{MAGIC} ") or end or len(words) not in (2, 5):
            raise ValueError
    except (UnicodeDecodeError, binascii.Error, ValueError):
        raise KeyRefused(f"The file of the key {name} is damaged: it is not as it was written.") from None
    if words[0] != name:
        raise KeyRefused(f"The file of the key {name} holds another key.")
    if words[1:] == ["plain"]:
        return sealed
    if not passphrase:
        raise KeyRefused(f"The key {name} is kept under a passphrase, and none was given.")
    try:
        return SecretBox(_stretched(passphrase, *_parameters(words))).decrypt(sealed)
    except CryptoError:
        raise KeyRefused(f"The passphrase does not open the key {name}.") from None


def _parameters(words: list[str]) -> tuple[bytes, Stretch]:
    try:
        stretch = Stretch(int(words[2]), int(words[3]))
        salt = base64.b64decode(words[4], validate=True)
        known = words[1] == "argon2id" and len(salt) == argon2id.SALTBYTES
        if not known or stretch.operations > _LIMIT.operations or stretch.memory > _LIMIT.memory:
            raise ValueError
    except (binascii.Error, ValueError, IndexError):
        raise KeyRefused(f"The file of the key {words[0]} is damaged: its parameters cannot be read.") from None
    return salt, stretch


def _stretched(passphrase: str, salt: bytes, stretch: Stretch) -> bytes:
    try:
        return argon2id.kdf(SecretBox.KEY_SIZE, passphrase.encode(), salt, stretch.operations, stretch.memory)
    except CryptoError:
        raise
    except Exception:  # libsodium does not say whether parameters were too small or memory too short
        raise KeyRefused("The passphrase could not be stretched: this machine lacks the memory for it.") from None


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def seal_to_both(data: bytes, officer: PublicKey, deputy: PublicKey) -> bytes:
    """Seal `data` in two layers, the deputy's outside."""
    for key in (officer, deputy):
        data = SealedBox(VerifyKey(key.raw).to_curve25519_public_key()).encrypt(data)
    return data


def open_by_both(data: bytes, officer: SigningKey, deputy: SigningKey) -> bytes:
    """Open what `seal_to_both` sealed. Raises KeyRefused, naming the role whose key does not open its layer."""
    for key in (deputy, officer):
        raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        try:
            data = SealedBox(NaclSigningKey(raw).to_curve25519_private_key()).decrypt(data)
        except (CryptoError, ValueError):
            raise KeyRefused(f"The backup does not open with the key of the {key.role.value}.") from None
    return data
