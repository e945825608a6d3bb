"""Could practices that each vote as one block have given these counts?

A practice gives all of its weight with its vote. So where there is no practice there is no weight, and where every
eligible practice voted no weight is left over. What one practice can weigh is bounded by the constitution's [weight].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure
from ballot.constitution.errors import InvalidCounts
from ballot.constitution.rule import Unit
from ballot.constitution.weight import MissingList, Weight
from ballot.constitution.words import Words
from ballot.strict.errors import plain

_WHO = {
    "eligible": "is eligible",
    "returned": "returned a vote",
    FOR: "voted for",
    AGAINST: "voted against",
    ABSTAIN: "abstained",
    NOT_RETURNED: "is left that did not vote",
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Limits of one practice's weight: at least `low` if it must have a list, `smallest` if it has any votes."""

    low: int
    smallest: int
    high: int | None

    @classmethod
    def of(cls, weight: Weight | None) -> _Bounds:
        if weight is None:
            return cls(0, 1, None)
        votes_of_one = weight.votes(1)
        low = 0 if weight.missing is MissingList.ZERO else votes_of_one
        return cls(low, max(votes_of_one, 1), weight.most)

    def fewest(self, votes: int) -> int:
        """The fewest practices that can weigh this much."""
        return -(-votes // self.high) if self.high is not None else int(votes > 0)

    def fault(self, practices: int, votes: int, words: Words) -> str | None:
        """Why this many practices cannot have this weight, as the second half of a sentence; None if they can."""
        if votes < practices * self.low:
            return f"each has at least {self.low:,}"
        if self.high is not None and votes > practices * self.high:
            return f"each has at most {self.high:,}"
        if votes < self.fewest(votes) * self.smallest:
            return f"{words.member.a} with any has at least {self.smallest:,}"
        return None


def check_possible(counts: Counts, weight: Weight | None, words: Words) -> None:
    """Raise InvalidCounts if no practices could have given these counts, in the CCG or in one of its localities."""
    for place, part in (("", counts), *counts.localities.items()):
        if (found := fault(part, weight, words)) is not None:
            where = f"In {plain(place)}: " if place else ""
            raise InvalidCounts("counts", 1, where + found[1])


def fault(counts: Counts, weight: Weight | None, words: Words) -> tuple[str, str] | None:
    """The first group with contradictory numbers and a sentence about it; None if the counts are possible."""
    bounds = _Bounds.of(weight)
    for group, measure in _groups(counts):
        if measure.practices is None or measure.weight is None:
            continue
        if sentence := _sentence(group, measure.practices, measure.weight, counts, bounds, words):
            return group, sentence
    weights = [measure.weight for measure in counts.answers.values() if measure.practices is None]
    returned = counts.turnout(Unit.PRACTICES)
    fewest = sum(bounds.fewest(found) for found in weights if found is not None)
    if returned is not None and fewest > returned:
        votes = f"{returned:,} {words.member.of(returned)} returned a vote"
        return "returned", f"{votes}, and the answers have the weight of at least {fewest:,}."
    return None


def _groups(counts: Counts) -> Iterator[tuple[str, Measure]]:
    groups: Mapping[str, Measure] = {"eligible": counts.eligible, **counts.answers}
    yield from groups.items()
    yield "returned", Measure(*map(counts.turnout, Unit))
    yield NOT_RETURNED, Measure(*(counts.part(unit, NOT_RETURNED) for unit in Unit))


def _sentence(group: str, practices: int, votes: int, counts: Counts, bounds: _Bounds, words: Words) -> str | None:
    votes_said = f"{votes:,} {words.weight.of(votes)}"
    who = _WHO.get(group, f"voted for {plain(group)}")
    if practices == 0 and votes:
        if group == NOT_RETURNED and counts.eligible.practices:
            left = "is" if votes == 1 else "are"
            member = words.member
            return (
                f"Every eligible {member.one} returned a vote, and {votes_said} {left} left over: {member.a} gives all "
                f"of its weight with its vote. Correct the weights, or say how many {member.many} returned none."
            )
        have = "has" if votes == 1 else "have"
        return (
            f"No {words.member.one} {who}, and {votes_said} {have} been counted there: weight is only where there is "
            f"{words.member.a}. Correct one of the two numbers."
        )
    reason = bounds.fault(practices, votes, words)
    if reason is None:
        return None
    who = who if practices == 1 else who.replace("is ", "are ", 1).replace("are left that", "are left who")
    return (
        f"{practices:,} {words.member.of(practices)} {who} with {votes_said}, which cannot be: by the "
        f"constitution's [weight] {reason}. Correct one of the two numbers."
    )
