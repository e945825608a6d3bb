"""Non-homomorphic questions and their encrypted answers, in other people's archives.

Spec: Messages, Questions; Encrypted answers, Non-homomorphic answers. A vote is a number for each answer, such as its
rank, and all of them are one element under one encryption. So votes cannot be added: they are shuffled, then opened
one by one (shuffles.py). What is *not* done here: proving that a vote is an allowed one. The specification leaves
that to whoever counts the opened votes; `extra` only hints at how.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, fields, parse_json, text, write_json
from ballot.protocol.elgamal import Ciphertext
from ballot.protocol.embedding import of_integers
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text
from ballot.protocol.proofs import Proof, hash_commitments, is_knowledge

TYPE = "NonHomomorphic"


@dataclass(frozen=True, slots=True)
class NonHomomorphicQuestion:
    """question_nh, in its question_gen: give each answer a number from 0 to 255."""

    answers: tuple[str, ...]
    question: str
    extra: bytes | None = None
    """The hint at the way of counting, as JSON."""

    @property
    def length(self) -> int:
        """The number of ciphertexts in an answer."""
        return 1

    def to_json(self) -> Json:
        extra = {} if self.extra is None else {"extra": parse_json(self.extra)}
        return {"type": TYPE, "value": {"answers": list(self.answers), "question": self.question}, **extra}

    @classmethod
    def from_json(cls, value: Json) -> NonHomomorphicQuestion:
        value = fields(value, ("type", "value", "extra"), optional=("extra",))
        asked = fields(value["value"], ("answers", "question"))
        extra = write_json(value["extra"]) if "extra" in value else None
        return cls(tuple(text(answer) for answer in array(asked["answers"])), text(asked["question"]), extra)


@dataclass(frozen=True, slots=True)
class NonHomomorphicAnswer:
    """answer_nh: the encrypted vote, and a proof that its maker knows the randomness."""

    choice: Ciphertext
    proof: Proof

    @property
    def choices(self) -> tuple[Ciphertext, ...]:
        """The one ciphertext, as the answers of other kinds have several."""
        return (self.choice,)

    def to_json(self) -> Json:
        return {"choices": self.choice.to_json(), "proof": self.proof.to_json()}

    @classmethod
    def from_json(cls, G: Group, value: Json) -> NonHomomorphicAnswer:
        value = fields(value, ("choices", "proof"))
        return cls(Ciphertext.from_json(value["choices"]), Proof.from_json(G, value["proof"]))


def create_raw_answer(
    G: Group, y: Element, S0: str, question: NonHomomorphicQuestion, vote: Sequence[int], rng: Rng
) -> NonHomomorphicAnswer:
    """Encrypt and prove a plain vote, a number for each answer. Raises: NotForSecrets; ValueError if not allowed."""
    check_keeps_secrets(G)
    if len(vote) != len(question.answers):
        raise ValueError(f"a vote here is {len(question.answers)} numbers")
    r, w = rng(G.q), rng(G.q)
    c = Ciphertext(G.base_power(r), G.multiply(G.power(y, r), of_integers(G, tuple(vote))))
    challenge = hash_commitments(G, _prefix(y, S0, c), [G.base_power(w)])
    return NonHomomorphicAnswer(c, Proof(challenge, (w - r * challenge) % G.q))


def raw_answer_faults(G: Group, y: Element, S0: str, answer: NonHomomorphicAnswer) -> Iterator[InvalidMessage]:
    """Yield every fault of an encrypted answer: its elements, then the proof of knowledge.

    The proof covers credential and ciphertext, so no one can cast another voter's choice again, or a variant of it.
    """
    try:
        G.check(answer.choice.beta)
        if not is_knowledge(G, _prefix(y, S0, answer.choice), answer.choice.alpha, answer.proof):
            yield InvalidBallot(Reason.INDIVIDUAL_PROOF, "its maker is not proved to know the vote")
    except InvalidElement as fault:
        yield fault


def _prefix(y: Element, S0: str, c: Ciphertext) -> str:
    return f"raweg|{S0}|{element_text(y)},{element_text(c.alpha)},{element_text(c.beta)}|"
