"""Two backends that must agree: both do every operation, and the first difference ends the verification.

An auditor who trusts neither alone uses `--cross-check`. A refusal counts as an answer: both must refuse, for the
same reason. What is *not* done here: saying which of the two is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ballot.protocol.errors import InvalidElement
from ballot.protocol.group import Disjunct, Element, Group

Answer = TypeVar("Answer")


class Disagreement(Exception):
    """The two backends gave different answers: at least one is wrong, so no answer of this run can be used."""


class CrossChecked:
    """A group that gives an answer only where two backends agree."""

    def __init__(self, first: Group, second: Group) -> None:
        self._first, self._second = first, second
        self.name, self.q, self.g, self.one = first.name, first.q, first.g, first.one
        self.backend = f"{first.backend}, cross-checked by {second.backend}"
        self.keeps_secrets = first.keeps_secrets and second.keeps_secrets
        if (first.q, first.g, first.one) != (second.q, second.g, second.one):
            raise Disagreement(f"{first.backend} and {second.backend} are not of one group")

    def __reduce__(self) -> tuple[type[CrossChecked], tuple[Group, Group]]:
        return type(self), (self._first, self._second)

    @property
    def parts(self) -> tuple[Group, Group]:
        """The two backends."""
        return self._first, self._second

    def check(self, P: Element) -> None:
        self._both("check", lambda G: G.check(P))

    def power(self, P: Element, s: int) -> Element:
        return self._both("power", lambda G: G.power(P, s))

    def base_power(self, s: int) -> Element:
        return self._both("base_power", lambda G: G.base_power(s))

    def multiply(self, P: Element, Q: Element) -> Element:
        return self._both("multiply", lambda G: G.multiply(P, Q))

    def divide(self, P: Element, Q: Element) -> Element:
        return self._both("divide", lambda G: G.divide(P, Q))

    def product(self, elements: Sequence[Element]) -> Element:
        return self._both("product", lambda G: G.product(elements))

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        return self._both("commitment", lambda G: G.commitment(response, claimed, challenge))

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        return self._both("disjunct_commitments", lambda G: G.disjunct_commitments(y, alpha, beta, disjuncts))

    def _both(self, operation: str, act: Callable[[Group], Answer]) -> Answer:
        first, second = _try(self._first, act), _try(self._second, act)
        if isinstance(first, InvalidElement) and isinstance(second, InvalidElement) and first.reason is second.reason:
            raise first
        if isinstance(first, InvalidElement) or isinstance(second, InvalidElement) or first != second:
            raise Disagreement(f"{self._first.backend} and {self._second.backend} differ in {operation}")
        return first


def _try(G: Group, act: Callable[[Group], Answer]) -> Answer | InvalidElement:
    try:
        return act(G)
    except InvalidElement as fault:
        return fault
