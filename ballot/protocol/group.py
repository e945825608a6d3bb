"""The group: elements, scalars, and the only place that knows a curve.

Spec: Groups; elliptic curve Ed25519. Multiplicative notation, as in the specification: `multiply` adds points.

An `Element` is the 32 bytes of RFC 8032; in JSON and in every hash it is the *big-endian* hexadecimal of the same
number, the reverse of those bytes. An element from outside goes through `parse_element` (canonical form) and, before
it is trusted, through `check` or `power` (prime-order subgroup). What is *not* done here: deciding where the identity
is allowed; callers that forbid it use `check_key`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NewType, Protocol

from ballot.protocol.errors import InvalidElement, InvalidScalar, Reason

Element = NewType("Element", bytes)
"""A group element: 32 bytes, little-endian, as in RFC 8032."""

Rng = Callable[[int], int]
"""A source of randomness: `rng(n)` is uniform in [0, n). In production it is `secrets.randbelow`."""

_SCALAR = re.compile(r"0|[1-9][0-9]{0,79}")
_ELEMENT = re.compile(r"[0-9a-f]{64}")


class Group(Protocol):
    """A cyclic group of prime order q with generator g, in which discrete logarithms are hard.

    `backend` names the implementation in words. `keeps_secrets` says whether its time is independent of the exponent.
    """

    name: str
    backend: str
    keeps_secrets: bool
    q: int
    g: Element
    one: Element

    def check(self, P: Element) -> None:
        """Raise InvalidElement unless P is in the group of order q. The identity is in it."""

    def power(self, P: Element, s: int) -> Element:
        """P^s for 0 <= s < q. Raises InvalidElement if P is not in the group, even for s = 0."""

    def base_power(self, s: int) -> Element:
        """g^s for 0 <= s < q, from the fixed table of the generator."""

    def multiply(self, P: Element, Q: Element) -> Element:
        """P times Q, both known to be in the group. Raises InvalidElement if one is not on the curve."""

    def divide(self, P: Element, Q: Element) -> Element:
        """P times the inverse of Q, both known to be in the group. Raises InvalidElement if one is not on the curve."""

    def product(self, elements: Sequence[Element]) -> Element:
        """The product of elements known to be in the group; the identity if there are none."""

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        """g^response times claimed^challenge: the commitment of a proof of knowledge."""

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        """For each (M, challenge, response): g^response alpha^challenge, then y^response (beta / g^M)^challenge.

        One call for a whole proof, which some backends do faster. Raises InvalidElement as `power` does.
        """


Disjunct = tuple[int, int, int]
"""One alternative of a proof: the message M that the ciphertext may hold, the challenge, the response."""


class Ed25519:
    """The group Ed25519 over libsodium, through PyNaCl (constant time in the scalar).

    libsodium refuses the zero scalar and the identity, as input and as result. The protocol needs both,
    so they are handled here.
    """

    name = "Ed25519"
    keeps_secrets = True
    q = 2**252 + 27742317777372353535851937790883648493
    p = 2**255 - 19
    one: Element = Element((1).to_bytes(32, "little"))

    def __init__(self) -> None:
        from ballot.protocol import sodium

        self._sodium = sodium
        self.backend = f"PyNaCl {sodium.VERSION} (libsodium)"
        self.g = Element(sodium.base(1))

    def __reduce__(self) -> tuple[type[Ed25519], tuple[()]]:
        return type(self), ()

    def check(self, P: Element) -> None:
        if self.one != P and not self._sodium.is_valid(P):
            raise InvalidElement(Reason.ELEMENT_SUBGROUP, f"{element_text(P)} is not in the prime-order subgroup")

    def power(self, P: Element, s: int) -> Element:
        check_exponent(self, s)
        if not s or self.one == P:
            self.check(P)
            return self.one
        try:
            return Element(self._sodium.scalarmult(s, P))
        except RuntimeError:
            detail = f"{element_text(P)} is not in the prime-order subgroup"
            raise InvalidElement(Reason.ELEMENT_SUBGROUP, detail) from None

    def base_power(self, s: int) -> Element:
        check_exponent(self, s)
        return Element(self._sodium.base(s)) if s else self.one

    def multiply(self, P: Element, Q: Element) -> Element:
        try:
            return Element(self._sodium.add(P, Q))
        except RuntimeError:
            raise off_the_curve(P, Q) from None

    def divide(self, P: Element, Q: Element) -> Element:
        try:
            return Element(self._sodium.subtract(P, Q))
        except RuntimeError:
            raise off_the_curve(P, Q) from None

    def product(self, elements: Sequence[Element]) -> Element:
        return default_product(self, elements)

    def commitment(self, response: int, claimed: Element, challenge: int) -> Element:
        return self.multiply(self.base_power(response), self.power(claimed, challenge))

    def disjunct_commitments(
        self, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
    ) -> list[Element]:
        return default_disjunct_commitments(self, y, alpha, beta, disjuncts)


def default_product(G: Group, elements: Sequence[Element]) -> Element:
    """`Group.product` for a backend that has no faster way: one multiplication after another."""
    total = G.one
    for P in elements:
        total = P if total == G.one else G.multiply(total, P)
    return total


def default_disjunct_commitments(
    G: Group, y: Element, alpha: Element, beta: Element, disjuncts: Sequence[Disjunct]
) -> list[Element]:
    """`Group.disjunct_commitments` for a backend that has no faster way: one disjunct after another."""
    found = []
    for M, challenge, response in disjuncts:
        g_M = G.g if M == 1 else G.base_power(M)
        shifted = G.divide(beta, g_M) if M else beta
        found.append(G.commitment(response, alpha, challenge))
        found.append(G.multiply(G.power(y, response), G.power(shifted, challenge)))
    return found


def off_the_curve(P: Element, Q: Element) -> InvalidElement:
    """The error for a product or quotient of which one operand is not on the curve."""
    return InvalidElement(Reason.ELEMENT_SUBGROUP, f"{element_text(P)} or {element_text(Q)} is not on the curve")


def element_text(P: Element) -> str:
    """An element as written in JSON and in hashes: 64 hexadecimal digits, big-endian."""
    return P[::-1].hex()


def parse_element(value: object) -> Element:
    """The element written as `value`; raises InvalidElement unless the encoding is canonical.

    Canonical: 64 lower-case digits, y below p, no sign bit on x = 0. Does not check the curve or the subgroup.
    """
    if not isinstance(value, str) or not _ELEMENT.fullmatch(value):
        raise InvalidElement(Reason.ELEMENT_ENCODING, "expected 64 lower-case hexadecimal digits")
    number = int(value, 16)
    y, sign = number & (2**255 - 1), number >> 255
    if y >= Ed25519.p or (sign and y in (1, Ed25519.p - 1)):
        raise InvalidElement(Reason.ELEMENT_ENCODING, f"{value} is a second spelling of another point")
    return Element(number.to_bytes(32, "little"))


def check_exponent(G: Group, s: int) -> None:
    """Raise ValueError unless 0 <= s < q: libsodium would drop the highest bit and use another exponent."""
    if not 0 <= s < G.q:
        raise ValueError("the exponent is not in [0, q)")


class NotForSecrets(TypeError):
    """A secret exponent was about to be used by arithmetic whose time reveals it."""


def check_keeps_secrets(G: Group) -> None:
    """Raise NotForSecrets unless G's time is independent of its exponents; every function with a secret calls this."""
    if not G.keeps_secrets:
        raise NotForSecrets(f"{G.backend} is for public data only; what takes a secret needs PyNaCl")


def check_key(G: Group, P: Element) -> None:
    """Raise InvalidElement unless P is in the group and not the identity, as a key or a credential must be."""
    if G.one == P:
        raise InvalidElement(Reason.ELEMENT_IDENTITY, "the key is the identity element")
    G.check(P)


def parse_scalar(G: Group, value: object) -> int:
    """The number in [0, q) written in base 10 as `value`; raises InvalidScalar for any other form."""
    if not isinstance(value, str) or not _SCALAR.fullmatch(value):
        raise InvalidScalar(Reason.SCALAR_RANGE, "expected a number in base 10, without sign or leading zero")
    s = int(value)
    if s >= G.q:
        raise InvalidScalar(Reason.SCALAR_RANGE, "expected a number below the order of the group")
    return s


def product(G: Group, elements: Iterable[Element]) -> Element:
    """The product of elements known to be in the group; the identity if there are none."""
    return G.product(list(elements))


def inverse(G: Group, P: Element) -> Element:
    """The inverse of an element known to be in the group."""
    return G.divide(G.one, P)
