"""The level of support among the member practices, as a merger application has to tell it: by practices, and by weight.

It decides nothing and says so: it is the share of those that voted and of all members, whatever a constitution makes of
it. A measure by which the answers were not counted is named as not counted, never estimated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ballot.constitution.counts import ABSTAIN, Counts
from ballot.constitution.findings import Share
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Unit

PRACTICES, PATIENTS, WEIGHTED = "practices", "registered patients", "weighted votes"


@dataclass(frozen=True, slots=True)
class Support:
    """How many gave one answer, in one measure. None: not counted by it."""

    measure: str
    answer: str
    number: int | None
    returned: int | None
    eligible: int | None

    @property
    def of_returned(self) -> Share | None:
        """Of those that voted, abstentions among them."""
        return _share(self.number, self.returned)

    @property
    def of_eligible(self) -> Share | None:
        """Of all members, whether they voted or not."""
        return _share(self.number, self.eligible)

    @property
    def sentence(self) -> str:
        """`For, by practices: 7/9 (about 77.78%) of those that voted, 7/13 (about 53.85%) of all members.`"""
        voted, members = self.of_returned, self.of_eligible
        if self.number is None:
            return f"{self.answer}, by {self.measure}: not counted."
        said = [
            f"{share.with_percentage()} of {whom}"
            for share, whom in ((voted, "those that voted"), (members, "all members"))
            if share is not None
        ]
        return f"{self.answer}, by {self.measure}: {', '.join(said) or 'no one voted'}."


@dataclass(frozen=True, slots=True)
class TotalSupport:
    """The same over all CCGs in which it was counted; `missing` are those in which it was not."""

    support: Support
    ccgs: tuple[str, ...]
    missing: tuple[str, ...]


def measure_of(constitution: Constitution, unit: Unit) -> str:
    """What a unit of the counts is: patients only where every patient on a list counts as one, without a limit."""
    if unit is Unit.PRACTICES:
        return PRACTICES
    weight = constitution.weight
    plain = weight is not None and weight.per == 1 and weight.minimum is None and weight.maximum is None
    return PATIENTS if plain else WEIGHTED


def tell_support(constitution: Constitution, question: Question, counts: Counts) -> Iterator[Support]:
    """Each answer but abstaining, by practices and by what else the CCG counts."""
    for unit in Unit:
        if unit is Unit.WEIGHT and counts.eligible.weight is None:
            continue
        for group, label in zip(question.groups, question.answers, strict=True):
            if group != ABSTAIN:
                numbers = counts.part(unit, group), counts.turnout(unit), counts.eligible.of(unit)
                yield Support(measure_of(constitution, unit), label, *numbers)


def sum_support(of_ccgs: Sequence[tuple[str, Iterable[Support]]]) -> Iterator[TotalSupport]:
    """The sums over CCGs, answer by answer, by practices and by patients; bands of different CCGs are not added up."""
    told = [(ccg, list(found)) for ccg, found in of_ccgs]
    kinds = dict.fromkeys((each.measure, each.answer) for _, found in told for each in found)
    for measure, answer in kinds:
        if measure == WEIGHTED:
            continue
        counted: list[tuple[str, int, int, int]] = []
        for ccg, found in told:
            for each in found:
                if (each.measure, each.answer) == (measure, answer) and each.number is not None:
                    counted.append((ccg, each.number, each.returned or 0, each.eligible or 0))
        there = tuple(ccg for ccg, *_ in counted)
        sums = [sum(numbers) for numbers in list(zip(*counted, strict=True))[1:]] if counted else [None] * 3
        missing = tuple(ccg for ccg, _ in told if ccg not in there)
        yield TotalSupport(Support(measure, answer, *sums), there, missing)


def _share(part: int | None, base: int | None) -> Share | None:
    return Share(part, base) if part is not None and base else None
