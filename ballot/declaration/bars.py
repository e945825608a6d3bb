"""The pictures of a result: bars cut into parts, with the rule's thresholds marked. Exact fractions, no pixels.

One bar shows the turnout, with the quorum marked. Then each test has a bar for exactly the votes in its base, with
its threshold marked. The page draws them as SVG and the PDF as lines; a bar's sentence says all that it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from ballot.constitution.counts import ABSTAIN, FOR, NOT_RETURNED, Counts
from ballot.constitution.findings import ConditionFinding
from ballot.constitution.phrases import (
    base_phrase,
    needed_or_allowed,
    threshold_phrase,
    turnout_phrase,
    unit_noun,
)
from ballot.constitution.rule import Denominator, Quorum, QuorumCounting, Rule, Test, Unit
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.verdict import Verdict, leaders
from ballot.constitution.words import capitalised


class BarPart(Enum):
    """The meaning of one part of a bar. Each has its own pattern as well as its colour."""

    FOR = "for"
    AGAINST = "against"
    ABSTAINED = "abstained"
    RETURNED = "returned"
    NOT_RETURNED = "not returned"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar, from `start` to `end`, both between 0 and 1."""

    part: BarPart
    label: str
    number: int
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class Mark:
    """What the rule needs or allows; `at` is None if it lies beyond the end of the bar."""

    words: str
    at: Fraction | None
    holds: bool
    verb: str = "needed"
    """Or `allowed`, of votes against."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One picture. `segments` fill it, or are empty if nothing was counted."""

    title: str
    unit: Unit
    of: str
    whole: int
    segments: tuple[Segment, ...]
    mark: Mark | None

    @property
    def sentence(self) -> str:
        """Everything the picture shows, as a text alternative."""
        parts = ", ".join(f"{segment.number} {segment.label}" for segment in self.segments) or "nothing to count"
        said = f"{self.title}. Of {self.whole} {self.of}: {parts}."
        if self.mark is None:
            return said
        where = "it is marked on the bar" if self.mark.at is not None else "more than the whole bar"
        met = "met" if self.mark.holds else "not met"
        return f"{said} {capitalised(self.mark.words)} {self.mark.verb}, {where}: {met}."


Parts = Sequence[tuple[BarPart, str, int]]


def draw_bar(title: str, unit: Unit, of: str, parts: Parts, mark: Mark | None) -> Bar:
    """Build a bar from these parts in order, leaving out the empty ones."""
    whole = sum(number for _, _, number in parts)
    segments, reached = [], 0
    for part, label, number in parts:
        if number:
            ends = Fraction(reached, whole), Fraction(reached + number, whole)
            segments.append(Segment(part, label, number, *ends))
            reached += number
    return Bar(title, unit, of, whole, tuple(segments), mark)


def mark_of(threshold: Threshold, whole: int, holds: bool) -> Mark:
    """The mark of a threshold on a bar of this many votes."""
    at: Fraction | None = None
    if isinstance(threshold.value, Fraction):
        at = threshold.value
    else:
        number = max(whole - threshold.value, 1) if threshold.comparison is Comparison.ALL_BUT else threshold.value
        at = Fraction(number, whole) if 0 < number <= whole else None
    return Mark(threshold_phrase(threshold), at, holds, needed_or_allowed(threshold))


def turnout_bar(rule: Rule, counts: Counts, verdict: Verdict) -> Bar:
    """The votes returned out of all eligible, in the first quorum's measure, with that quorum marked."""
    quorum = rule.quorums[0] if rule.quorums else None
    finding = verdict.quorum.parts[0] if quorum is not None and verdict.quorum is not None else None
    title = "Turnout; there is no quorum" if not rule.needs_quorum else "Turnout and quorum"
    if len(rule.quorums) > 1:
        title += f" 1 of {len(rule.quorums)}"
    return _quorum_bar("Turnout" if rule.needs_quorum and quorum is None else title, rule, quorum, counts, finding)


def bars_of_quorums(rule: Rule, counts: Counts, verdict: Verdict) -> Iterator[Bar]:
    """A bar for each further quorum, then for each locality quorum in each locality."""
    if verdict.quorum is None:
        return
    for number, quorum in enumerate(rule.quorums[1:], start=2):
        title = f"Quorum {number} of {len(rule.quorums)}"
        yield _quorum_bar(title, rule, quorum, counts, verdict.quorum.parts[number - 1])
    several = len(rule.locality_quorums) > 1
    for number, (part, found) in enumerate(zip(rule.locality_quorums, verdict.quorum.localities, strict=True), start=1):
        title = f"Locality quorum {number}" if several else "Locality quorum"
        for locality, finding in found.localities.items():
            yield _quorum_bar(f"{title}, {locality}", rule, part.quorum, counts.localities[locality], finding)


def _quorum_bar(title: str, rule: Rule, quorum: Quorum | None, counts: Counts, finding: ConditionFinding | None) -> Bar:
    unit = Unit.PRACTICES if quorum is None else quorum.unit
    if counts.turnout(unit) is None:
        unit = Unit.WEIGHT
    eligible, returned = counts.eligible.of(unit) or 0, counts.turnout(unit) or 0
    parts: list[tuple[BarPart, str, int]]
    if quorum is not None and quorum.counting is QuorumCounting.FOR_AND_AGAINST:
        decided = counts.decided(unit) or 0
        parts = [
            (BarPart.RETURNED, turnout_phrase(quorum, rule.has_options), decided),
            (BarPart.ABSTAINED, "abstained", returned - decided),
        ]
    else:
        parts = [(BarPart.RETURNED, "returned", returned)]
    parts.append((BarPart.NOT_RETURNED, "not returned", eligible - returned))
    mark = None
    if quorum is not None and finding is not None:
        mark = mark_of(quorum.threshold, eligible, finding.holds)
    return draw_bar(title, unit, f"eligible {unit_noun(unit, eligible, rule.words)}", parts, mark)


def bars_of_tests(rule: Rule, counts: Counts, verdict: Verdict, labels: Mapping[str, str]) -> Iterator[Bar]:
    """A bar for each test, then for each locality test in each locality; `labels` are the answers' labels."""
    several = len(rule.tests) > 1
    for number, (test, finding) in enumerate(zip(rule.tests, verdict.tests, strict=True), start=1):
        title = f"Test {number} of {len(rule.tests)}" if several else "Test"
        yield _test_bar(title, rule, test, counts, finding, labels)
    several = len(rule.locality_tests) > 1
    for number, (part, found) in enumerate(zip(rule.locality_tests, verdict.locality_tests, strict=True), start=1):
        title = f"Locality test {number}" if several else "Locality test"
        for locality, finding in found.localities.items():
            local = counts.localities[locality]
            yield _test_bar(f"{title}, {locality}", rule, part.test, local, finding, labels)


def _test_bar(
    title: str, rule: Rule, test: Test, counts: Counts, finding: ConditionFinding, labels: Mapping[str, str]
) -> Bar:
    """The votes in the test's base, with the votes that it counts first."""
    unit, option = test.unit, test.option
    if test.most_votes:
        option = leaders(rule, test, counts)[0]
    for_ = counts.part(unit, option or FOR) or 0
    others = (counts.decided(unit) or 0) - for_
    parts = [
        (BarPart.FOR, "for" if option is None else f"for {labels.get(option, option)}", for_),
        (BarPart.AGAINST, "against" if option is None else "for other options", others),
    ]
    if test.against:
        parts.reverse()
    if test.base in (Denominator.CAST, Denominator.ELIGIBLE):
        parts.append((BarPart.ABSTAINED, "abstained", counts.part(unit, ABSTAIN) or 0))
    if test.base in (Denominator.ELIGIBLE, Denominator.ELIGIBLE_LESS_ABSTENTIONS):
        parts.append((BarPart.NOT_RETURNED, "not returned", counts.part(unit, NOT_RETURNED) or 0))
    base = finding.share.base
    of, mark = base_phrase(test, rule.words, base), mark_of(test.threshold, base, finding.holds)
    return draw_bar(title, unit, of, parts, mark)
