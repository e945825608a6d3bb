"""Small integers as group elements, and further generators of the group.

Spec: Groups, elliptic curve Ed25519 (of_ints, to_ints); GetGenerator, GetGenerators, GetSecondaryGenerator. A vote of
a non-homomorphic question is an element itself, and the proof of a shuffle needs generators whose logarithms to each
other no one knows. What is *not* done here: proving that an element holds integers. Any element reads as some.
"""

from __future__ import annotations

from typing import Final

from ballot.protocol.errors import InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group
from ballot.protocol.hashing import sha256_integer

BITS: Final = 8
PADDING: Final = 14
MAX_INTEGERS: Final = (255 - PADDING) // BITS


def of_integers(G: Group, integers: tuple[int, ...]) -> Element:
    """The element that holds these integers: the first in the group from their bits on, with 14 bits to search in.

    Raises ValueError for more than 30 integers, or one outside [0, 256).
    """
    if len(integers) > MAX_INTEGERS or any(not 0 <= v < 1 << BITS for v in integers):
        raise ValueError(f"a vote here is at most {MAX_INTEGERS} numbers from 0 to {(1 << BITS) - 1}")
    number = int.from_bytes(bytes(integers)) << PADDING
    while True:
        P = Element(number.to_bytes(32, "little"))
        try:
            G.check(P)
        except InvalidElement:
            number += 1
            continue
        return P


def to_integers(P: Element, n: int) -> tuple[int, ...]:
    """The n integers that the element holds. Every element holds some: a voter may have encrypted any."""
    bits = int.from_bytes(P, "little") >> PADDING
    return tuple(bits >> BITS * (n - 1 - i) & (1 << BITS) - 1 for i in range(n))


def generator(G: Group, i: int) -> Element:
    """get_generator(i): from SHA-256 of `ggen|i` on, the first point of the curve, to the power of 8."""
    number = sha256_integer(f"ggen|{i}") >> 2
    while True:
        P = Element(number.to_bytes(32, "little"))
        try:
            for _ in range(3):
                P = G.multiply(P, P)
        except InvalidElement:
            number += 1
            continue
        return P


def independent_generators(G: Group, n: int) -> tuple[Element, tuple[Element, ...]]:
    """The secondary generator h, and h_0, ..., h_(n-1). Raises InvalidMessage if two are equal, as no one ever saw."""
    h, *several = (generator(G, i) for i in range(-1, n))
    if len({G.one, G.g, h, *several}) != n + 3:
        raise InvalidMessage(Reason.UNSUPPORTED, f"the generators for {n} ballots are not different")
    return h, tuple(several)
