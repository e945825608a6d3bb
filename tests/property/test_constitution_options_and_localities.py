"""Options and localities for any rule and votes: exact, monotone, independent of order; margins tried in full."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, YES_OR_NO, Counts, Measure, summed
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.effects import MemberVoter
from ballot.constitution.lint import check_against_roll, check_constitution
from ballot.constitution.margins import greatest_loss, sources_for, units_of, ways_to_carry
from ballot.constitution.reading import read_for_signing
from ballot.constitution.rule import (
    Combine,
    Constitution,
    Denominator,
    LocalityQuorum,
    LocalityTest,
    Outcome,
    Quorum,
    QuorumCounting,
    Rule,
    RuleSource,
    Test,
    Unit,
)
from ballot.constitution.verdict import judge, subjects
from ballot.constitution.weight import Weight
from ballot.record.counting import Counting as HowCounted
from ballot.record.counting import CountKind, eligible_measure, make_counts
from tests.support.constitution_strategies import (
    ANY_OR_ALL,
    QUORUMS,
    REQUIRES,
    SOME_QUORUMS,
    TESTS,
    any_test,
    enough,
    enough_localities,
    weights,
    weights_of_one,
)

SOURCE = RuleSource("Constitution", "6.4", "...", "a", "b")
OPTIONS = ("merge", "joint", "none")
LOCALITIES = ("U1", "U2", "U3")
Paper = tuple[str, int, str | None]
"""A practice on the roll: its locality, its weight, its answer (None: it did not vote)."""


@st.composite
def option_tests(draw: st.DrawFn) -> Test:
    """A test for one option, or for the one with most votes."""
    return draw(any_test(option=draw(st.sampled_from([*OPTIONS, None])), options=True))


@st.composite
def rules_of_any_kind(draw: st.DrawFn, options: bool | None = None, localities: bool | None = None) -> Rule:
    has_options = draw(st.booleans()) if options is None else options
    has_localities = draw(st.booleans()) if localities is None else localities
    test = option_tests() if has_options else TESTS
    tests = tuple(draw(st.lists(test, min_size=0 if has_localities else 1, max_size=3)))
    local = st.builds(LocalityTest, test, st.just("pcn_code"), REQUIRES)
    locality_tests = tuple(draw(st.lists(local, min_size=1, max_size=2))) if has_localities else ()
    combine = draw(st.sampled_from(Combine)) if tests else Combine.ALL
    quorums, local_quorums = draw(SOME_QUORUMS), draw(locality_quorums()) if has_localities else ()
    return Rule(tests, combine, quorums, draw(weights()), SOURCE, "", locality_tests, draw(ANY_OR_ALL), local_quorums)


@st.composite
def locality_quorums(draw: st.DrawFn, quorums: st.SearchStrategy[Quorum] = QUORUMS) -> tuple[LocalityQuorum, ...]:
    """Mostly none."""
    local = st.builds(LocalityQuorum, quorums, st.just("pcn_code"), REQUIRES)
    return draw(st.just(()) | st.just(()) | st.tuples(local))


@st.composite
def papers(draw: st.DrawFn, options: bool, weight: Weight | None, most: int = 9) -> list[Paper]:
    answers = (*OPTIONS, ABSTAIN) if options else YES_OR_NO
    paper = st.tuples(st.sampled_from(LOCALITIES), weights_of_one(weight), st.sampled_from([*answers, None]))
    return draw(st.lists(paper, min_size=1, max_size=most))


def count(found: Sequence[Paper], answers: Sequence[str]) -> Counts:
    """The counts of these papers, by locality: every locality is there, with or without practices."""

    def measure(chosen: Sequence[Paper]) -> Measure:
        return Measure(len(chosen), sum(weight for _, weight, _ in chosen))

    parts = {
        place: Counts(
            measure([p for p in found if p[0] == place]),
            {name: measure([p for p in found if (p[0], p[2]) == (place, name)]) for name in answers},
        )
        for place in LOCALITIES
    }
    return summed(parts)


@st.composite
def votes(draw: st.DrawFn, options: bool | None = None, localities: bool | None = None) -> tuple[Rule, list[Paper]]:
    rule = draw(rules_of_any_kind(options, localities))
    return rule, draw(papers(rule.has_options, rule.weight))


def answers_of(rule: Rule) -> tuple[str, ...]:
    return (*OPTIONS, ABSTAIN) if rule.has_options else YES_OR_NO


def naive(rule: Rule, found: Sequence[Paper]) -> tuple[Outcome, str | None]:
    """The rule once more, over the papers themselves, with Fractions and division."""

    def weigh(unit: Unit, chosen: Sequence[Paper]) -> int:
        return len(chosen) if unit is Unit.PRACTICES else sum(weight for _, weight, _ in chosen)

    def holds(test: Test, chosen: Sequence[Paper], option: str) -> bool:
        votes_of = {name: weigh(test.unit, [p for p in chosen if p[2] == name]) for name in answers_of(rule)}
        abstained = votes_of.pop(ABSTAIN)
        if test.most_votes and any(votes_of[other] >= votes_of[option] for other in votes_of if other != option):
            return False
        everybody = weigh(test.unit, chosen)
        base = {
            "for-and-against": sum(votes_of.values()),
            "cast": sum(votes_of.values()) + abstained,
            "eligible": everybody,
            "eligible-less-abstentions": everybody - abstained,
        }[test.base.value]
        return enough(test.threshold, votes_of[AGAINST if test.against else option], base)

    def met(quorum: Quorum, chosen: Sequence[Paper]) -> bool:
        counted = [
            p for p in chosen if p[2] is not None and (quorum.counting is QuorumCounting.RETURNED or p[2] != ABSTAIN)
        ]
        return enough(quorum.threshold, weigh(quorum.unit, counted), weigh(quorum.unit, chosen))

    whole_quorums = [met(quorum, found) for quorum in rule.quorums]
    quorate = not whole_quorums or (any if rule.combine_quorums is Combine.ANY else all)(whole_quorums)
    for local in rule.locality_quorums:
        where = sum(met(local.quorum, [p for p in found if p[0] == place]) for place in LOCALITIES)
        quorate = quorate and enough_localities(local.require, where, len(LOCALITIES))
    if not quorate:
        return Outcome.INQUORATE, None
    passing = []
    for option in OPTIONS if rule.has_options else (FOR,):
        mine = [test for test in rule.tests if not rule.has_options or test.most_votes or test.option == option]
        good = sum(holds(test, found, option) for test in mine)
        about = [p for p in rule.locality_tests if not rule.has_options or p.test.most_votes or p.test.option == option]
        whole = bool(mine if rule.tests else about) and good >= (len(mine) if rule.combine is Combine.ALL else 1)
        for part in rule.locality_tests:
            if rule.has_options and not part.test.most_votes and part.test.option != option:
                continue
            where = sum(holds(part.test, [p for p in found if p[0] == place], option) for place in LOCALITIES)
            whole = whole and enough_localities(part.require, where, len(LOCALITIES))
        passing += [option] if whole else []
    if len(passing) != 1:
        return Outcome.NOT_CARRIED, None
    return Outcome.CARRIED, passing[0] if rule.has_options else None


@settings(max_examples=400)  # a tie that another test turns is rare
@given(votes())
def test_a_decision_is_what_the_papers_say(drawn: tuple[Rule, list[Paper]]) -> None:
    rule, found = drawn

    decision = decide(rule, count(found, answers_of(rule)))

    assert (decision.outcome, decision.option) == naive(rule, found)


@given(votes(), st.randoms(use_true_random=False))
def test_the_order_of_practices_is_irrelevant(drawn: tuple[Rule, list[Paper]], random: object) -> None:
    rule, found = drawn
    shuffled = sorted(found, key=lambda _: random.random())  # type: ignore[attr-defined]

    one, other = (decide(rule, count(papers_, answers_of(rule))) for papers_ in (found, shuffled))

    assert one == other


@given(votes(), st.data())
def test_one_more_vote_for_what_is_carried_never_loses_it(drawn: tuple[Rule, list[Paper]], data: st.DataObject) -> None:
    rule, found = drawn
    decision = decide(rule, count(found, answers_of(rule)))
    if decision.outcome is not Outcome.CARRIED:
        return
    turned = data.draw(st.integers(0, len(found) - 1))
    more = [(p[0], p[1], decision.option or FOR) if place == turned else p for place, p in enumerate(found)]

    after = decide(rule, count(more, answers_of(rule)))

    assert (after.outcome, after.option) == (Outcome.CARRIED, decision.option)


@given(votes(options=False, localities=False), st.sampled_from(LOCALITIES), st.integers(0, 4))
def test_a_practice_that_abstains_instead_of_staying_away_acts_only_as_the_base_says(
    drawn: tuple[Rule, list[Paper]], place: str, weight: int
) -> None:
    """It stays in the base of the eligible, joins that of the votes cast, leaves that of those who did not abstain."""
    rule, found = drawn
    away, abstains = ([*found, (place, weight, answer)] for answer in (None, ABSTAIN))

    before, after = (judge(rule, count(papers_, YES_OR_NO)).tests for papers_ in (away, abstains))

    for test, one, other in zip(rule.tests, before, after, strict=True):
        size = 1 if test.unit is Unit.PRACTICES else weight
        grows = {Denominator.CAST: size, Denominator.ELIGIBLE_LESS_ABSTENTIONS: -size}.get(test.base, 0)
        assert (other.share.part, other.share.base) == (one.share.part, one.share.base + grows)


@given(votes())
def test_counts_survive_a_trip_through_their_file(drawn: tuple[Rule, list[Paper]]) -> None:
    rule, found = drawn
    counts = count(found, answers_of(rule))

    read = parse_counts(
        json.dumps(counts.as_json()).encode(), "c.json", weighted=True, options=rule.has_options, localities=True
    )

    assert read == counts


def carries(rule: Rule, counts: Counts, option: str | None) -> bool:
    verdict = judge(rule, counts)
    return (verdict.outcome, verdict.option) == (Outcome.CARRIED, option)


def spreads(counts: Counts, unit: Unit, source: str, number: int) -> list[dict[str, int]]:
    """Every way to take so many votes of one group from the localities."""
    found: list[dict[str, int]] = [{}]
    for place, local in counts.localities.items():
        have = local.part(unit, source) or 0
        found = [
            {**spread, place: n} for spread in found for n in range(have + 1) if sum(spread.values()) + n <= number
        ]
    return [spread for spread in found if sum(spread.values()) == number]


@given(votes(localities=True), st.data())
def test_the_least_change_is_the_first_that_carries_when_every_way_to_spread_it_is_tried(
    drawn: tuple[Rule, list[Paper]], data: st.DataObject
) -> None:
    rule, found = drawn
    counts = count(found, answers_of(rule))
    option = data.draw(st.sampled_from(subjects(counts)))
    verdict = judge(rule, counts)
    if verdict.outcome is Outcome.CARRIED or not rule.tests_of(option) or set(verdict.passing) - {option}:
        return
    ways = {
        (moves[0].source, moves[0].unit): moves[0] for moves in ways_to_carry(rule, counts, option) if len(moves) == 1
    }

    for source in sources_for(counts, option):
        for unit in units_of(rule):
            target, largest = option or FOR, min(counts.part(unit, source) or 0, 4)
            tried = (
                number
                for number in range(1, largest + 1)
                for spread in spreads(counts, unit, source, number)
                if carries(rule, counts.moved(unit, number, source, target, spread), option)
            )
            first = next(tried, None)
            claimed = ways.get((source, unit))
            if claimed is not None:
                assert carries(rule, counts.moved(unit, claimed.number, source, target, claimed.where), option)
            if first is None:
                continue
            entangled = rule.has_options and bool(rule.locality_tests)  # then it depends on where the votes come from
            assert claimed is not None or entangled
            assert claimed is None or claimed.number == first or (entangled and claimed.number > first)


@given(votes(), st.data())
def test_what_can_be_spared_carries_wherever_it_is_taken_and_one_more_need_not(
    drawn: tuple[Rule, list[Paper]], data: st.DataObject
) -> None:
    rule, found = drawn
    counts = count(found, answers_of(rule))
    verdict = judge(rule, counts)
    if verdict.outcome is not Outcome.CARRIED:
        return
    unit = data.draw(st.sampled_from(units_of(rule)))
    target = data.draw(st.sampled_from([NOT_RETURNED, *sources_for(counts, verdict.option)[:-2]]))
    source, option = verdict.option or FOR, verdict.option
    most = greatest_loss(rule, counts, unit, target, option)
    if most is None:
        return

    for number in range(1, min(most, 4) + 1):
        for spread in spreads(counts, unit, source, number):
            assert carries(rule, counts.moved(unit, number, source, target, spread), option)
    following = spreads(counts, unit, source, most + 1) if most < 4 else []
    if following:
        after = [counts.moved(unit, most + 1, source, target, spread) for spread in following]
        assert not all(carries(rule, one, option) for one in after)


@given(votes(localities=False))
def test_a_packed_count_decides_as_two_separate_ones(drawn: tuple[Rule, list[Paper]]) -> None:
    """Each practice weighs H + its votes; the totals, taken apart again, are those of two counts side by side."""
    rule, found = drawn
    answers = answers_of(rule)
    packed = HowCounted(CountKind.PACKED, 10 ** len(str(sum(weight for _, weight, _ in found))))

    def total(chosen: Sequence[Paper]) -> int:
        return sum(packed.weight(weight) or 0 for _, weight, _ in chosen)

    row = [total([paper for paper in found if paper[2] == answer]) for answer in answers]
    returned = [paper for paper in found if paper[2] is not None]
    eligible = eligible_measure(packed, [packed.weight(weight) for _, weight, _ in found])
    counts = make_counts(packed, eligible, answers, row, len(returned), total(returned))

    separate = count(found, answers)
    assert (counts.eligible, dict(counts.answers)) == (separate.eligible, dict(separate.answers))
    assert decide(rule, counts).as_json() == decide(rule, replace(separate, localities={})).as_json()


@given(rules_of_any_kind(), st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(LOCALITIES)), max_size=6))
def test_every_rule_can_be_looked_at_twice_and_read_aloud(rule: Rule, members: list[tuple[int, str]]) -> None:
    constitution = Constitution(
        "01A",
        "A CCG",
        SOURCE,
        rule.combine,
        frozenset(),
        rule.weight,
        rule.quorums,
        rule.tests,
        locality_tests=rule.locality_tests,
    )
    voters = [MemberVoter(f"P{place}", size, locality) for place, (size, locality) in enumerate(members)]

    oddities = [*check_constitution(constitution), *check_against_roll(constitution, voters)]
    sentences = [*(oddity.sentence for oddity in oddities), *read_for_signing(constitution)]

    assert all(sentence.isprintable() for sentence in sentences)
    assert all(oddity.sentence.endswith(".") for oddity in oddities)
