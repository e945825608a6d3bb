"""The pictures for any rule and counts: parts fill the bar, marks match the rule, all exact."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings

from ballot.constitution.counts import ABSTAIN, Counts
from ballot.constitution.findings import ConditionFinding
from ballot.constitution.question import Question
from ballot.constitution.rule import Constitution, Rule, Test
from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.verdict import judge
from ballot.declaration.bars import Bar, BarPart, bars_of_quorums, bars_of_tests, turnout_bar
from ballot.declaration.support import read_counts, sum_support, tell_counts, tell_support
from tests.property.test_constitution_options_and_localities import OPTIONS, Paper, answers_of, count, votes
from tests.support.constitution_strategies import counts_of_both, rules

YES_OR_NO = Question("merge", "Do you agree?", ("For", "Against", "Abstain"))
CHOICE = Question("form", "Which?", (*map(str.upper, OPTIONS), "Abstain"), OPTIONS)


def question_of(rule: Rule) -> Question:
    return CHOICE if rule.has_options else YES_OR_NO


def bars_of(rule: Rule, counts: Counts) -> list[tuple[Test, ConditionFinding, Bar]]:
    """The bar of every test, then those of the locality tests, each with its test and what was found."""
    question, verdict = question_of(rule), judge(rule, counts)
    labels = dict(zip(question.groups, question.answers, strict=True))
    tests = [*rule.tests, *(part.test for part in rule.locality_tests for _ in counts.localities)]
    findings = [*verdict.tests, *(found for part in verdict.locality_tests for found in part.localities.values())]
    return list(zip(tests, findings, bars_of_tests(rule, counts, verdict, labels), strict=True))


def is_seen(bar: Bar, threshold: Threshold, *parts: BarPart) -> bool:
    """Whether the eye sees that it is enough: the parts that count end at the mark or behind it."""
    end = max((segment.end for segment in bar.segments if segment.part in parts), default=Fraction(0))
    at = None if bar.mark is None else bar.mark.at
    if at is None or not bar.segments:
        return False
    if threshold.comparison.is_limit:
        return end < at or (end == at and threshold.comparison is Comparison.AT_MOST)
    return end > at or (end == at and threshold.comparison is Comparison.AT_LEAST)


def check_geometry(bar: Bar) -> None:
    """Between the ends, in order, without a gap, as long as the numbers say."""
    reached = Fraction(0)
    for segment in bar.segments:
        assert segment.start == reached < segment.end <= 1
        assert segment.end - segment.start == Fraction(segment.number, bar.whole)
        assert f"{segment.number} {segment.label}" in bar.sentence
        reached = segment.end
    assert reached == (1 if bar.whole else 0)
    assert bar.mark is None or bar.mark.at is None or 0 < bar.mark.at <= 1
    assert bar.mark is None or bar.mark.words.lower() in bar.sentence.lower()


@given(votes())
def test_every_bar_is_whole_and_shows_what_the_rule_found(given_votes: tuple[Rule, list[Paper]]) -> None:
    rule, papers = given_votes
    counts = count(papers, answers_of(rule))
    for test, finding, bar in bars_of(rule, counts):
        check_geometry(bar)
        assert bar.whole == finding.share.base
        counted = BarPart.AGAINST if test.against else BarPart.FOR
        assert sum(each.number for each in bar.segments if each.part is counted) == finding.share.part
        assert bar.mark is not None
        assert bar.mark.verb == ("allowed" if test.against else "needed")
        if test.threshold.counts_votes:
            continue
        assert bar.mark.at == test.threshold.value
        if test.against:
            assert is_seen(bar, test.threshold, BarPart.AGAINST) is bar.mark.holds
        elif not test.most_votes:
            assert is_seen(bar, test.threshold, BarPart.FOR) is bar.mark.holds
        elif bar.mark.holds:
            assert is_seen(bar, test.threshold, BarPart.FOR)


@given(rules(), counts_of_both())
def test_the_turnout_has_the_quorum_marked_exactly_where_there_is_one(rule: Rule, counts: Counts) -> None:
    verdict = judge(rule, counts)
    bar = turnout_bar(rule, counts, verdict)

    check_geometry(bar)
    if verdict.quorum is None:
        assert bar.mark is None
        assert "no quorum" in bar.sentence
    else:
        assert bar.mark is not None
        bars = [bar, *bars_of_quorums(rule, counts, verdict)]
        for quorum, finding, each in zip(rule.quorums, verdict.quorum.parts, bars, strict=True):
            assert each.mark is not None
            assert each.whole == finding.share.base
            assert is_seen(each, quorum.threshold, BarPart.RETURNED) is each.mark.holds is finding.holds


@settings(max_examples=40)
@given(votes())
def test_tables_add_up_and_counts_come_back_from_decision_json(given_votes: tuple[Rule, list[Paper]]) -> None:
    rule, papers = given_votes
    question, counts = question_of(rule), count(papers, answers_of(rule))

    assert read_counts(counts.as_json(), question) == counts
    numbers = {row.group: row.numbers for row in tell_counts(question, counts).rows}
    for place in range(2):
        column = {group: found[place] or 0 for group, found in numbers.items()}
        assert sum(column[group] for group in question.groups) == column["returned"]
        assert column["returned"] + column["not returned"] == column["eligible"]


@settings(max_examples=40)
@given(votes(), votes())
def test_the_level_of_support_is_of_those_that_voted_and_of_all_and_sums_over_ccgs(
    one: tuple[Rule, list[Paper]], other: tuple[Rule, list[Paper]]
) -> None:
    told = []
    for name, (rule, papers) in (("00A", one), ("00B", other)):
        counts = count(papers, answers_of(rule))
        constitution = Constitution(
            name, name, rule.source, rule.combine, frozenset(), rule.weight, rule.quorums, rule.tests
        )
        found = list(tell_support(constitution, question_of(rule), counts))
        told.append((name, found))
        for each in found:
            assert each.number is not None
            assert each.of_returned is None or 0 <= each.number <= each.of_returned.base
            assert each.eligible is not None
            assert each.answer != ABSTAIN
    for total in sum_support(told):
        same = [
            each.number or 0
            for _, found in told
            for each in found
            if each.adds_up and (each.measure, each.answer) == (total.support.measure, total.support.answer)
        ]
        assert total.support.number == sum(same)
        assert {*total.ccgs, *total.missing} == {"00A", "00B"}
