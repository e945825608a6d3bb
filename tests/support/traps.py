"""Points that every backend must refuse: small order, mixed order, off the curve; made with plain arithmetic."""

from __future__ import annotations

from ballot.protocol import sodium
from ballot.protocol.group import Ed25519, Element

G = Ed25519()
p, q = G.p, G.q
D = -121665 * pow(121666, -1, p) % p
SQRT_M1 = pow(2, (p - 1) // 4, p)
Point = tuple[int, int]


def encode(P: Point) -> Element:
    x, y = P
    return Element((y | (x & 1) << 255).to_bytes(32, "little"))


def decode(P: bytes) -> Point:
    number = int.from_bytes(P, "little")
    y, sign = number & (2**255 - 1), number >> 255
    xx = (y * y - 1) * pow(D * y * y + 1, -1, p) % p
    x = pow(xx, (p + 3) // 8, p)
    if x * x % p != xx:
        x = x * SQRT_M1 % p
    assert x * x % p == xx
    return (x if x & 1 == sign else p - x), y


def add(P: Point, Q: Point) -> Point:
    (x1, y1), (x2, y2) = P, Q
    k = D * x1 * x2 * y1 * y2 % p
    return (x1 * y2 + x2 * y1) * pow(1 + k, -1, p) % p, (y1 * y2 + x1 * x2) * pow(1 - k, -1, p) % p


def times(k: int, P: Point) -> Point:
    total = (0, 1)
    while k:
        if k & 1:
            total = add(total, P)
        P, k = add(P, P), k >> 1
    return total


def a_point_of_order_eight() -> Point:
    for y in range(2, 50):
        try:
            T = times(q, decode(y.to_bytes(32, "little")))
        except AssertionError:
            continue
        if times(4, T) != (0, 1):
            return T
    raise AssertionError


T8 = a_point_of_order_eight()
TORSION = {k: times(k, T8) for k in range(8)}
g = decode(G.g)
POINT = times(123456789, g)

SMALL_ORDER = {f"the small-order point {k} T8": encode(TORSION[k]) for k in range(1, 8)}
MIXED = {
    "P + T2, of order 2q": encode(add(POINT, TORSION[4])),
    "P + T4, of order 4q": encode(add(POINT, TORSION[2])),
    "P + T8, of order 8q": encode(add(POINT, TORSION[1])),
    "g + T2": Element(sodium.MIXED_ORDER_POINT),
}
OFF_THE_CURVE = {"y = 2": Element((2).to_bytes(32, "little")), "y = 7": Element((7).to_bytes(32, "little"))}
OUTSIDE = {**SMALL_ORDER, **MIXED, **OFF_THE_CURVE}
