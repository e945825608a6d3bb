"""The encrypted tally: the product of the ballots that count, each to the power of its weight.

Spec: Messages, Encrypted tally; Tallied ballots (`last`). Of a question whose answers are shuffled it holds the
ciphertexts themselves, in ascending order of their bytes: the text does not say so, the reference tool does it.
What is *not* done here: shuffling (shuffles.py) and decrypting.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.protocol.ballots import Ballot
from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import Ciphertext, check_ciphertext, combine, neutral, raise_to
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.group import Element, Group
from ballot.protocol.hashing import Hash, is_hash
from ballot.protocol.kinds import Question, flatten_lists, is_shuffled, nest_lists, row_length
from ballot.protocol.spec import MAX_SMALL_INTEGER

MAX_TOTAL_DIGITS: Final = 40
"""Enough for 10^18 weights of 19 digits each."""

_DIGITS = re.compile(r"0|[1-9][0-9]*")

EncryptedTally = tuple[tuple[Ciphertext, ...], ...]
"""One row per question, one ciphertext per choice; or one per ballot, if its answers are shuffled."""


@dataclass(frozen=True, slots=True)
class SizedEncryptedTally:
    """How many ballots were tallied, their total weight, and the hash of the encrypted tally."""

    num_tallied: int
    total_weight: int
    encrypted_tally: Hash

    def to_bytes(self) -> bytes:
        return write_json(
            {
                "num_tallied": self.num_tallied,
                "total_weight": weight_to_json(self.total_weight),
                "encrypted_tally": self.encrypted_tally,
            }
        )


def parse_sized_encrypted_tally(data: bytes) -> SizedEncryptedTally:
    """The structure written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("num_tallied", "total_weight", "encrypted_tally"))
    if not is_hash(value["encrypted_tally"]):
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a hash")
    sized = SizedEncryptedTally(
        integer(value["num_tallied"]), weight_from_json(value["total_weight"]), Hash(value["encrypted_tally"])
    )
    check_canonical(data, value, "the sized encrypted tally")
    return sized


def weight_to_json(weight: int) -> int | str:
    """A weight as JSON: a number up to 2^30 - 1, a string above."""
    return weight if weight <= MAX_SMALL_INTEGER else str(weight)


def weight_from_json(value: Json) -> int:
    """The weight that `weight_to_json` wrote; raises InvalidMessage for another form, or more than 40 digits."""
    if not isinstance(value, str):
        if type(value) is int and value > MAX_SMALL_INTEGER:
            raise InvalidMessage(Reason.NUMBER_RANGE, f"expected a number above {MAX_SMALL_INTEGER} in quotes")
        return integer(value, 0, MAX_SMALL_INTEGER)
    if not _DIGITS.fullmatch(value):
        raise InvalidMessage(Reason.NUMBER_RANGE, "expected a whole number in base 10, without leading zero")
    if len(value) > MAX_TOTAL_DIGITS:
        detail = f"expected a total of at most {MAX_TOTAL_DIGITS} digits, found one of {len(value)}"
        raise InvalidMessage(Reason.NUMBER_RANGE, detail)
    if int(value) <= MAX_SMALL_INTEGER:
        raise InvalidMessage(Reason.NUMBER_RANGE, f"expected a number up to {MAX_SMALL_INTEGER} without quotes")
    return int(value)


PENDING = 32
"""Ballots that wait to be multiplied together: some backends are faster with several at once; memory is bounded."""


class Tally:
    """A running product over ballots. Memory grows with their number only if answers are shuffled."""

    def __init__(self, G: Group, election: Election) -> None:
        self._G = G
        self._shuffled = [is_shuffled(question) for question in election.questions]
        self._rows: list[list[list[Ciphertext]]] = [
            [[]] if shuffled else [[neutral(G)] for _ in range(question.length)]
            for question, shuffled in zip(election.questions, self._shuffled, strict=True)
        ]
        self.num_tallied = 0
        self.total_weight = 0

    def add(self, choices: Sequence[Sequence[Ciphertext]], weight: int) -> None:
        """Count the choices of one checked ballot `weight` times. Where answers are shuffled, it must be 1."""
        for row, answer, shuffled in zip(self._rows, choices, self._shuffled, strict=True):
            for waiting, c in zip(row, answer, strict=True):
                waiting.append(c if shuffled else raise_to(self._G, c, weight))
        self.num_tallied += 1
        self.total_weight += weight
        if self.num_tallied % PENDING == 0:
            self._multiply()

    def multiply(self, tally: EncryptedTally) -> None:
        """Add the encrypted tally of other ballots of this election, without changing number and weight."""
        for row, other, shuffled in zip(self._rows, tally, self._shuffled, strict=True):
            if shuffled:
                row[0].extend(other)
            else:
                for waiting, c in zip(row, other, strict=True):
                    waiting.append(c)
        self._multiply()

    def _multiply(self) -> None:
        for row, shuffled in zip(self._rows, self._shuffled, strict=True):
            for waiting in row:
                if not shuffled:
                    waiting[:] = [combine(self._G, waiting)]

    @property
    def encrypted(self) -> EncryptedTally:
        self._multiply()
        return tuple(
            tuple(sorted(row[0], key=_bytes_of)) if shuffled else tuple(waiting[0] for waiting in row)
            for row, shuffled in zip(self._rows, self._shuffled, strict=True)
        )


def _bytes_of(c: Ciphertext) -> tuple[bytes, bytes]:
    return c.alpha, c.beta


def divide_tallies(G: Group, election: Election, a: EncryptedTally, b: EncryptedTally) -> EncryptedTally:
    """The tally `a` without the ballots of tally `b`: the pointwise quotient, or what is left of shuffled answers."""
    return tuple(
        tuple((Counter(row) - Counter(other)).elements())
        if is_shuffled(question)
        else tuple(
            Ciphertext(G.divide(c.alpha, d.alpha), G.divide(c.beta, d.beta)) for c, d in zip(row, other, strict=True)
        )
        for question, row, other in zip(election.questions, a, b, strict=True)
    )


def last(ballots: Iterable[Ballot]) -> list[Ballot]:
    """The ballots that count: the last one of each credential, in the order they were cast."""
    counted: dict[Element, Ballot] = {}
    for ballot in ballots:
        counted.pop(ballot.credential, None)
        counted[ballot.credential] = ballot
    return list(counted.values())


def encrypted_tally_to_bytes(tally: EncryptedTally, questions: Sequence[Question] = ()) -> bytes:
    """The canonical bytes of the encrypted tally. `questions` are needed where one of them is a Lists question."""
    return write_json(nest_lists(questions, [[c.to_json() for c in row] for row in tally]))


def parse_encrypted_tally(G: Group, data: bytes, election: Election) -> EncryptedTally:
    """The encrypted tally; raises InvalidMessage unless it is canonical, of the election's shape and in the group.

    Rows of shuffled answers may have any length.
    """
    value = parse_json(data)
    rows = flatten_lists(election.questions, array(value, len(election.questions)))
    tally = tuple(
        tuple(Ciphertext.from_json(c) for c in array(row, row_length(question, len(row))))
        for row, question in zip(rows, election.questions, strict=True)
    )
    check_canonical(data, value, "the encrypted tally")
    for row in tally:
        for c in row:
            check_ciphertext(G, c)
    return tally
