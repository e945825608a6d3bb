"""The result: the discrete logarithms of the decrypted totals.

Spec: Messages, Election result. Baby-step giant-step with one table for all entries and both signs of a step:
an element and its inverse differ only in the sign bit, so a table of m entries spans 2m + 1 values.
"""

from __future__ import annotations

from math import isqrt

from ballot.protocol.canonical import array, check_canonical, fields, parse_json, write_json
from ballot.protocol.decryption import Factors
from ballot.protocol.errors import InvalidDecryption, Reason
from ballot.protocol.group import Element, Group
from ballot.protocol.tally import EncryptedTally, weight_from_json, weight_to_json

Result = tuple[tuple[int, ...], ...]
"""One row per question, one total per choice, with a leading total of blank votes where they are allowed."""


def result_to_bytes(result: Result) -> bytes:
    """The canonical bytes of the result."""
    return write_json({"result": [[weight_to_json(total) for total in row] for row in result]})


def parse_result(data: bytes) -> Result:
    """The result written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("result",))
    result = tuple(tuple(weight_from_json(total) for total in array(row)) for row in array(value["result"]))
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
    """beta / F for every ciphertext: g to the power of each total."""
    return tuple(
        tuple(G.divide(c.beta, F) for c, F in zip(row, row_factors, strict=True))
        for row, row_factors in zip(tally, factors, strict=True)
    )


def compute_result(G: Group, tally: EncryptedTally, factors: Factors, total_weight: int) -> Result:
    """The totals; raises InvalidDecryption if one is not from 0 to the total weight."""
    logarithm = DiscreteLogarithm(G, total_weight)
    return tuple(tuple(logarithm.log(P) for P in row) for row in opened(G, tally, factors))


def check_result(G: Group, tally: EncryptedTally, factors: Factors, result: Result) -> None:
    """Raise InvalidDecryption unless the shares open to exactly this result. Computes no logarithm."""
    expected = tuple(tuple(G.base_power(total % G.q) for total in row) for row in result)
    if opened(G, tally, factors) != expected or any(total >= G.q for row in result for total in row):
        raise InvalidDecryption(Reason.RESULT, "the shares do not open to the result")
