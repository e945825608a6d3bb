"""Partial decryptions: each trustee's share of opening the total, and how shares combine.

Spec: Messages, Partial decryptions; Election result (synthetic factors).
What is *not* done here: binding the total. The specification's challenge, H_decrypt(X, A, B), hashes neither alpha nor
the factor, so a proof here can hold for a false factor. strong_decryption.py explains this and has proofs that bind.
Callers decide what may be decrypted: only ever a published total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidDecryption, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text, parse_element, product
from ballot.protocol.hashing import Hash, is_hash
from ballot.protocol.kinds import Question, flatten_lists, nest_lists
from ballot.protocol.proofs import Proof, commitment, hash_commitments
from ballot.protocol.tally import EncryptedTally
from ballot.protocol.trustees import Trustee, TrusteePublicKey

Factors = tuple[tuple[Element, ...], ...]
"""One row per question, one factor per choice."""


@dataclass(frozen=True, slots=True)
class PartialDecryption:
    """alpha^x for every ciphertext of the tally, each with a proof that x is the trustee's private key."""

    decryption_factors: Factors
    decryption_proofs: tuple[tuple[Proof, ...], ...]

    def to_bytes(self, questions: Sequence[Question] = ()) -> bytes:
        """The canonical bytes. `questions` are needed where one of them is a Lists question."""
        factors = [[element_text(F) for F in row] for row in self.decryption_factors]
        proofs = [[proof.to_json() for proof in row] for row in self.decryption_proofs]
        return write_json(
            {"decryption_factors": nest_lists(questions, factors), "decryption_proofs": nest_lists(questions, proofs)}
        )


def parse_partial_decryption(G: Group, data: bytes, questions: Sequence[Question] = ()) -> PartialDecryption:
    """The partial decryption written as `data`; raises InvalidMessage unless it is canonical.

    `questions` are needed where one of them is a Lists question.
    """
    value = fields(parse_json(data), ("decryption_factors", "decryption_proofs"))
    factors = flatten_lists(questions, value["decryption_factors"])
    proofs = flatten_lists(questions, value["decryption_proofs"])
    share = PartialDecryption(
        tuple(tuple(parse_element(F) for F in row) for row in factors),
        tuple(tuple(Proof.from_json(G, proof) for proof in row) for row in proofs),
    )
    check_canonical(data, value, "the partial decryption")
    return share


@dataclass(frozen=True, slots=True)
class OwnedPartialDecryption:
    """Which trustee made a partial decryption, or a shuffle: both are owned in the same form.

    Owners are numbered from 1 over all keys of the trustees structure.
    """

    owner: int
    payload: Hash

    def to_bytes(self) -> bytes:
        return write_json({"owner": self.owner, "payload": self.payload})


def parse_owned(data: bytes) -> OwnedPartialDecryption:
    """The owned structure written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("owner", "payload"))
    if not is_hash(value["payload"]):
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a hash")
    owned = OwnedPartialDecryption(integer(value["owner"], 1), Hash(value["payload"]))
    check_canonical(data, value, "the owned structure")
    return owned


def create_partial_decryption(
    G: Group, election: Election, tally: EncryptedTally, x: int, rng: Rng
) -> PartialDecryption:
    """A trustee's share with the private key x: alpha^x and its proof for every ciphertext of a checked tally."""
    check_keeps_secrets(G)
    factors, proofs = [], []
    for row in tally:
        pairs = [_decrypt(G, election, c.alpha, x, rng) for c in row]
        factors.append(tuple(F for F, _ in pairs))
        proofs.append(tuple(proof for _, proof in pairs))
    return PartialDecryption(tuple(factors), tuple(proofs))


def _decrypt(G: Group, election: Election, alpha: Element, x: int, rng: Rng) -> tuple[Element, Proof]:
    w = rng(G.q)
    prefix = _prefix(election, G.base_power(x))
    challenge = hash_commitments(G, prefix, [G.base_power(w), G.power(alpha, w)])
    return G.power(alpha, x), Proof(challenge, (w - x * challenge) % G.q)


def check_partial_decryption(
    G: Group, election: Election, tally: EncryptedTally, X: Element, share: PartialDecryption
) -> None:
    """Raise InvalidDecryption or InvalidElement unless every factor is proved to be alpha^x for X = g^x."""
    shape = [len(row) for row in tally]
    if [len(row) for row in share.decryption_factors] != shape or [
        len(row) for row in share.decryption_proofs
    ] != shape:
        raise InvalidDecryption(Reason.WRONG_SHAPE, "the partial decryption has not the shape of the tally")
    prefix = _prefix(election, X)
    for i, row in enumerate(tally):
        for j, c in enumerate(row):
            F, proof = share.decryption_factors[i][j], share.decryption_proofs[i][j]
            commitments = [commitment(G, G.g, proof, X), commitment(G, c.alpha, proof, F)]
            if hash_commitments(G, prefix, commitments) != proof.challenge:
                detail = f"the decryption of question {i}, choice {j} is not proved"
                raise InvalidDecryption(Reason.DECRYPTION_PROOF, detail)


def _prefix(election: Election, X: Element) -> str:
    return f"decrypt|{election.fingerprint}|{element_text(X)}|"


def lagrange(G: Group, indexes: Sequence[int], delta: int) -> int:
    """The Lagrange coefficient at 0 of index `delta` among `indexes`, modulo q."""
    numerator = denominator = 1
    for k in indexes:
        if k != delta:
            numerator = numerator * k % G.q
            denominator = denominator * (k - delta) % G.q
    return numerator * pow(denominator, -1, G.q) % G.q


def combine_factors(G: Group, trustees: Sequence[Trustee], shares: Mapping[int, PartialDecryption]) -> Factors:
    """The synthetic factors F, from checked shares by owner. A Pedersen item uses its first t shares.

    Raises InvalidDecryption if an item has too few shares.
    """
    parts: list[Factors] = []
    owner = 1
    for item in trustees:
        if isinstance(item, TrusteePublicKey):
            if owner not in shares:
                raise InvalidDecryption(Reason.NOT_ENOUGH_SHARES, f"the share of trustee {owner} is missing")
            parts.append(shares[owner].decryption_factors)
            owner += 1
            continue
        n, t = len(item.verification_keys), item.threshold
        indexes = [i for i in range(1, n + 1) if owner + i - 1 in shares][:t]
        if len(indexes) < t:
            raise InvalidDecryption(Reason.NOT_ENOUGH_SHARES, f"{t} shares are needed, {len(indexes)} are there")
        for i in indexes:
            power = lagrange(G, indexes, i)
            factors = shares[owner + i - 1].decryption_factors
            parts.append(tuple(tuple(G.power(F, power) for F in row) for row in factors))
        owner += n
    return tuple(tuple(product(G, column) for column in zip(*rows, strict=True)) for rows in zip(*parts, strict=True))
