"""Any rule and any counts, and a second, very short implementation of a rule."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import strategies as st

from ballot.constitution.counts import Counts, Measure
from ballot.constitution.rule import Combine, Denominator, Outcome, Quorum, QuorumCounting, Rule, RuleSource, Test, Unit
from ballot.constitution.threshold import LIMITS, MINIMA, Comparison, Threshold
from ballot.constitution.weight import PATIENTS, Band, MissingList, Rounding, Weight
from ballot.constitution.words import Noun
from ballot.strict.fraction import parse_fraction
from tests.support.counts import yes_or_no

NUMBERS = st.integers(0, 40) | st.integers(0, 10**30)


@st.composite
def written_fractions(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        denominator = draw(st.integers(1, 12))
        return f"{draw(st.integers(1, denominator))}/{denominator}"
    hundredths = draw(st.integers(1, 10000))
    return f"{hundredths // 100}.{hundredths % 100:02}%"


@st.composite
def thresholds(draw: st.DrawFn, *, number: bool) -> Threshold:
    comparison = draw(st.sampled_from(MINIMA))
    if number and draw(st.booleans()):
        value = draw(st.integers(1, 60))
        return Threshold(comparison, value, str(value))
    written = draw(written_fractions())
    return Threshold(comparison, parse_fraction(written), written)


@st.composite
def any_test(
    draw: st.DrawFn,
    shares: st.SearchStrategy[Threshold] | None = None,
    option: str | None = None,
    *,
    options: bool = False,
) -> Test:
    """A test of any kind: by share or number, of the votes for an option, for, or against."""
    unit, base = draw(st.sampled_from(Unit)), draw(st.sampled_from(Denominator))
    about = {"option": option, "most_votes": options and option is None}
    threshold = draw(thresholds(number=False) if shares is None else shares)
    kind = draw(st.sampled_from(["share"] * 3 + ["number", "all but"] + ([] if options else ["against"] * 2)))
    number = draw(st.integers(1, 12))
    if kind == "all but":
        return Test(unit, base, Threshold(Comparison.ALL_BUT, number, str(number)), **about)
    comparison, against = threshold.comparison, kind == "against"
    if against:
        comparison = draw(st.sampled_from(LIMITS))
    if kind == "number" or (against and draw(st.booleans())):
        threshold = Threshold(comparison, number, str(number))
    threshold = Threshold(comparison, threshold.value, threshold.written)
    return Test(unit, Denominator.ELIGIBLE if threshold.is_number else base, threshold, against=against, **about)


TESTS = any_test()
QUORUMS = st.builds(Quorum, st.sampled_from(Unit), st.sampled_from(QuorumCounting), thresholds(number=True))


SOME_QUORUMS = st.just(()) | st.lists(QUORUMS, max_size=3).map(tuple)
ANY_OR_ALL = st.sampled_from(Combine)


@st.composite
def weights(draw: st.DrawFn) -> Weight:
    per = draw(st.integers(1, 3) | st.sampled_from([500, 1000, 2000]))
    rounding = draw(st.sampled_from(Rounding) if per > 1 else st.none() | st.sampled_from(Rounding))
    minimum, maximum = draw(st.none() | st.integers(1, 20)), draw(st.none() | st.integers(20, 40))
    bands = draw(st.just(()) | st.just(()) | some_bands())
    if bands and bands[-1].up_to is None:
        per, rounding = 1, None
    column, unit = draw(st.sampled_from([None, None, "shares"])), draw(st.none() | st.sampled_from(UNITS))
    counts = PATIENTS if column is None else draw(st.sampled_from(COUNTED))
    if column is not None and unit is not None and per == 1 and not bands and draw(st.booleans()):
        counts = unit
    day, missing = dt.date(2020, 4, 1), draw(st.sampled_from(MissingList))
    return Weight(per, day, missing, rounding, minimum, maximum, 0, bands, column, counts, unit)


UNITS = (Noun("share", "shares"), Noun("hour", "hours", "an"))
"""What a weighted vote may be called."""
COUNTED = (Noun("whole-time GP", "whole-time GPs"), Noun("bed", "beds"))
"""What a column of the roll may count."""


@st.composite
def some_bands(draw: st.DrawFn) -> tuple[Band, ...]:
    """Irregular bands: ends that rise, votes that do not fall, the last one perhaps without an end."""
    ends = sorted(draw(st.sets(st.integers(1, 5000), min_size=1, max_size=3)))
    votes = sorted(draw(st.lists(st.integers(0, 9), min_size=len(ends), max_size=len(ends))))
    found = [Band(end, number) for end, number in zip(ends, votes, strict=True)]
    if draw(st.booleans()):
        found[-1] = Band(None, max(found[-1].votes, 1))
    return tuple(found)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    tests = tuple(draw(st.lists(TESTS, min_size=1, max_size=4)))
    weight = draw(weights())
    source = RuleSource("Constitution", "6.4", "...", "a", "b")
    casting = draw(st.sampled_from([None, "the Chair"])) if any(test.can_tie for test in tests) else None
    return Rule(
        tests,
        draw(st.integers(1, len(tests))),
        draw(SOME_QUORUMS),
        weight,
        source,
        combine_quorums=draw(ANY_OR_ALL),
        casting_vote=casting,
    )


def weights_of_one(weight: Weight | None) -> st.SearchStrategy[int]:
    """What one practice can weigh under this [weight]."""
    if weight is None:
        return st.integers(0, 4)
    smallest = max(weight.votes(1), 1)
    highest = smallest + 4 if weight.most is None else min(weight.most, smallest + 4)
    some = st.integers(smallest, highest)
    can_be_nothing = weight.missing is MissingList.ZERO or weight.votes(1) == 0
    return st.just(0) | some if can_be_nothing else some


@st.composite
def counts_of_both(draw: st.DrawFn, weight: Weight | None = None, numbers: st.SearchStrategy[int] = NUMBERS) -> Counts:
    """Counts by practices and by weight that are possible if each practice votes as one block."""
    groups = []
    for _ in range(4):  # For, against, abstaining, not returned: two kinds of practice in each, by their weight
        kinds = [(draw(numbers), draw(weights_of_one(weight))) for _ in range(2)]
        groups.append((sum(number for number, _ in kinds), sum(number * each for number, each in kinds)))
    eligible = (sum(practices for practices, _ in groups), sum(votes for _, votes in groups))
    return yes_or_no(*(Measure(*pair) for pair in (eligible, *groups[:3])))


@st.composite
def rules_and_counts(draw: st.DrawFn, numbers: st.SearchStrategy[int] = NUMBERS) -> tuple[Rule, Counts]:
    """A rule, and counts that its [weight] allows."""
    rule = draw(rules())
    return rule, draw(counts_of_both(rule.weight, numbers))


def enough(threshold: Threshold, part: int, base: int) -> bool:
    """A threshold once more, with division."""
    if base == 0:
        return False
    have, value = Fraction(part) if isinstance(threshold.value, int) else Fraction(part, base), threshold.value
    equal, more = have == value, have > value
    match threshold.comparison:
        case Comparison.ALL_BUT:
            return part > 0 and base - part <= value
        case Comparison.AT_LEAST:
            return more or equal
        case Comparison.MORE_THAN:
            return more
        case Comparison.AT_MOST:
            return not more
        case Comparison.FEWER_THAN:
            return not more and not equal


REQUIRES = (
    st.none()
    | st.integers(1, 3)
    | st.builds(
        lambda comparison, written: Threshold(comparison, parse_fraction(written), written),
        st.sampled_from(MINIMA),
        st.sampled_from(["1/2", "2/3", "1/3", "99%"]),
    )
)
"""In how many localities something must hold."""


def enough_localities(require: int | Threshold | None, holding: int, localities: int) -> bool:
    """The number of localities once more, with division."""
    if isinstance(require, Threshold):
        return enough(require, holding, localities)
    return holding >= (localities if require is None else require)


def naive_outcome(rule: Rule, counts: Counts) -> Outcome:
    """The rule once more, as briefly as possible, with Fractions and division."""

    def numbers(unit: Unit) -> tuple[int, int, int, int]:
        groups = (counts.eligible, *counts.answers.values())
        e, f, a, b = (getattr(group, unit.value) for group in groups)
        return e, f, a, b

    met = []
    for quorum in rule.quorums:
        e, f, a, b = numbers(quorum.unit)
        met.append(enough(quorum.threshold, f + a + (b if quorum.counting is QuorumCounting.RETURNED else 0), e))
    if met and not (any(met) if rule.combine_quorums is Combine.ANY else all(met)):
        return Outcome.INQUORATE

    def carries(more: int) -> bool:
        holding = 0
        for test in rule.tests:
            e, f, a, b = numbers(test.unit)
            if test.unit is Unit.PRACTICES and not test.against and test.base.value in ("for-and-against", "cast"):
                f += more
            bases = {"for-and-against": f + a, "cast": f + a + b, "eligible": e, "eligible-less-abstentions": e - b}
            holding += enough(test.threshold, a if test.against else f, bases[test.base.value])
        return holding >= rule.needed_of(None)

    if carries(0):
        return Outcome.CARRIED
    _, f, a, _ = numbers(Unit.PRACTICES)
    waits = rule.casting_vote is not None and f == a > 0 and carries(1)
    return Outcome.TIED if waits else Outcome.NOT_CARRIED
