"""Signing keys of people and of the board: Ed25519; every signature covers the purpose of what it signs.

Roles: `board` signs receipts, checkpoints, the manifest and events that need no officer; `registrar` signs tokens;
`returning-officer` and `deputy` sign what needs two people. What is *not* done here: storing private keys (registrar).

OpenSSL checks a signature where `cryptography` is installed, otherwise our own code does. Both follow the rule of
`protocol/eddsa.py` for any key and any signature. OpenSSL takes every key that is a point, and an R that is the
identity, so both are checked first. Shared vectors compare the two with the page's script.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

from ballot.protocol.backends import choose
from ballot.protocol.canonical import Json, fields, text
from ballot.protocol.eddsa import is_ed25519_key, is_ed25519_signature
from ballot.protocol.errors import Reason
from ballot.protocol.group import Ed25519, Element, Group, check_key
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.record.errors import InvalidRecord

IsSignature = Callable[[bytes, bytes, bytes], bool]
"""Whether a key's signature over a message is valid: takes key, signature, message."""


@lru_cache(maxsize=1024)
def _is_key(key: bytes) -> bool:
    return is_ed25519_key(choose(), key)


def with_openssl() -> IsSignature:
    """OpenSSL's check after this project's check of the key; raises ImportError if the library is not installed."""
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
    """This project's own check, with the arithmetic of that group."""
    return lambda key, signature, message: is_ed25519_signature(group, key, signature, message)


def find_verifier() -> tuple[str, IsSignature]:
    """The check that this machine uses: its name in words, and the function."""
    try:
        return "cryptography (OpenSSL)", with_openssl()
    except ImportError:
        group = choose()
        return group.backend, with_group(group)


if TYPE_CHECKING:  # only signing needs the library; checking a signature does not
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PEM_BEGIN, PEM_END = b"-----BEGIN PUBLIC KEY-----", b"-----END PUBLIC KEY-----"
SPKI = bytes.fromhex("302a300506032b6570032100")
"""The bytes of RFC 8410 before the 32 bytes of an Ed25519 public key."""


class Role(Enum):
    """Whose key it is."""

    BOARD = "board"
    REGISTRAR = "registrar"
    RETURNING_OFFICER = "returning-officer"
    DEPUTY = "deputy"


PEOPLE = (Role.REGISTRAR, Role.RETURNING_OFFICER, Role.DEPUTY)
"""The roles of people. The board's key is the server's own; theirs may be with them alone."""
ROLE_WORDS = {
    Role.BOARD: "board",
    Role.REGISTRAR: "registrar",
    Role.RETURNING_OFFICER: "returning officer",
    Role.DEPUTY: "deputy returning officer",
}
"""What each role is called in sentences, without an article."""


class Purpose(Enum):
    """What a signature is for; part of what is signed."""

    TOKEN = "token"  # noqa: S105  (a word, not a secret)
    RECEIPT = "receipt"
    PROPOSAL = "proposal"
    APPROVAL = "approval"
    EVENT = "event"
    MANIFEST = "manifest"
    DECLARATION = "declaration"
    ASSETS = "assets"
    SCRUTINY = "scrutiny"


@cache
def _group() -> Group:
    return choose()


@cache
def _verifier() -> tuple[str, IsSignature]:
    return find_verifier()


def verified_by() -> str:
    """The name of what checks the signatures of people and of the board on this machine."""
    return _verifier()[0]


def signed_bytes(purpose: Purpose, message: bytes) -> bytes:
    """What is signed: a line naming the purpose, then the message."""
    return f"ballot {purpose.value} v1\n".encode() + message


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A 32-byte Ed25519 public key. A key from outside is checked to be of prime order: under a key of small order one
    signature is valid for many messages, so it proves nothing."""

    raw: bytes

    @property
    def fingerprint(self) -> Hash:
        """SHA-256 of the 32 bytes."""
        return sha256_hex(self.raw)

    def to_pem(self) -> bytes:
        """The key as published: SubjectPublicKeyInfo in PEM, which any tool reads."""
        return b"\n".join([PEM_BEGIN, base64.b64encode(SPKI + self.raw), PEM_END, b""])

    @classmethod
    def from_pem(cls, data: bytes) -> PublicKey:
        """The key in `data`; raises InvalidRecord for anything but the PEM that `to_pem` writes."""
        try:
            inside = base64.b64decode(data.removeprefix(PEM_BEGIN).partition(PEM_END)[0], validate=False)
        except binascii.Error:
            inside = b""
        if len(inside) != len(SPKI) + 32 or not inside.startswith(SPKI):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected an Ed25519 public key in PEM")
        found = cls(inside[len(SPKI) :])
        if found.to_pem() != data:
            raise InvalidRecord(Reason.NOT_CANONICAL, "the PEM of a public key is not written in its one form")
        check_key(_group(), Element(found.raw))
        return found

    @classmethod
    def from_hex(cls, value: Json) -> PublicKey:
        """The key written as 64 hexadecimal digits."""
        if not is_hash(value):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected a public key of 64 hexadecimal digits")
        raw = bytes.fromhex(value)
        check_key(_group(), Element(raw))
        return cls(raw)

    def is_signature(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is this key's over exactly these bytes."""
        return _verifier()[1](self.raw, signature, message)


@dataclass(frozen=True)
class SigningKey:
    """The private key of a role; never shown."""

    role: Role
    private: Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"SigningKey({self.role.value})"

    @cached_property
    def public(self) -> PublicKey:
        """Its public key, derived only once because the board signs twice for every vote."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """64 bytes over the purpose and the message."""
        return self.private.sign(signed_bytes(purpose, message))


@dataclass(frozen=True, slots=True)
class RoleSignature:
    """A signature as written in an event or the manifest."""

    role: Role
    key: Hash
    signature: bytes

    def to_json(self) -> Json:
        return {"role": self.role.value, "key": self.key, "signature": base64_text(self.signature)}

    @classmethod
    def from_json(cls, value: Json) -> RoleSignature:
        value = fields(value, ("role", "key", "signature"))
        if not is_hash(value["key"]):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected the fingerprint of a key")
        return cls(parse_role(value["role"]), value["key"], parse_base64(value["signature"], 64))


def sign_as(key: SigningKey, purpose: Purpose, message: bytes) -> RoleSignature:
    """Sign a message for a purpose in the role of the key."""
    return RoleSignature(key.role, key.public.fingerprint, key.sign(purpose, message))


def check_role_signature(
    keys: dict[Role, PublicKey], signature: RoleSignature, purpose: Purpose, message: bytes
) -> None:
    """Raise InvalidRecord unless the key of the signature's role made it."""
    key = keys.get(signature.role)
    if key is None or key.fingerprint != signature.key:
        raise InvalidRecord(Reason.PUBLIC_KEY, f"signed as {signature.role.value} with a key that is not its own")
    if not key.is_signature(signature.signature, signed_bytes(purpose, message)):
        raise InvalidRecord(Reason.SIGNATURE, f"the signature as {signature.role.value} does not hold")


def parse_role(value: Json) -> Role:
    """The role named by `value`; raises InvalidRecord if there is none."""
    try:
        return Role(text(value))
    except ValueError:
        raise InvalidRecord(Reason.WRONG_TYPE, "expected a role") from None


def base64_text(data: bytes) -> str:
    """Bytes in standard Base64, padded."""
    return base64.b64encode(data).decode("ascii")


def parse_base64(value: Json, length: int) -> bytes:
    """The `length` bytes written as `value` in canonical Base64; raises InvalidRecord for another form."""
    written = text(value)
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != length or base64_text(data) != written:
        raise InvalidRecord(Reason.WRONG_TYPE, f"expected {length} bytes in Base64")
    return data
