"""An authenticator in a few lines: what a browser with a passkey would answer, right or spoiled."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ELIGIBLE, BACKED_UP = 0x08, 0x10
"""A passkey that devices can share, and one that they do share at the moment."""
ORIGIN = "https://vote.example.org"


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Authenticator:
    """One passkey; its count rises with each use, but if told otherwise."""

    id: bytes = b"a passkey of tests"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0
    handle: bytes = b""
    origin: str = ORIGIN
    flags: int = PRESENT | VERIFIED
    host: str | None = None

    def make(self, options: str) -> str:
        """The answer to being asked for a new passkey."""
        asked = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + encode_cbor(public)
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        statement = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": text_of(client), "attestationObject": text_of(statement)})

    def sign(self, options: str) -> str:
        """The answer to being asked to sign."""
        asked = json.loads(options)
        self.count += 1
        data, client = self._data(asked["rpId"]), self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature, "userHandle": self.handle}
        return self._answer({name: text_of(part) for name, part in parts.items() if part})

    def _data(self, host: str, more: int = 0) -> bytes:
        hashed = hashlib.sha256((self.host or host).encode()).digest()
        return hashed + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        id = text_of(self.id)
        return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response})
