"""Homomorphic questions and their encrypted answers.

Spec: Messages, Questions; Encrypted answers, Homomorphic answers. A vote is a vector of 0 and 1 with one entry
for each answer, and a leading entry for the blank vote where `blank` is allowed. What is *not* done here: the other
two types of question (non_homomorphic.py, list_questions.py; kinds.py for all three).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, boolean, fields, integer, parse_json, text, write_json
from ballot.protocol.elgamal import Ciphertext, combine, encrypt
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text
from ballot.protocol.proofs import (
    Opening,
    Proof,
    is_blank,
    is_interval,
    is_overall_or_blank,
    proofs_from_json,
    prove_blank,
    prove_interval,
    prove_overall_or_blank,
)

BIT = range(2)


@dataclass(frozen=True, slots=True)
class HomomorphicQuestion:
    """question_h: select `min` to `max` of the answers, or none if `blank` is allowed."""

    answers: tuple[str, ...]
    min: int
    max: int
    question: str
    blank: bool | None = None
    extra: bytes | None = None
    """A hint as JSON, which the specification does not explain. With one, the question is written as a question_gen."""

    @property
    def length(self) -> int:
        """The number of ciphertexts in an answer."""
        return len(self.answers) + (1 if self.blank else 0)

    @property
    def interval(self) -> range:
        return range(self.min, self.max + 1)

    def to_json(self) -> Json:
        blank = {} if self.blank is None else {"blank": self.blank}
        value = {
            "answers": list(self.answers),
            **blank,
            "min": self.min,
            "max": self.max,
            "question": self.question,
        }
        return value if self.extra is None else {"type": "Homomorphic", "value": value, "extra": parse_json(self.extra)}

    @classmethod
    def from_json(cls, value: Json) -> HomomorphicQuestion:
        extra = None
        if isinstance(value, dict) and "type" in value:
            value = fields(value, ("type", "value", "extra"))
            value, extra = value["value"], write_json(value["extra"])
        value = fields(value, ("answers", "blank", "min", "max", "question"), optional=("blank",))
        answers = tuple(text(answer) for answer in array(value["answers"]))
        low = integer(value["min"], 0, len(answers))
        high = integer(value["max"], low, len(answers))
        blank = boolean(value["blank"]) if "blank" in value else None
        return cls(answers, low, high, text(value["question"]), blank, extra)


@dataclass(frozen=True, slots=True)
class Answer:
    """answer_h: encrypted bits, a proof for each, a proof for their sum, and a blank proof where `blank` is allowed."""

    choices: tuple[Ciphertext, ...]
    individual_proofs: tuple[tuple[Proof, ...], ...]
    overall_proof: tuple[Proof, ...]
    blank_proof: tuple[Proof, ...] | None = None

    def to_json(self) -> Json:
        value = {
            "choices": [c.to_json() for c in self.choices],
            "individual_proofs": [[proof.to_json() for proof in proofs] for proofs in self.individual_proofs],
            "overall_proof": [proof.to_json() for proof in self.overall_proof],
        }
        if self.blank_proof is not None:
            value["blank_proof"] = [proof.to_json() for proof in self.blank_proof]
        return value

    @classmethod
    def from_json(cls, G: Group, value: Json) -> Answer:
        names = ("choices", "individual_proofs", "overall_proof", "blank_proof")
        value = fields(value, names, optional=("blank_proof",))
        return cls(
            tuple(Ciphertext.from_json(c) for c in array(value["choices"])),
            tuple(proofs_from_json(G, proofs) for proofs in array(value["individual_proofs"])),
            proofs_from_json(G, value["overall_proof"]),
            proofs_from_json(G, value["blank_proof"]) if "blank_proof" in value else None,
        )


def check_vote(question: HomomorphicQuestion, vote: Sequence[int]) -> None:
    """Raise ValueError unless the question allows this plain vote."""
    if len(vote) != question.length or any(m not in (0, 1) for m in vote):
        raise ValueError(f"a vote here is {question.length} entries of 0 or 1")
    if question.blank and vote[0] == 1:
        if any(vote[1:]):
            raise ValueError("a blank vote selects nothing else")
    elif sum(vote) not in question.interval:
        raise ValueError(f"a vote here selects from {question.min} to {question.max} answers")


def create_answer(
    G: Group, y: Element, S0: str, question: HomomorphicQuestion, vote: Sequence[int], rng: Rng
) -> Answer:
    """Encrypt and prove a plain vote; S0 is `election hash|credential`. Raises ValueError for a vote not allowed."""
    check_vote(question, vote)
    check_keeps_secrets(G)
    r = [rng(G.q) for _ in vote]
    choices = tuple(encrypt(G, y, r_j, m) for r_j, m in zip(r, vote, strict=True))
    individual = tuple(
        prove_interval(G, y, S0, r_j, m, BIT, c, rng) for r_j, m, c in zip(r, vote, choices, strict=True)
    )
    S = f"{S0}|{choices_text(choices)}"
    first = 1 if question.blank else 0
    sigma = Opening(combine(G, choices[first:]), sum(r[first:]) % G.q, sum(vote[first:]))
    if not question.blank:
        overall = prove_interval(G, y, S, sigma.r, sigma.m - question.min, question.interval, sigma.c, rng)
        return Answer(choices, individual, overall)
    zero = Opening(choices[0], r[0], vote[0])
    overall = prove_overall_or_blank(G, y, S, zero, sigma, question.interval, rng)
    return Answer(choices, individual, overall, prove_blank(G, y, S, zero, sigma, rng))


def answer_faults(
    G: Group, y: Element, S0: str, question: HomomorphicQuestion, answer: Answer
) -> Iterator[InvalidMessage]:
    """Yield every fault of an encrypted answer, cheap ones first; none if it is provably a valid vote.

    (1) It has the question's shape, (2) every choice is proved 0 or 1, (3) their sum is proved to be allowed,
    (4) where blank votes are allowed, a blank one is proved to be only blank.
    An element outside the group is the last fault: nothing after it can be computed.
    """
    if len(answer.choices) != question.length or len(answer.individual_proofs) != question.length:
        yield InvalidBallot(Reason.WRONG_SHAPE, f"expected {question.length} choices, each with its proof")
        return
    if (answer.blank_proof is None) == bool(question.blank):
        yield InvalidBallot(Reason.WRONG_SHAPE, "expected a blank proof exactly if blank votes are allowed")
        return
    try:
        yield from _proof_faults(G, y, S0, question, answer)
    except InvalidElement as fault:
        yield fault


def _proof_faults(
    G: Group, y: Element, S0: str, question: HomomorphicQuestion, answer: Answer
) -> Iterator[InvalidMessage]:
    for j, (c, proofs) in enumerate(zip(answer.choices, answer.individual_proofs, strict=True)):
        if not is_interval(G, y, S0, BIT, c, proofs):
            yield InvalidBallot(Reason.INDIVIDUAL_PROOF, f"choice {j} is not proved to be 0 or 1")
    S = f"{S0}|{choices_text(answer.choices)}"
    sigma = combine(G, answer.choices[1 if question.blank else 0 :])
    if answer.blank_proof is None:
        if not is_interval(G, y, S, question.interval, sigma, answer.overall_proof):
            yield InvalidBallot(Reason.OVERALL_PROOF, "the sum of the choices is not proved to be allowed")
        return
    zero = answer.choices[0]
    if not is_overall_or_blank(G, y, S, zero, sigma, question.interval, answer.overall_proof):
        yield InvalidBallot(Reason.OVERALL_PROOF, "the sum of the choices is not proved to be allowed")
    if not is_blank(G, y, S, zero, sigma, answer.blank_proof):
        yield InvalidBallot(Reason.BLANK_PROOF, "a blank vote is not proved to select nothing else")


def choices_text(choices: Sequence[Ciphertext]) -> str:
    """The choices as they are hashed: alpha, comma, beta, comma, ..."""
    return ",".join(f"{element_text(c.alpha)},{element_text(c.beta)}" for c in choices)
