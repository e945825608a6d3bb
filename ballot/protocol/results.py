"""The result: the discrete logarithms of the decrypted totals, and the integers of shuffled votes.

Spec: Messages, Election result. Baby-step giant-step with one table for all entries and both signs of a step:
an element and its inverse differ only in the sign bit, so a table of m entries spans 2m + 1 values.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import isqrt

from ballot.protocol.canonical import array, check_canonical, fields, parse_json, write_json
from ballot.protocol.decryption import Factors
from ballot.protocol.embedding import to_integers
from ballot.protocol.errors import InvalidDecryption, Reason
from ballot.protocol.group import Element, Group
from ballot.protocol.kinds import Question, flatten_lists, nest_lists
from ballot.protocol.non_homomorphic import NonHomomorphicQuestion
from ballot.protocol.tally import EncryptedTally, weight_from_json, weight_to_json

Result = tuple[tuple[int, ...], ...]
"""One row per question, one total per choice, with a leading total of blank votes where they are allowed.

Of a question whose answers are shuffled, the row has the numbers of one vote after the other.
"""


def result_to_bytes(result: Result, questions: Sequence[Question] = ()) -> bytes:
    """The canonical bytes of the result. `questions` are needed where one of them is not homomorphic."""
    rows = nest_lists(questions, [[weight_to_json(total) for total in row] for row in result])
    for i, (question, row) in enumerate(zip(questions, result, strict=False)):
        if isinstance(question, NonHomomorphicQuestion):
            n = max(1, len(question.answers))
            rows[i] = [list(row[j : j + n]) for j in range(0, len(row), n)]
    return write_json({"result": rows})


def parse_result(data: bytes, questions: Sequence[Question] = ()) -> Result:
    """The result written as `data`; raises InvalidMessage unless it is canonical.

    `questions` are needed where one of them is not homomorphic.
    """
    value = fields(parse_json(data), ("result",))
    rows = flatten_lists(questions, value["result"])
    for i, (question, row) in enumerate(zip(questions, rows, strict=False)):
        if isinstance(question, NonHomomorphicQuestion):
            rows[i] = [v for vote in row for v in array(vote, len(question.answers))]
    result = tuple(tuple(weight_from_json(total) for total in row) for row in rows)
    check_canonical(data, value, "the result")
    return result


class DiscreteLogarithm:
    """Logarithms to base g in [0, maximum]; one table serves every entry."""

    def __init__(self, G: Group, maximum: int) -> None:
        self.G = G
        self.maximum = maximum
        self._m = max(1, isqrt(maximum // 2) + 1)
        self._table: dict[bytes, int] = {}

    def _unsigned(self, P: Element) -> bytes:
        return P[:31] + bytes([P[31] & 0x7F])

    def _make_table(self) -> None:
        P = self.G.one
        for j in range(self._m + 1):
            self._table.setdefault(self._unsigned(P), j)
            P = self.G.multiply(P, self.G.g)

    def log(self, P: Element) -> int:
        """The k in [0, maximum] with g^k = P; raises InvalidDecryption if there is none."""
        if not self._table:
            self._make_table()
        G, step = self.G, 2 * self._m + 1
        giant = G.base_power(step % G.q)
        current = P
        for i in range(self.maximum // step + 2):
            j = self._table.get(self._unsigned(current))
            if j is not None:
                for k in (i * step + j, i * step - j):
                    if 0 <= k <= self.maximum and G.base_power(k % G.q) == P:
                        return k
            current = G.divide(current, giant)
        raise InvalidDecryption(Reason.RESULT, f"a total has no logarithm from 0 to {self.maximum}")


def opened(G: Group, tally: EncryptedTally, factors: Factors) -> Factors:
    """beta / F for every ciphertext: g to the power of each total, or the element that holds a shuffled vote."""
    return tuple(
        tuple(G.divide(c.beta, F) for c, F in zip(row, row_factors, strict=True))
        for row, row_factors in zip(tally, factors, strict=True)
    )


def compute_result(
    G: Group, tally: EncryptedTally, factors: Factors, total_weight: int, questions: Sequence[Question] = ()
) -> Result:
    """The totals and shuffled votes; raises InvalidDecryption if a total is not from 0 to the total weight.

    `questions` are needed where the answers of one of them are shuffled.
    """
    logarithm = DiscreteLogarithm(G, total_weight)
    return tuple(
        _votes(question, row) if isinstance(question, NonHomomorphicQuestion) else tuple(map(logarithm.log, row))
        for question, row in zip_longest(questions, opened(G, tally, factors))
    )


def _votes(question: NonHomomorphicQuestion, row: Sequence[Element]) -> tuple[int, ...]:
    return tuple(v for P in row for v in to_integers(P, len(question.answers)))


def check_result(
    G: Group, tally: EncryptedTally, factors: Factors, result: Result, questions: Sequence[Question] = ()
) -> None:
    """Raise InvalidDecryption unless the shares open to exactly this result. Computes no logarithm.

    `questions` are needed where the answers of one of them are shuffled.
    """
    rows = opened(G, tally, factors)
    holds = len(rows) == len(result)
    for question, row, found in zip_longest(questions, rows, result, fillvalue=()):
        if isinstance(question, NonHomomorphicQuestion):
            holds = holds and _votes(question, row) == found
        else:
            holds = holds and row == tuple(G.base_power(total % G.q) for total in found)
            holds = holds and all(total < G.q for total in found)
    if not holds:
        raise InvalidDecryption(Reason.RESULT, "the shares do not open to the result")
