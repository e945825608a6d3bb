"""What could be published: heads, list sizes, bands, or heads and patients packed into one number.

A weighting gives each practice the number that its vote adds to a total. The meter compares the planned weighting with
the alternatives on the same simulated votes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BANDS = (500, 1_000, 2_000)


@dataclass(frozen=True, slots=True)
class Weighting:
    """A way of counting, in words, and what each practice weighs under it."""

    name: str
    weights: tuple[int, ...]


def heads_only(practices: int) -> Weighting:
    """One practice, one vote; nothing else is counted."""
    return Weighting("heads only", (1,) * practices)


def exact_sizes(sizes: Sequence[int], counts: str | None = None) -> Weighting:
    """Each vote weighs its registered patients, or what else `counts` names."""
    return Weighting("exact list sizes" if counts is None else f"exact numbers of {counts}", tuple(sizes))


def bands(sizes: Sequence[int], per: int, counts: str | None = None) -> Weighting:
    """One vote for each `per` patients, rounded down, at least one where there is a list."""
    name = f"bands of {per:,} {counts or 'patients'}"
    return Weighting(name, tuple(max(size // per, min(size, 1)) for size in sizes))


def packed(measures: Sequence[int], name: str = "exact list sizes") -> Weighting:
    """Heads and a second measure, both published. Packed totals are equal exactly if both totals are equal.

    The record multiplies heads by a power of ten. Any number above the sum of the measures is equivalent, and the
    smallest is the fastest. `name` is that of the second measure.
    """
    heads = sum(measures) + 1
    return Weighting(f"packed: heads and {name}", tuple(heads + measure for measure in measures))


def alternatives(sizes: Sequence[int], counts: str | None = None) -> tuple[Weighting, ...]:
    """The weightings that a programme could choose instead, from the most secret to the least.

    `counts` names what the sizes count, if not patients. Bands too wide for any of them are left out.
    """
    fitting = [per for per in sorted(BANDS, reverse=True) if counts is None or per <= max(sizes)]
    wide = tuple(bands(sizes, per, counts) for per in fitting)
    exact = exact_sizes(sizes, counts)
    return (heads_only(len(sizes)), *wide, exact, packed(sizes, exact.name))
