"""The keys that `ballot keys init` makes, and how each is read again.

    <folder>/<role>.pub             the four roles' Ed25519 keys, PEM       published with every record
    <folder>/scrutineer.pub         the scrutineer's Ed25519 key, PEM; its private half is never here
    <folder>/vault.pub              the vault's X25519 key, hexadecimal     what private credentials are sealed to
    <folder>/private/<name>.key     mode 0600, under a passphrase where one is given; git-ignored
    <folder>/private/storage.key    encrypts the server's own decryption keys at rest
    <folder>/private/mail.key       keys the Message-IDs and return paths of e-mails (mail/envelope.py)

What is *not* done here: trustees' keys, which their owners make and keep themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey as VaultPrivateKey
from nacl.public import PublicKey as VaultPublicKey
from nacl.secret import SecretBox
from nacl.utils import random as random_bytes

from ballot.record.errors import InvalidRecord
from ballot.record.keys import PEOPLE, PublicKey, Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import read_private, write_private
from ballot.registrar.sealing import STRONG, Stretch, is_sealed, open_secret, seal_secret

VAULT, STORAGE, MAIL = "vault", "storage", "mail"
SCRUTINEER = "scrutineer"
NAMES = (*(role.value for role in Role), VAULT, STORAGE, MAIL)
_WITHOUT_PUBLIC = (STORAGE, MAIL)
_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class StorageKey:
    """Encrypts what the server keeps in its own files. Never shown."""

    raw: bytes

    def seal(self, data: bytes) -> bytes:
        return bytes(SecretBox(self.raw).encrypt(data))

    def derive(self, purpose: str) -> bytes:
        """Derive another key, of 32 bytes, for one purpose. It does not reveal this key."""
        return hashlib.blake2b(purpose.encode(), key=self.raw, digest_size=_BYTES, person=b"ballot-derive").digest()

    def open(self, data: bytes, what: str) -> bytes:
        """Open what `seal` made. Raises KeyRefused if another key sealed it, or if the file was altered."""
        try:
            return SecretBox(self.raw).decrypt(data)
        except (CryptoError, ValueError):
            raise KeyRefused(f"The storage key does not open {what}.") from None


def init_keys(
    folder: Path,
    passphrases: Mapping[str, str] | None = None,
    names: tuple[str, ...] = NAMES,
    stretch: Stretch = STRONG,
) -> None:
    """Make the named keys. Raises KeyRefused, and makes none, if one of them exists."""
    passphrases = passphrases or {}
    unknown = [name for name in (*names, *passphrases) if name not in NAMES]
    if unknown:
        raise KeyRefused(f"There is no key named {unknown[0]}; the keys are {', '.join(NAMES)}.")
    for name in names:
        for path in (private_path(folder, name), _public_path(folder, name)):
            if path.exists():
                raise KeyRefused(f"{path.name} is there already and is never overwritten.")
    for name in names:
        secret = random_bytes(_BYTES)
        write_private(private_path(folder, name), seal_secret(name, secret, passphrases.get(name), stretch))
        if name not in _WITHOUT_PUBLIC:
            _public_path(folder, name).write_bytes(_public_bytes(name, secret))


def keys_held(folder: Path) -> frozenset[Role]:
    """The people whose private keys are in this folder: of the registrar and both officers."""
    return frozenset(role for role in PEOPLE if private_path(folder, role.value).exists())


def has_passphrase(folder: Path, name: str) -> bool:
    """Whether a key is under a passphrase. Raises KeyRefused if there is no such key."""
    return is_sealed(read_private(private_path(folder, name)))


def set_passphrase(folder: Path, name: str, before: str | None, passphrase: str | None) -> None:
    """Put a key under another passphrase, or under none. The key itself stays. Raises KeyRefused."""
    secret = _open(folder, name, before)
    write_private(private_path(folder, name), seal_secret(name, secret, passphrase), replace=True)


def add_private_key(folder: Path, key: SigningKey, passphrase: str | None) -> None:
    """Put a person's key into this folder, where its public half is. Raises KeyRefused."""
    if key.public != read_public_key(folder, key.role):
        raise KeyRefused(f"{key.role.value}.pub is not the public half of this key.")
    raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    write_private(private_path(folder, key.role.value), seal_secret(key.role.value, raw, passphrase))


def open_signing_key(folder: Path, role: Role, passphrase: str | None = None) -> SigningKey:
    """Open the private key of a role. Raises KeyRefused."""
    key = SigningKey(role, Ed25519PrivateKey.from_private_bytes(_open(folder, role.value, passphrase)))
    if key.public != read_public_key(folder, role):
        raise KeyRefused(f"{role.value}.pub is not the public key of {role.value}.key.")
    return key


def open_copied_key(role: Role, data: bytes, passphrase: str) -> SigningKey:
    """The signing key of a role in a copy of the file that an installation keeps. Raises KeyRefused."""
    return SigningKey(role, Ed25519PrivateKey.from_private_bytes(_opened(role.value, data, passphrase)))


def read_public_key(folder: Path, role: Role) -> PublicKey:
    """Read the public key of a role. Raises KeyRefused."""
    path = _public_path(folder, role.value)
    try:
        return PublicKey.from_pem(path.read_bytes())
    except FileNotFoundError:
        raise KeyRefused(f"{path.name} is missing.") from None
    except InvalidRecord as fault:
        raise KeyRefused(f"{path.name} is not a public key: {fault.detail}.") from None


def add_public_key(folder: Path, role: Role, key: PublicKey) -> None:
    """Keep the public half of a key that its holder made elsewhere. Raises KeyRefused if the role has a key."""
    path = _public_path(folder, role.value)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(key.to_pem())
    except FileExistsError:
        raise KeyRefused(f"{path.name} is there already and is never overwritten.") from None


def add_scrutineer_key(folder: Path, key: PublicKey) -> None:
    """Keep the public half of the scrutineer's key, which is nowhere else here. Raises KeyRefused if there is one."""
    path = _public_path(folder, SCRUTINEER)
    if path.exists():
        raise KeyRefused(f"{path.name} is there already and is never overwritten.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(key.to_pem())


def read_scrutineer_key(folder: Path) -> PublicKey | None:
    """The scrutineer's public key; None if there is none. Raises KeyRefused for a file that is not a key."""
    path = _public_path(folder, SCRUTINEER)
    try:
        return PublicKey.from_pem(path.read_bytes())
    except FileNotFoundError:
        return None
    except InvalidRecord as fault:
        raise KeyRefused(f"{path.name} is not a public key: {fault.detail}.") from None


def read_public_keys(folder: Path) -> dict[Role, PublicKey]:
    """Read the public keys of all roles. Raises KeyRefused."""
    return {role: read_public_key(folder, role) for role in Role}


def open_vault_key(folder: Path, passphrase: str | None = None) -> VaultPrivateKey:
    """Open the vault's private key. Raises KeyRefused."""
    return VaultPrivateKey(_open(folder, VAULT, passphrase))


def read_vault_public_key(folder: Path) -> VaultPublicKey:
    """Read the vault's public key, to which credentials are sealed. Raises KeyRefused."""
    path = _public_path(folder, VAULT)
    try:
        return VaultPublicKey(bytes.fromhex(path.read_text("ascii").strip()))
    except FileNotFoundError:
        raise KeyRefused(f"{path.name} is missing.") from None
    except (ValueError, TypeError, CryptoError):
        raise KeyRefused(f"{path.name} is not a public key of 64 hexadecimal digits.") from None


def open_storage_key(folder: Path, passphrase: str | None = None) -> StorageKey:
    """Open the server's storage key. Raises KeyRefused."""
    return StorageKey(_open(folder, STORAGE, passphrase))


def open_mail_secret(folder: Path, passphrase: str | None = None) -> bytes:
    """Open the secret that makes the marks of e-mails. Raises KeyRefused."""
    return _open(folder, MAIL, passphrase)


def _open(folder: Path, name: str, passphrase: str | None) -> bytes:
    return _opened(name, read_private(private_path(folder, name)), passphrase)


def _opened(name: str, data: bytes, passphrase: str | None) -> bytes:
    secret = open_secret(name, data, passphrase)
    if len(secret) != _BYTES:
        raise KeyRefused(f"The file of the key {name} is damaged: it is not as it was written.")
    return secret


def private_path(folder: Path, name: str) -> Path:
    """Where the private key of this name is, if it is on this machine."""
    return folder / "private" / f"{name}.key"


def _public_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.pub"


def _public_bytes(name: str, secret: bytes) -> bytes:
    if name == VAULT:
        return bytes(VaultPrivateKey(secret).public_key).hex().encode() + b"\n"
    return SigningKey(Role(name), Ed25519PrivateKey.from_private_bytes(secret)).public.to_pem()
