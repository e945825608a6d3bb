"""Strong proofs of decryption, in addition to those of the archive: their challenge hashes the whole statement.

Not in the specification: defined by this project, kept beside the `.bel` and never in it. The specification's proof
(decryption.py) hashes the key X and the commitments A and B, but neither the ciphertext's alpha nor the factor F. So a
person who has one decryption key and chooses the randomness of the last ballot can publish a factor that is false by
any amount, with a valid proof (weak Fiat-Shamir; docs/second-opinion.md explains how). A strong proof proves the same
statement about the same factor, with a challenge that covers all of it:

    SHA-256 modulo q of  ballot-decrypt|1|fingerprint|uuid|tally hash|owner|X|i|j|alpha,F|A,B

Points are 64 hexadecimal digits, numbers are in base 10. The fingerprint is the election's, in Base64; the tally hash
is the SHA-256 of the encrypted tally's bytes in hexadecimal; the owner counts from 1, question i and choice j from 0.
What is *not* done here: deciding what may be decrypted.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.decryption import (
    PartialDecryption,
    check_partial_decryption,
    create_partial_decryption,
    parse_partial_decryption,
)
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidDecryption, Reason
from ballot.protocol.group import Element, Group, Rng, element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.proofs import Proof, is_decryption, proofs_from_json, prove_decryption
from ballot.protocol.tally import EncryptedTally, encrypted_tally_to_bytes

CONTEXT = "ballot-decrypt|1"
"""The beginning of every challenge. terms.json names it: a record without strong proofs of this kind is invalid."""

StrongProofs = tuple[tuple[Proof, ...], ...]
"""One row per question, one proof per choice."""


def strong_proofs_to_json(proofs: StrongProofs) -> Json:
    return [[proof.to_json() for proof in row] for row in proofs]


def strong_proofs_from_json(G: Group, value: Json) -> StrongProofs:
    """The proofs in `value`; raises InvalidMessage for another form."""
    return tuple(proofs_from_json(G, row) for row in array(value))


def create_strong_proofs(
    G: Group, election: Election, tally: EncryptedTally, owner: int, x: int, rng: Rng
) -> StrongProofs:
    """A strong proof for every factor that `owner` makes with the private key x. Raises: NotForSecrets."""
    context = _context(election, tally, owner, G.base_power(x))
    return tuple(
        tuple(prove_decryption(G, f"{context}|{i}|{j}", c.alpha, x, rng)[1] for j, c in enumerate(row))
        for i, row in enumerate(tally)
    )


def check_strong_proofs(
    G: Group,
    election: Election,
    tally: EncryptedTally,
    owner: int,
    X: Element,
    share: PartialDecryption,
    proofs: StrongProofs,
) -> None:
    """Raise InvalidDecryption or InvalidElement unless every factor of the owner's share is proved to be alpha^x."""
    shape = [len(row) for row in tally]
    if [len(row) for row in share.decryption_factors] != shape or [len(row) for row in proofs] != shape:
        raise InvalidDecryption(Reason.WRONG_SHAPE, "the strong proofs have not the shape of the tally")
    context = _context(election, tally, owner, X)
    for i, row in enumerate(tally):
        for j, c in enumerate(row):
            F = share.decryption_factors[i][j]
            if not is_decryption(G, f"{context}|{i}|{j}", X, c.alpha, F, proofs[i][j]):
                detail = f"the factor of question {i}, choice {j} has no valid strong proof"
                raise InvalidDecryption(Reason.STRONG_PROOF, detail)


def _context(election: Election, tally: EncryptedTally, owner: int, X: Element) -> str:
    tally_hash = sha256_hex(encrypted_tally_to_bytes(tally, election.questions))
    return f"{CONTEXT}|{election.fingerprint}|{election.uuid}|{tally_hash}|{owner}|{element_text(X)}"


# -- What a trustee submits ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrusteeShare:
    """A trustee's share: the partial decryption for the archive, and the strong proofs for the record."""

    partial: PartialDecryption
    proofs: StrongProofs

    def to_bytes(self) -> bytes:
        partial = parse_json(self.partial.to_bytes())
        return write_json({"partial_decryption": partial, "strong_proofs": strong_proofs_to_json(self.proofs)})


def parse_share(G: Group, data: bytes) -> TrusteeShare:
    """The share written as `data`; raises InvalidMessage unless it is canonical.

    A partial decryption alone, as the reference tool makes it, is refused because it has no strong proofs.
    """
    value = parse_json(data)
    if isinstance(value, dict) and "decryption_factors" in value:
        raise InvalidDecryption(
            Reason.STRONG_PROOF, "it has no strong proofs. Decrypt again with this version of ballot's own tool or page"
        )
    value = fields(value, ("partial_decryption", "strong_proofs"))
    partial = parse_partial_decryption(G, write_json(value["partial_decryption"]))
    share = TrusteeShare(partial, strong_proofs_from_json(G, value["strong_proofs"]))
    check_canonical(data, value, "the share")
    return share


def create_share(G: Group, election: Election, tally: EncryptedTally, owner: int, x: int, rng: Rng) -> TrusteeShare:
    """The share of trustee `owner` with the private key x.

    Raises: NotForSecrets; InvalidMessage for an election with other than homomorphic questions, because our trustees
    open totals and never single votes.
    """
    _ = election.homomorphic_questions
    return TrusteeShare(
        create_partial_decryption(G, election, tally, x, rng),
        create_strong_proofs(G, election, tally, owner, x, rng),
    )


def check_share(
    G: Group, election: Election, tally: EncryptedTally, owner: int, X: Element, share: TrusteeShare
) -> None:
    """Raise InvalidDecryption or InvalidElement unless both kinds of proof hold for every factor."""
    check_partial_decryption(G, election, tally, X, share.partial)
    check_strong_proofs(G, election, tally, owner, X, share.partial, share.proofs)


# -- What the record keeps for an archive ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnedStrongProofs:
    """One line of decryptions/<election>.jsonl: the strong proofs of one owner's partial decryption in the archive."""

    owner: int
    proofs: StrongProofs

    def to_bytes(self) -> bytes:
        return write_json({"owner": self.owner, "strong_proofs": strong_proofs_to_json(self.proofs)}) + b"\n"


def parse_owned_strong_proofs(G: Group, line: bytes) -> OwnedStrongProofs:
    """The proofs in a line without its newline; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(line), ("owner", "strong_proofs"))
    owned = OwnedStrongProofs(integer(value["owner"], 1), strong_proofs_from_json(G, value["strong_proofs"]))
    check_canonical(line, value, "the line of strong proofs")
    return owned
