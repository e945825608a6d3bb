"""The Pedersen ceremony: n trustees make one key together, and any t of them can decrypt.

Spec: Filling in the trustees structure, "Pedersen" protocol; Polynomials; Vinputs; Voutputs; Threshold parameters.

    step 1  each trustee        create_certificate (pki.py)       -> cert
    step 2  the server          check_certificates
    step 3  each trustee        create_polynomial                 -> polynomial;   the server: check_polynomial
    step 4  the server          create_vinputs                    -> vinput for each
    step 5  each trustee        create_voutput                    -> voutput;      the server: check_voutput
    step 6  the server          create_threshold_parameters       -> published; voutput.private_key goes back
    later   each trustee        open_decryption_key

Messages between trustees are sealed and signed, so any server can carry them. The polynomial's degree is t - 1.
What is *not* done here: storing a seed or a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, fields, parse_json, text, write_json
from ballot.protocol.errors import InvalidTrustee, Reason, part_of_trustee
from ballot.protocol.group import Group, Rng, element_text, parse_scalar
from ballot.protocol.pki import (
    Certificate,
    check_certificate,
    derive_decryption_key,
    derive_signing_key,
    parse_certificate,
    receive,
    send,
)
from ballot.protocol.proofs import Proof, proofs_from_json
from ballot.protocol.signatures import SignedMessage, sign_message
from ballot.protocol.trustees import (
    ThresholdParameters,
    TrusteePublicKey,
    certs_message,
    check_coefexps,
    check_verification_key,
    create_trustee_public_key,
    evaluate_coefexps,
    verification_keys,
)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """Step 3: a trustee's polynomial sealed to itself, its values sealed to each, its coefexps signed."""

    polynomial: str
    secrets: tuple[str, ...]
    coefexps: SignedMessage
    signature: Proof

    def to_json(self) -> Json:
        return {
            "polynomial": self.polynomial,
            "secrets": list(self.secrets),
            "coefexps": self.coefexps.to_json(),
            "signature": self.signature.to_json(),
        }

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Polynomial:
        value = fields(value, ("polynomial", "secrets", "coefexps", "signature"))
        return cls(
            text(value["polynomial"]),
            tuple(text(secret) for secret in array(value["secrets"])),
            SignedMessage.from_json(G, value["coefexps"]),
            Proof.from_json(G, value["signature"]),
        )


@dataclass(frozen=True, slots=True)
class Vinput:
    """Step 4: what the server routes to one trustee."""

    polynomial: str
    secrets: tuple[str, ...]
    coefexps: tuple[SignedMessage, ...]
    signatures: tuple[Proof, ...]

    def to_json(self) -> Json:
        return {
            "polynomial": self.polynomial,
            "secrets": list(self.secrets),
            "coefexps": [signed.to_json() for signed in self.coefexps],
            "signatures": [proof.to_json() for proof in self.signatures],
        }

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Vinput:
        value = fields(value, ("polynomial", "secrets", "coefexps", "signatures"))
        return cls(
            text(value["polynomial"]),
            tuple(text(secret) for secret in array(value["secrets"])),
            tuple(SignedMessage.from_json(G, signed) for signed in array(value["coefexps"])),
            proofs_from_json(G, value["signatures"]),
        )


@dataclass(frozen=True, slots=True)
class Voutput:
    """Step 5: a trustee's decryption key sealed to itself, and the public key that goes with it."""

    private_key: str
    public_key: TrusteePublicKey

    def to_json(self) -> Json:
        return {"private_key": self.private_key, "public_key": self.public_key.to_json()}

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Voutput:
        value = fields(value, ("private_key", "public_key"))
        return cls(text(value["private_key"]), TrusteePublicKey.from_json(G, value["public_key"]))


def check_certificates(G: Group, certs: Sequence[SignedMessage]) -> list[Certificate]:
    """Step 2: the keys in all certificates; raises InvalidTrustee unless they are of one ceremony, in order."""
    if not certs:
        raise InvalidTrustee(Reason.CERTIFICATE, "a ceremony needs at least one trustee")
    with part_of_trustee(1):
        threshold = parse_certificate(certs[0]).threshold
    if not 1 <= threshold <= len(certs):
        raise InvalidTrustee(Reason.CERTIFICATE, f"a threshold of {threshold} of {len(certs)} cannot be met")
    return [
        check_certificate(G, cert, size=len(certs), threshold=threshold, index=i)
        for i, cert in enumerate(certs, start=1)
    ]


def create_polynomial(G: Group, certs: Sequence[SignedMessage], seed: str, rng: Rng) -> Polynomial:
    """Step 3: draw f of degree t - 1, send f(j) to each trustee j, publish the signed g^coefficients."""
    certificates = check_certificates(G, certs)
    me = _find(G, certificates, seed)
    sk = derive_signing_key(G, seed)
    a = [rng(G.q) for _ in range(me.threshold)]
    coefexps = [G.base_power(a_k) for a_k in a]
    return Polynomial(
        send(G, sk, me.encryption, _message({"polynomial": [str(a_k) for a_k in a]}), rng),
        tuple(
            send(G, sk, to.encryption, _message({"secret": str(_evaluate(G, a, to.index))}), rng) for to in certificates
        ),
        sign_message(G, sk, _message({"coefexps": [element_text(A) for A in coefexps]}), rng),
        sign_message(G, sk, certs_message(certs, coefexps), rng).signature,
    )


def check_polynomial(G: Group, certs: Sequence[SignedMessage], index: int, polynomial: Polynomial) -> None:
    """Step 3, the server: raise InvalidTrustee unless trustee `index` signed its coefexps for these certificates."""
    certificates = check_certificates(G, certs)
    if len(polynomial.secrets) != len(certs):
        raise InvalidTrustee(Reason.POLYNOMIAL, f"trustee {index}: expected one secret for each trustee")
    me = certificates[index - 1]
    check_coefexps(G, me, polynomial.coefexps, polynomial.signature, certs, me.threshold)


def create_vinputs(G: Group, certs: Sequence[SignedMessage], polynomials: Sequence[Polynomial]) -> list[Vinput]:
    """Step 4: route to each trustee what the others sealed to it."""
    if len(polynomials) != len(certs):
        raise InvalidTrustee(Reason.POLYNOMIAL, f"expected {len(certs)} polynomials, found {len(polynomials)}")
    for i, polynomial in enumerate(polynomials, start=1):
        check_polynomial(G, certs, i, polynomial)
    coefexps = tuple(polynomial.coefexps for polynomial in polynomials)
    signatures = tuple(polynomial.signature for polynomial in polynomials)
    return [
        Vinput(mine.polynomial, tuple(theirs.secrets[j] for theirs in polynomials), coefexps, signatures)
        for j, mine in enumerate(polynomials)
    ]


def create_voutput(G: Group, certs: Sequence[SignedMessage], seed: str, vinput: Vinput, rng: Rng) -> Voutput:
    """Step 5: check every secret against its author's coefexps, add them up, publish the public key.

    Raises InvalidTrustee with the number of the trustee whose part is wrong.
    """
    certificates = check_certificates(G, certs)
    n, me = len(certificates), _find(G, certificates, seed)
    if not len(vinput.secrets) == len(vinput.coefexps) == len(vinput.signatures) == n:
        raise InvalidTrustee(Reason.POLYNOMIAL, f"expected the parts of {n} trustees")
    sk, dk = derive_signing_key(G, seed), derive_decryption_key(G, seed)
    with part_of_trustee(me.index):
        sent = _read(receive(G, dk, me.verification, vinput.polynomial), "polynomial")
        mine = [parse_scalar(G, a) for a in array(sent)]
    S = 0
    for i, (cert, sealed) in enumerate(zip(certificates, vinput.secrets, strict=True)):
        coefexps = check_coefexps(G, cert, vinput.coefexps[i], vinput.signatures[i], certs, cert.threshold)
        with part_of_trustee(cert.index):
            if cert == me and [G.base_power(a) for a in mine] != list(coefexps):
                raise InvalidTrustee(Reason.POLYNOMIAL, "the coefexps published are not those of my own polynomial")
            s = parse_scalar(G, _read(receive(G, dk, cert.verification, sealed), "secret"))
            if G.base_power(s) != evaluate_coefexps(G, coefexps, me.index):
                raise InvalidTrustee(Reason.SECRET, "the secret does not fit the coefexps")
        S = (S + s) % G.q
    key = create_trustee_public_key(G, S, rng)
    signature = sign_message(G, sk, element_text(key.public_key), rng).signature
    private = send(G, sk, me.encryption, _message({"decryption_key": str(S)}), rng)
    return Voutput(private, TrusteePublicKey(key.pok, key.public_key, signature))


def check_voutput(
    G: Group, certs: Sequence[SignedMessage], polynomials: Sequence[Polynomial], index: int, voutput: Voutput
) -> None:
    """Step 5, the server: raise InvalidTrustee unless trustee `index`'s public key follows from all polynomials."""
    certificates = check_certificates(G, certs)
    coefexps = [
        check_coefexps(G, cert, part.coefexps, part.signature, certs, cert.threshold)
        for cert, part in zip(certificates, polynomials, strict=True)
    ]
    X = verification_keys(G, coefexps)[index - 1]
    check_verification_key(G, certificates[index - 1], voutput.public_key, X, index)


def create_threshold_parameters(
    G: Group, certs: Sequence[SignedMessage], polynomials: Sequence[Polynomial], voutputs: Sequence[Voutput]
) -> ThresholdParameters:
    """Step 6: what the ceremony publishes; raises InvalidTrustee if any part is wrong."""
    if len(voutputs) != len(certs):
        raise InvalidTrustee(Reason.VERIFICATION_KEY, f"expected {len(certs)} voutputs, found {len(voutputs)}")
    for i, voutput in enumerate(voutputs, start=1):
        check_voutput(G, certs, polynomials, i, voutput)
    return ThresholdParameters(
        check_certificates(G, certs)[0].threshold,
        tuple(certs),
        tuple(polynomial.coefexps for polynomial in polynomials),
        tuple(polynomial.signature for polynomial in polynomials),
        tuple(voutput.public_key for voutput in voutputs),
    )


def open_decryption_key(G: Group, seed: str, sealed: str) -> int:
    """A trustee's decryption key, a secret, from the voutput's `private_key` that the server returns at the tally."""
    sk, dk = derive_signing_key(G, seed), derive_decryption_key(G, seed)
    return parse_scalar(G, _read(receive(G, dk, G.base_power(sk), sealed), "decryption_key"))


def trustee_of(G: Group, certs: Sequence[SignedMessage], seed: str) -> int:
    """Which trustee's key a seed is, by signed certificates that are all there; 0 if it is none of theirs."""
    vk = G.base_power(derive_signing_key(G, seed))
    keys = [certificate.verification for certificate in check_certificates(G, certs)]
    return 1 + keys.index(vk) if vk in keys else 0


def _find(G: Group, certificates: Sequence[Certificate], seed: str) -> Certificate:
    vk, ek = G.base_power(derive_signing_key(G, seed)), G.base_power(derive_decryption_key(G, seed))
    for certificate in certificates:
        if certificate.verification == vk and certificate.encryption == ek:
            return certificate
    raise InvalidTrustee(Reason.CERTIFICATE, "none of the certificates belongs to this seed")


def _evaluate(G: Group, a: Sequence[int], j: int) -> int:
    return sum(a_k * pow(j, k, G.q) for k, a_k in enumerate(a)) % G.q


def _message(value: Json) -> str:
    return write_json(value).decode("utf-8")


def _read(message: str, name: str) -> Json:
    return fields(parse_json(message.encode("utf-8")), (name,))[name]
