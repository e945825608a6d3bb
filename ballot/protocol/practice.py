"""A practice decryption: a trustee shows, before anything real depends on it, that its saved key opens.

Not in the specification: our own, and in no archive. What is decrypted can never be a ballot or a total: its
randomness r follows from the ceremony's parameters by a hash, so anybody can see that alpha is g^r, and nobody can
choose it. Hence the factor is no secret either; what the proof shows is that its maker holds the private key.
What is *not* done here: keeping it, or deciding what waits for it (office/practice.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.canonical import check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.errors import InvalidDecryption, InvalidTrustee, Reason, part_of_trustee
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text, parse_element
from ballot.protocol.hashing import sha256_hex, sha256_integer
from ballot.protocol.proofs import Proof, commitment, hash_commitments
from ballot.protocol.trustees import ThresholdParameters


@dataclass(frozen=True, slots=True)
class Practice:
    """What trustee `number`, from 1 over the trustees of the ceremony, answers."""

    number: int
    factor: Element
    proof: Proof

    def to_bytes(self) -> bytes:
        value = {"practice": self.number, "factor": element_text(self.factor), "proof": self.proof.to_json()}
        return write_json(value)


def parse_practice(G: Group, data: bytes) -> Practice:
    """The practice decryption written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("practice", "factor", "proof"))
    number = integer(value["practice"], 1)
    practice = Practice(number, parse_element(value["factor"]), Proof.from_json(G, value["proof"]))
    check_canonical(data, value, "the practice decryption")
    return practice


def practice_alpha(G: Group, parameters: ThresholdParameters) -> Element:
    """alpha = g^r, where r is the hash of what the ceremony published."""
    return G.base_power(sha256_integer(f"practice|{sha256_hex(write_json(parameters.to_json()))}") % G.q)


def create_practice(G: Group, parameters: ThresholdParameters, x: int, rng: Rng) -> Practice:
    """Decrypt the practice ciphertext with the private key x; raises InvalidTrustee if it is not of this ceremony.

    Raises: NotForSecrets.
    """
    check_keeps_secrets(G)
    X = G.base_power(x)
    keys = [key.public_key for key in parameters.verification_keys]
    if X not in keys:
        raise InvalidTrustee(Reason.VERIFICATION_KEY, "the key is not one of this ceremony")
    alpha, w = practice_alpha(G, parameters), rng(G.q)
    challenge = hash_commitments(G, _prefix(alpha, X), [G.base_power(w), G.power(alpha, w)])
    return Practice(keys.index(X) + 1, G.power(alpha, x), Proof(challenge, (w - x * challenge) % G.q))


def check_practice(G: Group, parameters: ThresholdParameters, practice: Practice) -> None:
    """Raise InvalidMessage, with the trustee's number, unless its maker holds that trustee's private key."""
    if not 1 <= practice.number <= len(parameters.verification_keys):
        raise InvalidTrustee(Reason.NUMBER_RANGE, f"there is no trustee {practice.number} in this ceremony")
    with part_of_trustee(practice.number):
        alpha, X = practice_alpha(G, parameters), parameters.verification_keys[practice.number - 1].public_key
        proof, F = practice.proof, practice.factor
        commitments = [commitment(G, G.g, proof, X), commitment(G, alpha, proof, F)]
        if hash_commitments(G, _prefix(alpha, X), commitments) != proof.challenge:
            raise InvalidDecryption(Reason.DECRYPTION_PROOF, "the practice decryption is not proved")


def _prefix(alpha: Element, X: Element) -> str:
    return f"practice|{element_text(alpha)}|{element_text(X)}|"
