"""How a CCG's total is counted: heads, weighted votes, or both packed into one number.

A weighted vote is a patient, a band of patients or a share, as the constitution's [weight] says. Packing: if a rule
needs for and against by both measures, a practice weighs H + its votes, where H is a power of ten above the CCG's total
of votes. A total T then means T div H practices and T mod H votes, and the unmodified reference tool verifies it. The
kind of count is chosen before sealing; the terms contain H.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.rule import Constitution
from ballot.constitution.weight import DEFAULT_NOUNS, WeightNouns
from ballot.constitution.words import Noun


class CountKind(Enum):
    """What one unit of a total is; `patients` means weighted votes, banded or not."""

    HEADS = "heads"
    PATIENTS = "patients"
    PACKED = "packed"


@dataclass(frozen=True, slots=True)
class Counting:
    """The kind of count, H where it is packed, and what votes and their owners are called."""

    kind: CountKind
    heads: int | None = None
    nouns: WeightNouns = DEFAULT_NOUNS

    def weight(self, votes: int) -> int | None:
        """The weight in the election of a practice with `votes` weighted votes; None where weights are not used."""
        if self.kind is CountKind.HEADS:
            return None
        return (self.heads or 0) + votes

    def measure(self, total: int) -> Measure:
        """A total in practices and in weighted votes; a measure that this kind does not count is None."""
        if self.kind is CountKind.HEADS:
            return Measure(practices=total)
        if self.heads is None:
            return Measure(weight=total)
        return Measure(practices=total // self.heads, weight=total % self.heads)

    def say_weight(self, weight: int | None, list_size: int | None) -> str:
        """What one practice's vote counts for, in words; a packed weight is shown as its two numbers.

        The voting page shows the same words: `sayWeight` in protocol.js.
        """
        if self.kind is CountKind.HEADS:
            return _counted(1 if weight is None else weight, _VOTE)
        measure = self.measure(weight or 0)
        votes = measure.weight or 0
        unit = _VOTE if self.nouns.unit == DEFAULT_NOUNS.unit else self.nouns.unit
        exact = unit == _VOTE and votes == (list_size or 0)
        words = _counted(votes, self.nouns.counts if exact else unit)
        return words if measure.practices is None else f"{_counted(measure.practices, self.nouns.member)} and {words}"

    def say_total(self, total: int) -> str:
        """A total weight in words: a packed total is shown as its two numbers.

        The trustee's page shows the same words: `sayTotal` in ceremony.js.
        """
        measure = self.measure(total)
        counted = ((measure.practices, self.nouns.member), (measure.weight, self.nouns.unit))
        return " and ".join(_counted(number, what) for number, what in counted if number is not None)


_VOTE = Noun("vote", "votes")


def _counted(number: int, what: Noun) -> str:
    return f"one {what.one}" if number == 1 else what.counted(number)


def choose_counting(constitution: Constitution, questions: Sequence[str], list_sizes: Iterable[int | None]) -> Counting:
    """The simplest counting that satisfies the rules of all questions; `list_sizes` are those of the CCG's members."""
    if not constitution.needs_weight_by_answer(questions):
        return Counting(CountKind.HEADS, None, constitution.nouns)
    if not constitution.needs_practices_by_answer(questions):
        return Counting(CountKind.PATIENTS, None, constitution.nouns)
    return Counting(CountKind.PACKED, 10 ** len(str(sum(map(constitution.votes, list_sizes)))), constitution.nouns)


def eligible_measure(counting: Counting, weights: Sequence[int | None]) -> Measure:
    """All who may vote. `weights` are theirs in the election, None where not used; the struck are left out."""
    if counting.kind is CountKind.HEADS:
        return Measure(practices=len(weights))
    return Measure(len(weights), sum(counting.measure(weight or 0).weight or 0 for weight in weights))


def make_counts(
    counting: Counting,
    eligible: Measure,
    answers: Sequence[str],
    row: Sequence[int],
    num_tallied: int,
    total_weight: int,
) -> Counts:
    """The counts of one question in one election: `row` has a total for each answer, in the order of the ballot paper.

    Raises InvalidCounts if no vote could give them; ValueError if answers and totals differ in number.
    """
    given = {answer: counting.measure(total) for answer, total in zip(answers, row, strict=True)}
    weighed = counting.kind is not CountKind.HEADS
    returned = Measure(num_tallied, counting.measure(total_weight).weight) if weighed else None
    return Counts(eligible, given, returned)
