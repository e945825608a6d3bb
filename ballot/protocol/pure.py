"""The group Ed25519 in pure Python, for a machine that has no PyNaCl. Slow, and for public data only.

It gives the same bytes and refusals as `group.Ed25519`; tests compare the two. An audit repeats itself, so there are
bounded caches: points by their bytes, the doublings of the last bases, and tables for bases used often (the election's
key). What is *not* done here: anything with a secret. `keeps_secrets` is False, and functions with a secret exponent
check that first (`group.check_keeps_secrets`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from ballot.protocol import edwards
from ballot.protocol.edwards import Chain, Operation, Point, Table
from ballot.protocol.errors import InvalidElement, Reason
from ballot.protocol.group import (
    Disjunct,
    Ed25519,
    Element,
    check_exponent,
    default_disjunct_commitments,
    default_product,
    element_text,
    off_the_curve,
)

MAX_POINTS = 2**13
MAX_CHAINS = 2**6
MAX_TABLES = 4
OFTEN = 100
"""Powers of one base after which a table saves time."""

Learnt = TypeVar("Learnt")


@cache
def _generator_table() -> Table:
    return edwards.make_table(edwards.GENERATOR)


class PureEd25519:
    """The group Ed25519 in Python's own integers: not constant in time, so for public exponents only."""

    name = "Ed25519"
    backend = "pure Python (slow: some tens of ballots a second)"
    keeps_secrets = False
    q = edwards.q
    g = Element(edwards.GENERATOR_BYTES)
    one = Ed25519.one

    def __init__(self) -> None:
        self._points: dict[Element, Point] = {}
        """The points of elements known to be in the group."""
        self._powers: dict[Element, int] = {}
        self._chains: dict[Element, Chain] = {}
        self._tables: dict[Element, Table] = {}

    def __reduce__(self) -> tuple[type[PureEd25519], tuple[()]]:
        return type(self), ()  # a worker process starts with empty caches

    def check(self, P: Element) -> None:
        if P in self._points:
            return
        point = edwards.decode(P)
        if point is None or not edwards.is_neutral(edwards.multiple(self.q, self._chain(P, point))):
            raise InvalidElement(Reason.ELEMENT_SUBGROUP, f"{element_text(P)} is not in the prime-order subgroup")
        _keep(self._points, MAX_POINTS, P, point)

    def power(self, P: Element, s: int) -> Element:
        check_exponent(self, s)
        self.check(P)
        if not s or self.one == P:
            return self.one
        self._count(P)
        if P in self._tables:
            return self._element(edwards.table_multiple(s, self._tables[P]))
        return self._element(edwards.multiple(s, self._chain(P, self._points[P])))

    def base_power(self, s: int) -> Element:
        check_exponent(self, s)
        return self._element(edwards.table_multiple(s, _generator_table()))

    def multiply(self, P: Element, Q: Element) -> Element:
        return self._combine(P, Q, edwards.add)

    def divide(self, P: Element, Q: Element) -> Element:
        return self._combine(P, Q, edwards.subtract)

    def product(self, elements: Sequence[Element]) -> Element:
        return default_product(self, elements)

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        return self.multiply(self.base_power(response), self.power(claimed, challenge))

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        return default_disjunct_commitments(self, y, alpha, beta, disjuncts)

    def _combine(self, P: Element, Q: Element, operation: Operation) -> Element:
        A, B = self._points.get(P), self._points.get(Q)
        if A is not None and B is not None:
            return self._element(operation(A, B))
        A, B = A or edwards.decode(P), B or edwards.decode(Q)
        if A is None or B is None:
            raise off_the_curve(P, Q)
        return Element(edwards.encode(operation(A, B)))  # on the curve, but not known to be in the group: not cached

    # -- Caches -------------------------------------------------------------------------------------------------

    def _element(self, point: Point) -> Element:
        """The bytes of a result computed from elements of the group, cached: it is in the group too."""
        data = Element(edwards.encode(point))
        _keep(self._points, MAX_POINTS, data, point)
        return data

    def _chain(self, P: Element, point: Point) -> Chain:
        chain = self._chains.get(P)
        return chain or _keep(self._chains, MAX_CHAINS, P, edwards.make_chain(point))

    def _count(self, P: Element) -> None:
        """Count a power of P; make its table at OFTEN, and restart the count: an evicted table is not remade soon."""
        powers = self._powers.get(P, 0) + 1
        if powers >= OFTEN and P not in self._tables:
            _keep(self._tables, MAX_TABLES, P, edwards.make_table(self._points[P]))
            powers = 0
        _keep(self._powers, MAX_POINTS, P, powers)


def _keep(memory: dict[Element, Learnt], room: int, P: Element, learnt: Learnt) -> Learnt:
    """Cache `learnt`; a full cache drops its oldest entry."""
    if len(memory) >= room and P not in memory:
        del memory[next(iter(memory))]
    memory[P] = learnt
    return learnt
