"""Trustees: those who can decrypt, alone (`Single`) or t of n together (`Pedersen`).

Spec: Messages, Verification keys; Threshold parameters; Trustees.
What is *not* done here: the conversation in which trustees make a Pedersen key (ceremony.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import InvalidMessage, InvalidTrustee, Reason, part_of_trustee
from ballot.protocol.group import (
    Element,
    Group,
    Rng,
    check_keeps_secrets,
    check_key,
    element_text,
    parse_element,
    product,
)
from ballot.protocol.pki import Certificate, check_certificate, parse_coefexps
from ballot.protocol.proofs import Proof, is_knowledge, proofs_from_json, prove_knowledge
from ballot.protocol.signatures import SignedMessage, is_message_signed

MAX_TRUSTEES = 100


@dataclass(frozen=True, slots=True)
class TrusteePublicKey:
    """A public key with a proof of knowledge of its private key; signed by its owner in threshold mode."""

    pok: Proof
    public_key: Element
    signature: Proof | None = None
    name: str | None = None
    """Not in the specification's text; the 3.3.0 server writes it."""

    def to_json(self) -> Json:
        value = {"pok": self.pok.to_json(), "public_key": element_text(self.public_key)}
        if self.signature is not None:
            value["signature"] = self.signature.to_json()
        if self.name is not None:
            value["name"] = self.name
        return value

    @classmethod
    def from_json(cls, G: Group, value: Json) -> TrusteePublicKey:
        names = ("pok", "public_key", "signature", "name")
        value = fields(value, names, optional=("signature", "name"))
        return cls(
            Proof.from_json(G, value["pok"]),
            parse_element(value["public_key"]),
            Proof.from_json(G, value["signature"]) if "signature" in value else None,
            text(value["name"]) if "name" in value else None,
        )


def create_trustee_public_key(G: Group, x: int, rng: Rng) -> TrusteePublicKey:
    """The public key g^x of the private key x, with its proof of knowledge."""
    check_keeps_secrets(G)
    X = G.base_power(x)
    return TrusteePublicKey(prove_knowledge(G, _pok_prefix(G, X), x, rng), X)


def check_trustee_public_key(G: Group, key: TrusteePublicKey) -> None:
    """Raise InvalidTrustee or InvalidElement unless the owner proved knowledge of the private key."""
    check_key(G, key.public_key)
    if not is_knowledge(G, _pok_prefix(G, key.public_key), key.public_key, key.pok):
        raise InvalidTrustee(Reason.TRUSTEE_PROOF, f"no proof of knowledge for {element_text(key.public_key)}")


def _pok_prefix(G: Group, X: Element) -> str:
    return f"pok|{G.name}|{element_text(X)}|"


@dataclass(frozen=True, slots=True)
class ThresholdParameters:
    """What a Pedersen ceremony publishes: `threshold` of the holders of `verification_keys` can decrypt."""

    threshold: int
    certs: tuple[SignedMessage, ...]
    coefexps: tuple[SignedMessage, ...]
    signatures: tuple[Proof, ...]
    verification_keys: tuple[TrusteePublicKey, ...]

    def to_json(self) -> Json:
        return {
            "threshold": self.threshold,
            "certs": [cert.to_json() for cert in self.certs],
            "coefexps": [signed.to_json() for signed in self.coefexps],
            "signatures": [proof.to_json() for proof in self.signatures],
            "verification_keys": [key.to_json() for key in self.verification_keys],
        }

    @classmethod
    def from_json(cls, G: Group, value: Json) -> ThresholdParameters:
        value = fields(value, ("threshold", "certs", "coefexps", "signatures", "verification_keys"))
        certs = tuple(SignedMessage.from_json(G, cert) for cert in array(value["certs"]))
        n = len(certs)
        if not 1 <= n <= MAX_TRUSTEES:
            raise InvalidTrustee(Reason.WRONG_SHAPE, f"expected from 1 to {MAX_TRUSTEES} certificates, found {n}")
        return cls(
            integer(value["threshold"], 1, n),
            certs,
            tuple(SignedMessage.from_json(G, signed) for signed in array(value["coefexps"], n)),
            proofs_from_json(G, array(value["signatures"], n)),
            tuple(TrusteePublicKey.from_json(G, key) for key in array(value["verification_keys"], n)),
        )


def check_threshold_parameters(G: Group, parameters: ThresholdParameters) -> None:
    """Raise InvalidTrustee with the trustee's number unless the ceremony's outcome is consistent.

    Spec: Certificates; Polynomials; Voutputs; Threshold parameters.
    (1) each certificate is valid for its place, (2) its owner signed the coefexps and (3) the coefexps together with
    all certificates, (4) each verification key follows from all coefexps, has its proof, and is signed by its owner.
    """
    n, t = len(parameters.certs), parameters.threshold
    certificates = [
        check_certificate(G, cert, size=n, threshold=t, index=i) for i, cert in enumerate(parameters.certs, start=1)
    ]
    coefexps = [
        check_coefexps(G, cert, signed, signature, parameters.certs, t)
        for cert, signed, signature in zip(certificates, parameters.coefexps, parameters.signatures, strict=True)
    ]
    expected = verification_keys(G, coefexps)
    for j, (cert, key, X) in enumerate(zip(certificates, parameters.verification_keys, expected, strict=True), start=1):
        check_verification_key(G, cert, key, X, j)


def check_coefexps(
    G: Group,
    certificate: Certificate,
    signed: SignedMessage,
    signature: Proof,
    certs: Sequence[SignedMessage],
    threshold: int,
) -> tuple[Element, ...]:
    """The exponentiated coefficients; raises InvalidTrustee unless their author signed them, and signed all certs."""
    with part_of_trustee(certificate.index):
        if not is_message_signed(G, certificate.verification, signed.message, signed.signature):
            raise InvalidTrustee(Reason.COEFEXPS, "did not sign these coefexps")
        coefexps = parse_coefexps(G, signed.message)
        if len(coefexps) != threshold:
            raise InvalidTrustee(Reason.COEFEXPS, f"expected {threshold} coefexps, found {len(coefexps)}")
        if not is_message_signed(G, certificate.verification, certs_message(certs, coefexps), signature):
            raise InvalidTrustee(Reason.COEFEXPS, "did not sign these certificates")
        return coefexps


def certs_message(certs: Sequence[SignedMessage], coefexps: Sequence[Element]) -> str:
    """The string that a trustee's `signature` signs: it binds its coefexps to all certificates."""
    value = {"certs": [cert.to_json() for cert in certs], "coefexps": [element_text(A) for A in coefexps]}
    return "certs_sig|" + write_json(value).decode("utf-8")


def check_verification_key(G: Group, certificate: Certificate, key: TrusteePublicKey, X: Element, j: int) -> None:
    """Raise InvalidTrustee unless `key` is X, with a valid proof, signed by the owner of the certificate."""
    with part_of_trustee(j):
        if key.public_key != X:
            raise InvalidTrustee(Reason.VERIFICATION_KEY, "the verification key does not follow from the coefexps")
        check_trustee_public_key(G, key)
        signed = key.signature is not None and is_message_signed(
            G, certificate.verification, element_text(X), key.signature
        )
        if not signed:
            raise InvalidTrustee(Reason.VERIFICATION_KEY, "did not sign the verification key")


def evaluate_coefexps(G: Group, coefexps: Sequence[Element], j: int) -> Element:
    """The product of A_k^(j^k): g^f(j) for the polynomial f behind the coefexps."""
    return product(G, (G.power(A, pow(j, k, G.q)) for k, A in enumerate(coefexps)))


def verification_keys(G: Group, coefexps: Sequence[Sequence[Element]]) -> list[Element]:
    """The public key of each trustee j = 1..n: the product over all trustees i of g^f_i(j).

    Computed as g^f(j) for the sum f of all polynomials: n t powers instead of n n t.
    """
    total = [product(G, column) for column in zip(*coefexps, strict=True)]
    return [evaluate_coefexps(G, total, j) for j in range(1, len(coefexps) + 1)]


Trustee = TrusteePublicKey | ThresholdParameters
"""One item of the trustees structure: `Single` or `Pedersen`."""


def trustees_to_bytes(trustees: Sequence[Trustee]) -> bytes:
    """The canonical bytes of the trustees structure."""
    kinds = {TrusteePublicKey: "Single", ThresholdParameters: "Pedersen"}
    return write_json([[kinds[type(item)], item.to_json()] for item in trustees])


def parse_trustees(G: Group, data: bytes) -> tuple[Trustee, ...]:
    """The trustees structure written as `data`; raises InvalidMessage unless it is canonical."""
    value = parse_json(data)
    items: list[Trustee] = []
    for entry in array(value):
        kind, item = array(entry, 2)
        if kind == "Single":
            items.append(TrusteePublicKey.from_json(G, item))
        elif kind == "Pedersen":
            items.append(ThresholdParameters.from_json(G, item))
        else:
            raise InvalidMessage(Reason.WRONG_FIELDS, "expected Single or Pedersen")
    if not 1 <= len(items) <= MAX_TRUSTEES:
        raise InvalidTrustee(Reason.WRONG_SHAPE, f"expected from 1 to {MAX_TRUSTEES} trustees, found {len(items)}")
    check_canonical(data, value, "the trustees")
    return tuple(items)


def check_trustee(G: Group, item: Trustee) -> None:
    """Raise InvalidTrustee or InvalidElement unless the item's keys and proofs are valid."""
    if isinstance(item, TrusteePublicKey):
        check_trustee_public_key(G, item)
    else:
        check_threshold_parameters(G, item)


def combine_keys(G: Group, trustees: Sequence[Trustee]) -> Element:
    """The election public key y: the product of the sub-keys of all items. The items must have been checked."""
    return product(G, (sub_key(G, item) for item in trustees))


def sub_key(G: Group, item: Trustee) -> Element:
    """The key that one item contributes: its own, or the product of the first coefexps A_z0."""
    if isinstance(item, TrusteePublicKey):
        return item.public_key
    return product(G, (parse_coefexps(G, signed.message)[0] for signed in item.coefexps))


def public_keys(trustees: Sequence[Trustee]) -> list[Element]:
    """Every key that a partial decryption can come from; entry i belongs to owner i + 1."""
    keys: list[Element] = []
    for item in trustees:
        if isinstance(item, TrusteePublicKey):
            keys.append(item.public_key)
        else:
            keys += [key.public_key for key in item.verification_keys]
    return keys
