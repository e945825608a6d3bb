"""The trustees' own key infrastructure: seeds, certificates, sealed and signed messages.

Spec: Messages specific to threshold decryption support: Public key infrastructure, Certificates, Channels.
What is *not* done here: the order of the conversation (ceremony.py). AES-GCM comes from `cryptography`; the
32-byte initialization vector is the specification's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.credentials import generate_base58
from ballot.protocol.errors import InvalidMessage, InvalidTrustee, Reason, part_of_trustee
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, check_key, element_text, parse_element
from ballot.protocol.hashing import sha256_hex, sha256_integer
from ballot.protocol.signatures import SignedMessage, is_message_signed, sign_message

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ALGORITHM = "AES-GCM"


def generate_seed(rng: Rng) -> str:
    """A trustee's secret seed: 22 Base58 characters. A secret."""
    return generate_base58(22, rng)


def derive_signing_key(G: Group, seed: str) -> int:
    """sk = SHA-256("sk|" seed) modulo q. A secret."""
    check_keeps_secrets(G)
    return sha256_integer(f"sk|{seed}") % G.q


def derive_decryption_key(G: Group, seed: str) -> int:
    """dk = SHA-256("dk|" seed) modulo q. A secret."""
    check_keeps_secrets(G)
    return sha256_integer(f"dk|{seed}") % G.q


# -- Certificates ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Certificate:
    """The keys of the trustee numbered `index` (from 1) of `size`, of whom `threshold` can decrypt."""

    group: str
    size: int
    threshold: int
    index: int
    verification: Element
    encryption: Element

    def to_json(self) -> Json:
        context = {"group": self.group, "size": self.size, "threshold": self.threshold, "index": self.index}
        return {
            "context": context,
            "verification": element_text(self.verification),
            "encryption": element_text(self.encryption),
        }


def create_certificate(G: Group, seed: str, size: int, threshold: int, index: int, rng: Rng) -> SignedMessage:
    """The certificate of the trustee who holds `seed`, signed by its own signing key."""
    sk, dk = derive_signing_key(G, seed), derive_decryption_key(G, seed)
    keys = Certificate(G.name, size, threshold, index, G.base_power(sk), G.base_power(dk))
    return sign_message(G, sk, write_json(keys.to_json()).decode("utf-8"), rng)


def parse_certificate(cert: SignedMessage) -> Certificate:
    """The keys inside a certificate, whose signature is not checked here."""
    data = cert.message.encode("utf-8", "surrogatepass")
    value = fields(parse_json(data), ("context", "verification", "encryption"))
    context = fields(value["context"], ("group", "size", "threshold", "index"))
    check_canonical(data, value, "the certificate")
    return Certificate(
        text(context["group"]),
        integer(context["size"], 1),
        integer(context["threshold"], 1),
        integer(context["index"], 1),
        parse_element(value["verification"]),
        parse_element(value["encryption"]),
    )


def check_certificate(G: Group, cert: SignedMessage, size: int, threshold: int, index: int) -> Certificate:
    """The keys in `cert`; raises InvalidTrustee unless it is self-signed and made for this trustee of this ceremony."""
    with part_of_trustee(index):
        keys = parse_certificate(cert)
        if (keys.group, keys.size, keys.threshold, keys.index) != (G.name, size, threshold, index):
            raise InvalidTrustee(Reason.CERTIFICATE, "the certificate was made for another place or ceremony")
        check_key(G, keys.verification)
        check_key(G, keys.encryption)
        if not is_message_signed(G, keys.verification, cert.message, cert.signature):
            raise InvalidTrustee(Reason.CERTIFICATE, "the certificate is not signed by its own key")
        return keys


def parse_coefexps(G: Group, message: str) -> tuple[Element, ...]:
    """The exponentiated coefficients A_0, ..., A_t in a raw_coefexps message, each in the group."""
    data = message.encode("utf-8", "surrogatepass")
    value = fields(parse_json(data), ("coefexps",))
    elements = tuple(parse_element(entry) for entry in array(value["coefexps"]))
    if not elements:
        raise InvalidTrustee(Reason.COEFEXPS, "a polynomial has at least one coefficient")
    check_canonical(data, value, "the coefexps")
    for A in elements:
        G.check(A)
    return elements


# -- Encryption and channels -----------------------------------------------------------------------------------


def encrypt_message(G: Group, ek: Element, message: str, rng: Rng) -> str:
    """Encrypt `message` to the key `ek`; returns the encrypted_msg as a JSON string."""
    check_keeps_secrets(G)
    r, key = rng(G.q), G.base_power(rng(G.q))
    alpha = G.base_power(r)
    beta = G.multiply(G.power(ek, r), key)
    data = _cipher(key).encrypt(_iv(alpha), message.encode("utf-8"), None)
    value = {
        "algorithm": ALGORITHM,
        "alpha": element_text(alpha),
        "beta": element_text(beta),
        "data": data.hex(),
    }
    return write_json(value).decode("utf-8")


def decrypt_message(G: Group, dk: int, sealed: str) -> str:
    """Decrypt what `encrypt_message` returned; raises InvalidTrustee unless the key `dk` opens it."""
    check_keeps_secrets(G)
    value = fields(parse_json(sealed.encode("utf-8", "surrogatepass")), ("algorithm", "alpha", "beta", "data"))
    if value["algorithm"] != ALGORITHM:
        raise InvalidTrustee(Reason.UNSUPPORTED, f"expected the algorithm {ALGORITHM}")
    alpha, beta = parse_element(value["alpha"]), parse_element(value["beta"])
    G.check(beta)
    key = G.divide(beta, G.power(alpha, dk))
    from cryptography.exceptions import InvalidTag  # imported here: an auditor opens no message and needs no library

    try:
        return _cipher(key).decrypt(_iv(alpha), bytes.fromhex(text(value["data"])), None).decode("utf-8")
    except (InvalidTag, ValueError):
        raise InvalidTrustee(Reason.CHANNEL, "a message does not open with this trustee's key") from None


def _cipher(key: Element) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # imported here for the same reason

    return AESGCM(bytes.fromhex(sha256_hex(f"key|{element_text(key)}".encode())))


def _iv(alpha: Element) -> bytes:
    return bytes.fromhex(sha256_hex(f"iv|{element_text(alpha)}".encode()))


def send(G: Group, sk: int, recipient: Element, message: str, rng: Rng) -> str:
    """Sign with `sk`, then encrypt to `recipient`; the result is safe to send through anyone."""
    inner = write_json({"recipient": element_text(recipient), "message": message}).decode("utf-8")
    signed = sign_message(G, sk, inner, rng)
    return encrypt_message(G, recipient, write_json(signed.to_json()).decode("utf-8"), rng)


def receive(G: Group, dk: int, vk: Element, sealed: str) -> str:
    """The message sent by the owner of `vk` to the owner of `dk`; raises InvalidTrustee for anything else."""
    try:
        signed = SignedMessage.from_json(G, parse_json(decrypt_message(G, dk, sealed).encode("utf-8")))
        if not is_message_signed(G, vk, signed.message, signed.signature):
            raise InvalidTrustee(Reason.CHANNEL, "a message is not signed by the trustee it should come from")
        value = fields(parse_json(signed.message.encode("utf-8", "surrogatepass")), ("recipient", "message"))
        if parse_element(value["recipient"]) != G.base_power(dk):
            raise InvalidTrustee(Reason.CHANNEL, "a message was meant for another trustee")
        return text(value["message"])
    except InvalidTrustee:
        raise
    except InvalidMessage as fault:
        raise InvalidTrustee(Reason.CHANNEL, fault.detail) from None
