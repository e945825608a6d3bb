"""ElGamal ciphertexts with the message in the exponent.

Spec: Messages, Common structures; Homomorphic answers (encryption); Encrypted tally (product of ciphertexts).
What is *not* done here: proofs about what a ciphertext holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ballot.protocol.canonical import Json, fields
from ballot.protocol.group import Element, Group, element_text, parse_element


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """alpha = g^r and beta = y^r g^m."""

    alpha: Element
    beta: Element

    def to_json(self) -> Json:
        return {"alpha": element_text(self.alpha), "beta": element_text(self.beta)}

    @classmethod
    def from_json(cls, value: Json) -> Ciphertext:
        value = fields(value, ("alpha", "beta"))
        return cls(parse_element(value["alpha"]), parse_element(value["beta"]))


def encrypt(G: Group, y: Element, r: int, m: int) -> Ciphertext:
    """(g^r, y^r g^m) for the election public key y, randomness r and a small message m."""
    beta = G.power(y, r)
    return Ciphertext(G.base_power(r), G.multiply(beta, G.base_power(m)) if m else beta)


def neutral(G: Group) -> Ciphertext:
    """The encryption of 0 with randomness 0: both parts are the identity."""
    return Ciphertext(G.one, G.one)


def combine(G: Group, ciphertexts: Iterable[Ciphertext]) -> Ciphertext:
    """The pointwise product, which encrypts the sum; the neutral ciphertext if there are none."""
    both = list(ciphertexts)
    return Ciphertext(G.product([c.alpha for c in both]), G.product([c.beta for c in both]))


def raise_to(G: Group, c: Ciphertext, weight: int) -> Ciphertext:
    """The pointwise power: a ballot counted `weight` times."""
    if weight == 1:
        return c
    return Ciphertext(G.power(c.alpha, weight), G.power(c.beta, weight))


def check_ciphertext(G: Group, c: Ciphertext) -> None:
    """Raise InvalidElement unless both parts are in the group."""
    G.check(c.alpha)
    G.check(c.beta)
