"""A group in which every logarithm is known, to make valid ballots for measurements at a third of the cost.

Whoever holds every key of an election knows the logarithm of all that it computes, so that each operation is one power
of the generator, by the quickest backend there is. The ballots that come out are like any others: random, distinct,
every proof valid. Their secrecy is nothing, since whoever made them holds the keys; never use this for a vote.
"""

from __future__ import annotations

from collections.abc import Sequence

from ballot.protocol.backends import choose
from ballot.protocol.group import Disjunct, Ed25519, Element

ROOM = 4096
"""Logarithms remembered besides those that were told."""


class KnownLogs(Ed25519):
    """The group Ed25519, its elements made out of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.backend = "known logarithms, for measurements"
        self._base = choose()
        self._told: dict[Element, int] = {self.g: 1, self.one: 0}
        self._made: dict[Element, int] = {}

    def tell(self, element: Element, log: int) -> None:
        """The logarithm of an element that was made elsewhere, such as the election's key."""
        if self._base.base_power(log) != element:
            raise ValueError("that is not its logarithm")
        self._told[element] = log

    def base_power(self, s: int) -> Element:
        made = self._base.base_power(s)
        if len(self._made) >= ROOM:
            self._made.clear()
        self._made[made] = s
        return made

    def power(self, element: Element, s: int) -> Element:
        log = self._log(element)
        return super().power(element, s) if log is None else self.base_power(log * s % self.q)

    def multiply(self, one: Element, other: Element) -> Element:
        return self.product([one, other])

    def product(self, elements: Sequence[Element]) -> Element:
        logs = [self._log(element) for element in elements]
        if None in logs:
            return self._base.product(elements)
        return self.base_power(sum(log for log in logs if log is not None) % self.q)

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        x, a, b = self._log(y), self._log(alpha), self._log(beta)
        if x is None or a is None or b is None:
            return super().disjunct_commitments(y, alpha, beta, disjuncts)
        return [
            self._base.base_power(log % self.q)
            for M, challenge, response in disjuncts
            for log in (response + a * challenge, x * response + (b - M) * challenge)
        ]

    def _log(self, element: Element) -> int | None:
        log = self._told.get(element)
        return self._made.get(element) if log is None else log
