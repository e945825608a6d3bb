"""Lists questions and their encrypted answers, in other people's archives.

Spec: Messages, Questions; Encrypted answers, Lists answers. A vote is a 0 or 1 for each list and each candidate: one
list, and at least one candidate of that list. Votes are added as those of homomorphic questions are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from ballot.protocol.canonical import Json, array, fields, parse_json, text, write_json
from ballot.protocol.elgamal import Ciphertext, combine, encrypt
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets
from ballot.protocol.proofs import (
    NonzeroProof,
    Opening,
    Proof,
    is_interval,
    is_nonzero,
    is_only_selected,
    proofs_from_json,
    prove_interval,
    prove_nonzero,
    prove_only_selected,
)
from ballot.protocol.questions import BIT, choices_text

TYPE = "Lists"
ONE = range(1, 2)

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class ListsQuestion:
    """question_l, in its question_gen: select one list, and at least one candidate of it."""

    lists: tuple[tuple[str, ...], ...]
    """The name of each list, then its candidates."""
    question: str
    extra: bytes | None = None
    """A hint as JSON, which the specification does not explain."""

    @property
    def length(self) -> int:
        """The number of ciphertexts in an answer."""
        return sum(map(len, self.lists))

    def to_json(self) -> Json:
        extra = {} if self.extra is None else {"extra": parse_json(self.extra)}
        value = {"answers": [list(names) for names in self.lists], "question": self.question}
        return {"type": TYPE, "value": value, **extra}

    @classmethod
    def from_json(cls, value: Json) -> ListsQuestion:
        value = fields(value, ("type", "value", "extra"), optional=("extra",))
        asked = fields(value["value"], ("answers", "question"))
        lists = tuple(tuple(text(name) for name in array(names)) for names in array(asked["answers"]))
        if not all(lists):
            raise InvalidMessage(Reason.WRONG_SHAPE, "expected a name for each list")
        extra = write_json(value["extra"]) if "extra" in value else None
        return cls(lists, text(asked["question"]), extra)


@dataclass(frozen=True, slots=True)
class ListsAnswer:
    """answer_l: encrypted bits by list, and the proofs that they are one list with at least one of its candidates."""

    lists: tuple[tuple[Ciphertext, ...], ...]
    individual_proofs: tuple[tuple[tuple[Proof, ...], ...], ...]
    overall_proof: Proof
    list_proofs: tuple[tuple[Proof, ...], ...]
    nonzero_proof: NonzeroProof

    @property
    def choices(self) -> tuple[Ciphertext, ...]:
        """All ciphertexts, list after list."""
        return tuple(chain.from_iterable(self.lists))

    def to_json(self) -> Json:
        return {
            "choices": [[c.to_json() for c in row] for row in self.lists],
            "individual_proofs": [
                [[proof.to_json() for proof in proofs] for proofs in row] for row in self.individual_proofs
            ],
            "overall_proof": self.overall_proof.to_json(),
            "list_proofs": [[proof.to_json() for proof in proofs] for proofs in self.list_proofs],
            "nonzero_proof": self.nonzero_proof.to_json(),
        }

    @classmethod
    def from_json(cls, G: Group, value: Json) -> ListsAnswer:
        names = ("choices", "individual_proofs", "overall_proof", "list_proofs", "nonzero_proof")
        value = fields(value, names)
        return cls(
            tuple(tuple(Ciphertext.from_json(c) for c in array(row)) for row in array(value["choices"])),
            tuple(
                tuple(proofs_from_json(G, proofs) for proofs in array(row)) for row in array(value["individual_proofs"])
            ),
            Proof.from_json(G, value["overall_proof"]),
            tuple(proofs_from_json(G, proofs) for proofs in array(value["list_proofs"])),
            NonzeroProof.from_json(G, value["nonzero_proof"]),
        )


def in_lists(question: ListsQuestion, flat: Sequence[Entry]) -> list[list[Entry]]:
    """The entries of a flat row, by list."""
    entries = iter(flat)
    return [[next(entries) for _ in names] for names in question.lists]


def check_lists_vote(question: ListsQuestion, vote: Sequence[int]) -> None:
    """Raise ValueError unless the question allows this plain vote, which is flat: list after list."""
    if len(vote) != question.length or any(m not in (0, 1) for m in vote):
        raise ValueError(f"a vote here is {question.length} entries of 0 or 1")
    rows = in_lists(question, vote)
    if sum(row[0] for row in rows) != 1 or any(sum(row[1:]) for row in rows if not row[0]):
        raise ValueError("a vote here selects one list, and candidates of no other")
    if not any(sum(row[1:]) for row in rows):
        raise ValueError("a vote here selects at least one candidate")


def create_lists_answer(
    G: Group, y: Element, S0: str, question: ListsQuestion, vote: Sequence[int], rng: Rng
) -> ListsAnswer:
    """Encrypt and prove a plain vote, which is flat. Raises: NotForSecrets; ValueError for a vote not allowed."""
    check_lists_vote(question, vote)
    check_keeps_secrets(G)
    opened = [Opening(encrypt(G, y, r, m), r, m) for m, r in ((m, rng(G.q)) for m in vote)]
    individual = [prove_interval(G, y, S0, each.r, each.m, BIT, each.c, rng) for each in opened]
    rows = in_lists(question, opened)
    S = f"{S0}|{choices_text([each.c for each in opened])}"
    names = _sum(G, [row[0] for row in rows])
    (overall,) = prove_interval(G, y, S, names.r, 0, ONE, names.c, rng)
    list_proofs = tuple(prove_only_selected(G, y, S, row[0], _sum(G, row[1:]), rng) for row in rows)
    candidates = _sum(G, [each for row in rows for each in row[1:]])
    return ListsAnswer(
        tuple(tuple(each.c for each in row) for row in rows),
        tuple(tuple(row) for row in in_lists(question, individual)),
        overall,
        list_proofs,
        prove_nonzero(G, y, S, candidates, rng),
    )


def _sum(G: Group, parts: Sequence[Opening]) -> Opening:
    r, m = sum(each.r for each in parts) % G.q, sum(each.m for each in parts)
    return Opening(combine(G, [each.c for each in parts]), r, m)


def lists_answer_faults(
    G: Group, y: Element, S0: str, question: ListsQuestion, answer: ListsAnswer
) -> Iterator[InvalidMessage]:
    """Yield every fault of an encrypted answer, cheap ones first; none if it is provably a valid vote.

    (1) It has the question's shape, (2) every entry is proved 0 or 1, (3) one list is selected, (4) candidates of no
    other list are, (5) at least one candidate is. An element outside the group is the last fault.
    """
    shape = [len(names) for names in question.lists]
    if (
        [len(row) for row in answer.lists] != shape
        or [len(row) for row in answer.individual_proofs] != shape
        or len(answer.list_proofs) != len(shape)
    ):
        yield InvalidBallot(Reason.WRONG_SHAPE, "expected every list with all its candidates, each with its proof")
        return
    try:
        yield from _proof_faults(G, y, S0, answer)
    except InvalidElement as fault:
        yield fault


def _proof_faults(G: Group, y: Element, S0: str, answer: ListsAnswer) -> Iterator[InvalidMessage]:
    individual = chain.from_iterable(answer.individual_proofs)
    for j, (c, proofs) in enumerate(zip(answer.choices, individual, strict=True)):
        if not is_interval(G, y, S0, BIT, c, proofs):
            yield InvalidBallot(Reason.INDIVIDUAL_PROOF, f"choice {j} is not proved to be 0 or 1")
    S = f"{S0}|{choices_text(answer.choices)}"
    if not is_interval(G, y, S, ONE, combine(G, [row[0] for row in answer.lists]), [answer.overall_proof]):
        yield InvalidBallot(Reason.OVERALL_PROOF, "not proved that exactly one list is selected")
    for i, (row, proofs) in enumerate(zip(answer.lists, answer.list_proofs, strict=True)):
        if not is_only_selected(G, y, S, row[0], combine(G, row[1:]), proofs):
            yield InvalidBallot(Reason.OVERALL_PROOF, f"list {i} is not proved to be selected or without candidates")
    candidates = combine(G, [c for row in answer.lists for c in row[1:]])
    if not is_nonzero(G, y, S, candidates, answer.nonzero_proof):
        yield InvalidBallot(Reason.OVERALL_PROOF, "not proved that at least one candidate is selected")
