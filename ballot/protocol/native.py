"""The group Ed25519 in this project's C (native/ in the repository), where it was built: fast, for public data only.

It gives the same bytes and refusals as `group.Ed25519`. Tests compare it with that class and with plain integers, and
run it under the sanitizers. It is fast for three reasons. (1) One call computes the commitments of a whole proof; the
subgroup check and every disjunct share the doublings of a point. (2) Generator and election key have tables.
(3) Points are cached by their bytes, within bounds, so that a result is not decoded and checked again.

Its time depends on the exponents, so `keeps_secrets` is False, and functions with a secret exponent refuse it
(`group.check_keeps_secrets`). What is *not* done here: hashing, and deciding where the identity is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from ballot.protocol import _native
from ballot.protocol.errors import InvalidElement, Reason
from ballot.protocol.group import Disjunct, Ed25519, Element, check_exponent, default_disjunct_commitments, element_text

MAX_POINTS = 2**12
"""Of 200 bytes each: enough for about a hundred ballots and the running products."""
MAX_TABLES = 16
"""Of half a megabyte each, one for each election key."""
OFTEN = 16
"""Proofs under one key after which a table saves time."""

Learnt = TypeVar("Learnt")


@cache
def _generator_table() -> _native.Table:
    return _native.make_table(_decode(NativeEd25519.g))


class NativeEd25519:
    """The group Ed25519 in C: not constant in time, so for public exponents only."""

    name = "Ed25519"
    backend = "C of our own (native)"
    keeps_secrets = False
    q = Ed25519.q
    g = Element(bytes.fromhex("58" + "66" * 31))
    one = Ed25519.one

    def __init__(self) -> None:
        self._points: dict[Element, _native.Point] = {}
        """The points of elements known to be in the group."""
        self._tables: dict[Element, _native.Table] = {}
        self._proofs: dict[Element, int] = {}
        """The number of proofs seen under each key that has no table yet."""

    def __reduce__(self) -> tuple[type[NativeEd25519], tuple[()]]:
        return type(self), ()  # a worker process starts with empty caches

    def check(self, P: Element) -> None:
        self._known(P)

    def power(self, P: Element, s: int) -> Element:
        check_exponent(self, s)
        return self._element(_native.multiple(self._known(P), s.to_bytes(32, "little")))

    def base_power(self, s: int) -> Element:
        check_exponent(self, s)
        return self._element(_native.table_multiple(_generator_table(), s.to_bytes(32, "little")))

    def multiply(self, P: Element, Q: Element) -> Element:
        return self._combine(P, Q, _native.add)

    def divide(self, P: Element, Q: Element) -> Element:
        return self._combine(P, Q, _native.subtract)

    def product(self, elements: Sequence[Element]) -> Element:
        points = [self._points.get(P) for P in elements]
        known = [point for point in points if point is not None]
        if len(known) == len(points):
            return self._element(_native.total(known))
        return Element(_native.encode(_native.total([A or _decode(P) for A, P in zip(points, elements, strict=True)])))

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        for s in (response, challenge):
            check_exponent(self, s)
        exponents = response.to_bytes(32, "little") + challenge.to_bytes(32, "little")
        point, unknown = self._seen(claimed)
        found = _native.commitment(_generator_table(), point, unknown, exponents)
        if found is None:
            raise _outside(claimed)
        if unknown:
            _keep(self._points, MAX_POINTS, claimed, point)
        return Element(found)

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        table = self._table(y)
        if table is None:
            return default_disjunct_commitments(self, y, alpha, beta, disjuncts)
        (A, new_alpha), (B, new_beta) = self._seen(alpha), self._seen(beta)
        for _, challenge, response in disjuncts:
            check_exponent(self, challenge)
            check_exponent(self, response)
        exponents = b"".join(
            number.to_bytes(32, "little")
            for M, challenge, response in disjuncts
            for number in (response, challenge, -M * challenge % self.q)
        )
        found = _native.disjuncts(_generator_table(), table, A, new_alpha, B, new_beta, len(disjuncts), exponents)
        if found is None:
            self.check(alpha)
            raise _outside(beta)
        _keep(self._points, MAX_POINTS, alpha, A)
        _keep(self._points, MAX_POINTS, beta, B)
        return [Element(found[i : i + 32]) for i in range(0, len(found), 32)]

    def _combine(
        self, P: Element, Q: Element, operation: Callable[[_native.Point, _native.Point], _native.Point]
    ) -> Element:
        A, B = self._points.get(P), self._points.get(Q)
        if A is not None and B is not None:
            return self._element(operation(A, B))
        return Element(_native.encode(operation(A or _decode(P), B or _decode(Q))))

    # -- Caches -------------------------------------------------------------------------------------------------

    def _known(self, P: Element) -> _native.Point:
        """The point of an element; raises InvalidElement unless it is in the group."""
        point, unknown = self._seen(P)
        if unknown:
            if not _native.is_in_group(point):
                raise _outside(P)
            _keep(self._points, MAX_POINTS, P, point)
        return point

    def _seen(self, P: Element) -> tuple[_native.Point, bool]:
        """The point of an element, and whether it must still be checked."""
        point = self._points.get(P)
        return (_decode(P), True) if point is None else (point, False)

    def _element(self, point: _native.Point) -> Element:
        """The bytes of a result computed from elements of the group, cached: it is in the group too."""
        data = Element(_native.encode(point))
        _keep(self._points, MAX_POINTS, data, point)
        return data

    def _table(self, y: Element) -> _native.Table | None:
        """The table of an election key; None until it has been used OFTEN times."""
        table = self._tables.get(y)
        if table is not None:
            return table
        proofs = self._proofs.get(y, 0) + 1
        if proofs < OFTEN:
            _keep(self._proofs, MAX_POINTS, y, proofs)
            return None
        self._proofs.pop(y, None)
        return _keep(self._tables, MAX_TABLES, y, _native.make_table(self._known(y)))


def _decode(P: Element) -> _native.Point:
    point = _native.decode(P)
    if point is None:
        raise InvalidElement(Reason.ELEMENT_SUBGROUP, f"{element_text(P)} is not on the curve")
    return point


def _outside(P: Element) -> InvalidElement:
    return InvalidElement(Reason.ELEMENT_SUBGROUP, f"{element_text(P)} is not in the prime-order subgroup")


def _keep(memory: dict[Element, Learnt], room: int, P: Element, learnt: Learnt) -> Learnt:
    """Cache `learnt`. A full cache is emptied first, which is safe when several threads do it at once."""
    if len(memory) >= room and P not in memory:
        memory.clear()
    memory[P] = learnt
    return learnt
