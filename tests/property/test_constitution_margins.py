"""Margins are exact: as many votes change the outcome and one fewer does not, tried one by one."""

from __future__ import annotations

from constitution_strategies import counts_of_both, naive_outcome, rules
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure
from ballot.constitution.margins import greatest_loss, units_of, ways_to_carry
from ballot.constitution.margins_words import explain_margins
from ballot.constitution.rule import Outcome, Rule, Unit
from ballot.constitution.verdict import judge


@st.composite
def small_counts(draw: st.DrawFn) -> Counts:
    measures = []
    for _ in Unit:
        answers = [draw(st.integers(0, 6)) for _ in range(3)]
        measures.append([sum(answers) + draw(st.integers(0, 6)), *answers])
    return Counts.yes_or_no(*(Measure(heads, weight) for heads, weight in zip(*measures, strict=True)))


def carries(rule: Rule, counts: Counts) -> bool:
    return naive_outcome(rule, counts) is Outcome.CARRIED


@settings(max_examples=300)
@given(rules(), small_counts())
def test_the_least_change_that_carries_is_the_first_that_carries_when_all_are_tried(rule: Rule, counts: Counts) -> None:
    if carries(rule, counts):
        return
    found = {
        (moves[0].source, moves[0].unit): moves[0].number for moves in ways_to_carry(rule, counts) if len(moves) == 1
    }

    for source in (AGAINST, ABSTAIN, NOT_RETURNED):
        for unit in units_of(rule):
            tried = range(1, (counts.part(unit, source) or 0) + 1)
            first = next((n for n in tried if carries(rule, counts.moved(unit, n, source, FOR))), None)
            if first is not None:
                assert found[source, unit] == first
            elif len(units_of(rule)) == 1:
                assert (source, unit) not in found


@settings(max_examples=300)
@given(rules(), small_counts())
def test_changes_in_both_measures_carry_together_and_neither_can_be_less(rule: Rule, counts: Counts) -> None:
    if carries(rule, counts):
        return
    for moves in ways_to_carry(rule, counts):
        for spared in (None, *moves):
            after = counts
            for move in moves:
                after = after.moved(move.unit, move.number - (move is spared), move.source, move.target)
            assert carries(rule, after) == (spared is None)


@settings(max_examples=300)
@given(rules(), small_counts(), st.sampled_from([AGAINST, NOT_RETURNED]))
def test_what_can_be_spared_is_the_last_that_carries_when_all_are_tried(
    rule: Rule, counts: Counts, target: str
) -> None:
    if not carries(rule, counts):
        return
    for unit in units_of(rule):
        tried = range((counts.part(unit, FOR) or 0) + 1)
        kept = [n for n in tried if carries(rule, counts.moved(unit, n, FOR, target))]
        assert kept == list(range(greatest_loss(rule, counts, unit, target) + 1))


@given(rules(), counts_of_both())
def test_every_decision_says_what_would_have_changed_it(rule: Rule, counts: Counts) -> None:
    sentences = list(explain_margins(rule, counts, judge(rule, counts)))

    assert sentences
    assert all(sentence[0].upper() == sentence[0] and sentence.endswith(".") for sentence in sentences)
