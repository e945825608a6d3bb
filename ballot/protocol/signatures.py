"""Schnorr signatures of ballots by their credential, and of messages between trustees.

Spec: Messages, Signatures; Public key infrastructure, Signing. `is_...` answers whether the equation holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.canonical import Json, fields, text
from ballot.protocol.credentials import PrivateKey
from ballot.protocol.group import Element, Group, Rng
from ballot.protocol.proofs import Proof, is_knowledge, prove_knowledge


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature in a ballot: the hash of the ballot without it, and a proof of knowledge of the credential."""

    hash: str
    proof: Proof

    def to_json(self) -> Json:
        return {"hash": self.hash, "proof": self.proof.to_json()}

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Signature:
        value = fields(value, ("hash", "proof"))
        return cls(text(value["hash"]), Proof.from_json(G, value["proof"]))


def sign_hash(G: Group, s: PrivateKey, hash: str, rng: Rng) -> Signature:
    """Sign the Base64 hash of a ballot without its signature, with the private key of its credential."""
    return Signature(hash, prove_knowledge(G, f"sig|{hash}|", s, rng))


def is_signed(G: Group, credential: Element, signature: Signature) -> bool:
    """Whether the holder of `credential` signed the hash in `signature`."""
    return is_knowledge(G, f"sig|{signature.hash}|", credential, signature.proof)


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A signed message between trustees: certificates, coefexps, and the content of channel messages."""

    message: str
    signature: Proof

    def to_json(self) -> Json:
        return {"message": self.message, "signature": self.signature.to_json()}

    @classmethod
    def from_json(cls, G: Group, value: Json) -> SignedMessage:
        value = fields(value, ("message", "signature"))
        return cls(text(value["message"]), Proof.from_json(G, value["signature"]))


def sign_message(G: Group, sk: int, message: str, rng: Rng) -> SignedMessage:
    """Sign `message` with a trustee's signing key."""
    return SignedMessage(message, prove_knowledge(G, f"sigmsg|{message}|", sk, rng))


def is_message_signed(G: Group, vk: Element, message: str, signature: Proof) -> bool:
    """Whether the trustee with verification key `vk` signed `message`."""
    return is_knowledge(G, f"sigmsg|{message}|", vk, signature)
