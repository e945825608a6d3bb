"""The curve edwards25519 in Python's own integers: points, their encoding, sums, multiples. For public data.

Spec: RFC 8032, section 5.1; formulas add-2008-hwcd-3 and dbl-2008-hwcd of the Explicit-Formulas Database, which hold
for every pair of points of this curve, so there are no special cases. A `Point` is (X, Y, Z, T) with x = X/Z,
y = Y/Z and T = XY/Z.

The time taken depends on the numbers and on the digits of the exponent, so no secret may be used here.
What is *not* done here: refusing secrets, and checking that a point is in the group (pure.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Point = tuple[int, int, int, int]
Operation = Callable[[Point, Point], Point]

p = 2**255 - 19
q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, p) % p
TWICE_D = 2 * D % p
SQRT_M1 = pow(2, (p - 1) // 4, p)

NEUTRAL: Point = (0, 1, 1, 0)
GENERATOR_BYTES = bytes.fromhex("58" + "66" * 31)
GENERATOR_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
GENERATOR_Y = 4 * pow(5, -1, p) % p
GENERATOR: Point = (GENERATOR_X, GENERATOR_Y, 1, GENERATOR_X * GENERATOR_Y % p)

WIDTH = 4
DIGITS = 64
"""Base-16 digits of an exponent below q, with one more for the carry of signed digits."""

Chain = Sequence[Point]
"""P, 16 P, 256 P, ...: with these, a multiple of P needs additions only."""

Table = Sequence[Sequence[Point]]
"""For each byte of an exponent, the 256 multiples that the byte selects."""


def decode(data: bytes) -> Point | None:
    """The point with this canonical encoding of 32 bytes; None for other bytes. Does not check the subgroup."""
    if len(data) != 32:
        return None
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if y >= p:
        return None
    u, v = (y * y - 1) % p, (D * y * y + 1) % p
    x = u * pow(v, 3, p) * pow(u * pow(v, 7, p), (p - 5) // 8, p) % p
    if (v * x * x - u) % p:
        x = x * SQRT_M1 % p
        if (v * x * x - u) % p:
            return None
    if x == 0 and sign:
        return None
    if x & 1 != sign:
        x = p - x
    return x, y, 1, x * y % p


def encode(P: Point) -> bytes:
    """The 32 bytes of RFC 8032."""
    X, Y, Z, _ = P
    inverse = pow(Z, -1, p)
    x, y = X * inverse % p, Y * inverse % p
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add(P: Point, Q: Point) -> Point:
    """P + Q for any two points."""
    X1, Y1, Z1, T1 = P
    X2, Y2, Z2, T2 = Q
    A = (Y1 - X1) * (Y2 - X2)
    B = (Y1 + X1) * (Y2 + X2)
    C = T1 * TWICE_D % p * T2
    Z = 2 * Z1 * Z2
    E, F, G, H = (B - A) % p, (Z - C) % p, (Z + C) % p, (B + A) % p
    return E * F % p, G * H % p, F * G % p, E * H % p


def subtract(P: Point, Q: Point) -> Point:
    """P - Q for any two points."""
    return add(P, negate(Q))


def double(P: Point) -> Point:
    """2 P."""
    X, Y, Z, _ = P
    A, B = X * X, Y * Y
    E, G = ((X + Y) ** 2 - A - B) % p, (B - A) % p
    F, H = (G - 2 * Z * Z) % p, (-A - B) % p
    return E * F % p, G * H % p, F * G % p, E * H % p


def negate(P: Point) -> Point:
    """-P."""
    X, Y, Z, T = P
    return -X % p, Y, Z, -T % p


def is_neutral(P: Point) -> bool:
    """Whether P is (0, 1)."""
    X, Y, Z, _ = P
    return X == 0 and Y == Z


def make_chain(P: Point) -> Chain:
    """The chain of P: about 250 doublings, which all multiples of P then share."""
    chain = [P]
    for _ in range(DIGITS - 1):
        for _ in range(WIDTH):
            P = double(P)
        chain.append(P)
    return chain


def multiple(s: int, chain: Chain) -> Point:
    """s P for 0 <= s <= q. Adds up the chain's points with equal digits, then weighs each sum with its digit."""
    half = 1 << (WIDTH - 1)
    buckets: list[Point | None] = [None] * (half + 1)
    for P in chain:
        digit, s = s & (2 * half - 1), s >> WIDTH
        if digit > half:
            digit, s, P = 2 * half - digit, s + 1, negate(P)
        if digit:
            there = buckets[digit]
            buckets[digit] = P if there is None else add(there, P)
    if s:
        raise ValueError("the exponent is not below q")
    running = total = NEUTRAL
    for bucket in reversed(buckets[1:]):
        if bucket is not None:
            running = add(running, bucket)
        total = add(total, running)
    return total


def make_table(P: Point) -> Table:
    """The table of P, for a point used often: about 8000 additions, after which a multiple costs 32."""
    table = []
    for _ in range(32):
        row = [NEUTRAL, P]
        for _ in range(254):
            row.append(add(row[-1], P))
        table.append(row)
        P = add(row[-1], P)
    return table


def table_multiple(s: int, table: Table) -> Point:
    """s P for 0 <= s < 2^256."""
    total = NEUTRAL
    for digit, row in zip(s.to_bytes(32, "little"), table, strict=True):
        if digit:
            total = add(total, row[digit])
    return total
