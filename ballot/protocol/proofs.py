"""Zero-knowledge proofs: knowledge, equal logarithms, interval membership, possibly-blank votes, votes for a list.

Spec: Verification keys (pok); Proofs of interval membership; Proofs of possibly-blank votes; Proofs of list votes;
Proof of encryption of non-zero. Each `prove_...` has an
`is_...`, which answers whether the equations hold; callers raise with the fitting reason.

A challenge must hash the whole statement. Otherwise a prover who chooses the rest afterwards can prove what is false.
The prefix or the string S contains the election, the credential and the ciphertexts (questions.py builds it). The one
exception is the specification's own decryption proof (decryption.py), which is why strong_decryption.py exists; the
table of all proofs is in docs/threat-model.md. `power` refuses an element outside the prime-order subgroup, so a
valid proof has also checked its elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, fields
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.group import (
    Element,
    Group,
    Rng,
    check_keeps_secrets,
    element_text,
    parse_element,
    parse_scalar,
)
from ballot.protocol.hashing import sha256_integer


@dataclass(frozen=True, slots=True)
class Proof:
    """A challenge and a response in Z_q; every commitment is recomputed from them."""

    challenge: int
    response: int

    def to_json(self) -> Json:
        return {"challenge": str(self.challenge), "response": str(self.response)}

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Proof:
        value = fields(value, ("challenge", "response"))
        return cls(parse_scalar(G, value["challenge"]), parse_scalar(G, value["response"]))


def proofs_from_json(G: Group, value: Json) -> tuple[Proof, ...]:
    """The proofs in the array `value`; raises InvalidMessage for another form."""
    return tuple(Proof.from_json(G, entry) for entry in array(value))


def hash_commitments(G: Group, prefix: str, commitments: Sequence[Element]) -> int:
    """SHA-256 of the prefix and the commitments separated by commas, modulo q."""
    return sha256_integer(prefix + ",".join(map(element_text, commitments))) % G.q


def commitment(G: Group, base: Element, proof: Proof, claimed: Element) -> Element:
    """base^response times claimed^challenge: the prover's commitment."""
    if base == G.g:
        return G.commitment(proof.response, claimed, proof.challenge)
    return G.multiply(G.power(base, proof.response), G.power(claimed, proof.challenge))


# -- Knowledge of a discrete logarithm -------------------------------------------------------------------------


def prove_knowledge(G: Group, prefix: str, x: int, rng: Rng) -> Proof:
    """A proof of knowledge of x for g^x, under this challenge prefix (pok, sigmsg or sig)."""
    check_keeps_secrets(G)
    w = rng(G.q)
    challenge = hash_commitments(G, prefix, [G.base_power(w)])
    return Proof(challenge, (w - x * challenge) % G.q)


def is_knowledge(G: Group, prefix: str, X: Element, proof: Proof) -> bool:
    """Whether the proof of knowledge of the logarithm of X is valid."""
    return hash_commitments(G, prefix, [commitment(G, G.g, proof, X)]) == proof.challenge


# -- Equal logarithms: that a factor opens a ciphertext ----------------------------------------------------------


def prove_decryption(G: Group, context: str, alpha: Element, x: int, rng: Rng) -> tuple[Element, Proof]:
    """The factor F = alpha^x, and a proof that log_g X = log_alpha F for X = g^x.

    The challenge is SHA-256 modulo q of `context|alpha,F|A,B`. The context says what is opened and by whom; it must
    contain X, as 64 hexadecimal digits. `rng` draws a fresh w: two challenges for one w would reveal x.
    Raises: NotForSecrets; ValueError if the context does not contain X.
    """
    check_keeps_secrets(G)
    F, w = G.power(alpha, x), rng(G.q)
    prefix = _decryption_prefix(context, G.base_power(x), alpha, F)
    challenge = hash_commitments(G, prefix, [G.base_power(w), G.power(alpha, w)])
    return F, Proof(challenge, (w - x * challenge) % G.q)


def is_decryption(G: Group, context: str, X: Element, alpha: Element, F: Element, proof: Proof) -> bool:
    """Whether the proof of `prove_decryption` is valid; raises ValueError if the context does not contain X."""
    commitments = [commitment(G, G.g, proof, X), commitment(G, alpha, proof, F)]
    return hash_commitments(G, _decryption_prefix(context, X, alpha, F), commitments) == proof.challenge


def _decryption_prefix(context: str, X: Element, alpha: Element, F: Element) -> str:
    if element_text(X) not in context:
        raise ValueError("the context of a decryption proof must contain the key X")
    return f"{context}|{element_text(alpha)},{element_text(F)}|"


# -- Interval membership ---------------------------------------------------------------------------------------


def prove_interval(
    G: Group, y: Element, S: str, r: int, i: int, values: range, c: Ciphertext, rng: Rng
) -> tuple[Proof, ...]:
    """iprove(S, r, i, M_0, ..., M_k): the ciphertext c = (g^r, y^r g^(M_i)) holds one of `values`.

    The commitments of the false disjuncts are simulated; the true one completes the sum of the challenges.
    """
    check_keeps_secrets(G)
    w = rng(G.q)
    proofs: list[Proof | None] = []
    commitments: list[Element] = []
    for j, M in enumerate(values):
        if j == i:
            proofs.append(None)
            commitments += [G.base_power(w), G.power(y, w)]
        else:
            fake = Proof(rng(G.q), rng(G.q))
            proofs.append(fake)
            commitments += _interval_commitments(G, y, c, M, fake)
    prefix = f"prove|{S}|{_pair(c)}|"
    rest = sum(proof.challenge for proof in proofs if proof is not None)
    challenge = (hash_commitments(G, prefix, commitments) - rest) % G.q
    true = Proof(challenge, (w - r * challenge) % G.q)
    return tuple(true if proof is None else proof for proof in proofs)


def is_interval(G: Group, y: Element, S: str, values: range, c: Ciphertext, proofs: Sequence[Proof]) -> bool:
    """Whether the proofs show that c holds one of `values`."""
    if len(proofs) != len(values):
        return False
    disjuncts = [(M, proof.challenge, proof.response) for M, proof in zip(values, proofs, strict=True)]
    commitments = G.disjunct_commitments(y, c.alpha, c.beta, disjuncts)
    total = sum(proof.challenge for proof in proofs) % G.q
    return hash_commitments(G, f"prove|{S}|{_pair(c)}|", commitments) == total


def _interval_commitments(G: Group, y: Element, c: Ciphertext, M: int, proof: Proof) -> list[Element]:
    """A = g^response alpha^challenge and B = y^response (beta / g^M)^challenge."""
    return G.disjunct_commitments(y, c.alpha, c.beta, [(M, proof.challenge, proof.response)])


def _pair(c: Ciphertext) -> str:
    return f"{element_text(c.alpha)},{element_text(c.beta)}"


# -- Possibly-blank votes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opening:
    """A ciphertext c = (g^r, y^r g^m) with its randomness and message."""

    c: Ciphertext
    r: int
    m: int


def prove_blank(G: Group, y: Element, S: str, zero: Opening, sigma: Opening, rng: Rng) -> tuple[Proof, ...]:
    """blank_proof: m_0 = 0 or m_sigma = 0."""
    statements = [(zero, 0), (sigma, 0)]
    return _prove_one_of(G, y, f"bproof0|{S}|", statements, true=0 if zero.m == 0 else 1, rng=rng)


def is_blank(G: Group, y: Element, S: str, zero: Ciphertext, sigma: Ciphertext, proofs: Sequence[Proof]) -> bool:
    """Whether the proofs show that m_0 = 0 or m_sigma = 0."""
    return _is_one_of(G, y, f"bproof0|{S}|", [(zero, 0), (sigma, 0)], proofs)


def prove_overall_or_blank(
    G: Group, y: Element, S: str, zero: Opening, sigma: Opening, values: range, rng: Rng
) -> tuple[Proof, ...]:
    """overall_proof where blank votes are allowed: m_0 = 1, or m_sigma is one of `values`."""
    statements = [(zero, 1), *((sigma, M) for M in values)]
    true = 0 if zero.m == 1 else 1 + values.index(sigma.m)
    return _prove_one_of(G, y, f"bproof1|{S}|", statements, true=true, rng=rng)


def is_overall_or_blank(
    G: Group, y: Element, S: str, zero: Ciphertext, sigma: Ciphertext, values: range, proofs: Sequence[Proof]
) -> bool:
    """Whether the proofs show that m_0 = 1, or m_sigma is one of `values`."""
    return _is_one_of(G, y, f"bproof1|{S}|", [(zero, 1), *((sigma, M) for M in values)], proofs)


# -- Votes for a list ------------------------------------------------------------------------------------------


def prove_only_selected(
    G: Group, y: Element, S: str, chosen: Opening, candidates: Opening, rng: Rng
) -> tuple[Proof, ...]:
    """A list proof: the list is selected (1), or the sum of its candidates is 0."""
    statements = [(chosen, 1), (candidates, 0)]
    return _prove_one_of(G, y, f"lproof|{S}|", statements, true=0 if chosen.m == 1 else 1, rng=rng)


def is_only_selected(
    G: Group, y: Element, S: str, chosen: Ciphertext, candidates: Ciphertext, proofs: Sequence[Proof]
) -> bool:
    """Whether the proofs show that the list is selected, or that the sum of its candidates is 0."""
    return _is_one_of(G, y, f"lproof|{S}|", [(chosen, 1), (candidates, 0)], proofs)


@dataclass(frozen=True, slots=True)
class NonzeroProof:
    """A commitment that is the identity only for an encryption of 0, with a challenge and two responses."""

    commitment: Element
    challenge: int
    response: tuple[int, int]

    def to_json(self) -> Json:
        return {
            "commitment": element_text(self.commitment),
            "challenge": str(self.challenge),
            "response": [str(number) for number in self.response],
        }

    @classmethod
    def from_json(cls, G: Group, value: Json) -> NonzeroProof:
        value = fields(value, ("commitment", "challenge", "response"))
        t1, t2 = (parse_scalar(G, number) for number in array(value["response"], 2))
        return cls(parse_element(value["commitment"]), parse_scalar(G, value["challenge"]), (t1, t2))


def prove_nonzero(G: Group, y: Element, S: str, opening: Opening, rng: Rng) -> NonzeroProof:
    """A proof that the ciphertext holds another number than 0."""
    check_keeps_secrets(G)
    (alpha, beta), r = (opening.c.alpha, opening.c.beta), opening.r
    s, w1, w2 = 1 + rng(G.q - 1), rng(G.q), rng(G.q)
    A0 = G.multiply(G.power(beta, s), G.power(y, -s * r % G.q))
    A1 = G.multiply(G.power(alpha, w1), G.base_power(w2))
    A2 = G.multiply(G.power(beta, w1), G.power(y, w2))
    c = hash_commitments(G, f"nonzero|{S}|", [A0, A1, A2])
    return NonzeroProof(A0, c, ((w1 - s * c) % G.q, (w2 + s * r * c) % G.q))


def is_nonzero(G: Group, y: Element, S: str, c: Ciphertext, proof: NonzeroProof) -> bool:
    """Whether the proof shows that the ciphertext holds another number than 0."""
    if proof.commitment == G.one:
        return False
    t1, t2 = proof.response
    A1 = G.commitment(t2, c.alpha, t1)
    A2 = G.product([G.power(c.beta, t1), G.power(y, t2), G.power(proof.commitment, proof.challenge)])
    return hash_commitments(G, f"nonzero|{S}|", [proof.commitment, A1, A2]) == proof.challenge


# -- One of several statements ---------------------------------------------------------------------------------


def _prove_one_of(
    G: Group, y: Element, prefix: str, statements: Sequence[tuple[Opening, int]], true: int, rng: Rng
) -> tuple[Proof, ...]:
    """Prove that one of several statements "this ciphertext holds M" is true: the one with index `true`."""
    check_keeps_secrets(G)
    w = rng(G.q)
    proofs: list[Proof] = []
    commitments: list[Element] = []
    for j, (opening, M) in enumerate(statements):
        proof = Proof(0, 0) if j == true else Proof(rng(G.q), rng(G.q))
        proofs.append(proof)
        commitments += (
            [G.base_power(w), G.power(y, w)] if j == true else _interval_commitments(G, y, opening.c, M, proof)
        )
    rest = sum(proof.challenge for proof in proofs)
    challenge = (hash_commitments(G, prefix, commitments) - rest) % G.q
    proofs[true] = Proof(challenge, (w - statements[true][0].r * challenge) % G.q)
    return tuple(proofs)


def _is_one_of(
    G: Group, y: Element, prefix: str, statements: Sequence[tuple[Ciphertext, int]], proofs: Sequence[Proof]
) -> bool:
    if len(proofs) != len(statements):
        return False
    commitments: list[Element] = []
    for (c, M), proof in zip(statements, proofs, strict=True):
        commitments += _interval_commitments(G, y, c, M, proof)
    return hash_commitments(G, prefix, commitments) == sum(proof.challenge for proof in proofs) % G.q
