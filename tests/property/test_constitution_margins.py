"""Margins are exact: that many votes change the outcome and one fewer does not, tried one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts, Measure
from ballot.constitution.margins import greatest_loss, units_of, ways_to_carry
from ballot.constitution.margins_words import explain_margins
from ballot.constitution.rule import Outcome, Rule, Unit
from ballot.constitution.verdict import judge
from tests.support.constitution_strategies import naive_outcome, rules, rules_and_counts, weights_of_one
from tests.support.counts import yes_or_no


@st.composite
def small_counts(draw: st.DrawFn) -> Counts:
    measures = []
    for _ in Unit:
        answers = [draw(st.integers(0, 6)) for _ in range(3)]
        measures.append([sum(answers) + draw(st.integers(0, 6)), *answers])
    return yes_or_no(*(Measure(heads, weight) for heads, weight in zip(*measures, strict=True)))


def carries(rule: Rule, counts: Counts) -> bool:
    return naive_outcome(rule, counts) is Outcome.CARRIED


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


@given(rules_and_counts())
def test_every_decision_says_what_would_have_changed_it(drawn: tuple[Rule, Counts]) -> None:
    rule, counts = drawn
    sentences = list(explain_margins(rule, counts, judge(rule, counts)))

    assert sentences
    assert all(sentence[0].upper() == sentence[0] and sentence.endswith(".") for sentence in sentences)


Practice = tuple[int, str]


@st.composite
def votes_of_practices(draw: st.DrawFn) -> tuple[Rule, list[Practice]]:
    rule = draw(rules())
    voted = st.sampled_from([FOR, AGAINST, ABSTAIN, NOT_RETURNED])
    return rule, draw(st.lists(st.tuples(weights_of_one(rule.weight), voted), min_size=1, max_size=7))


def counted(practices: list[Practice]) -> Counts:
    def measure(*groups: str) -> Measure:
        votes = [weight for weight, group in practices if group in groups]
        return Measure(len(votes), sum(votes))

    return yes_or_no(measure(FOR, AGAINST, ABSTAIN, NOT_RETURNED), *map(measure, (FOR, AGAINST, ABSTAIN)))


@given(votes_of_practices(), st.data())
def test_practices_with_as_much_weight_as_is_said_carry_it_and_with_less_do_not(
    drawn: tuple[Rule, list[Practice]], data: st.DataObject
) -> None:
    """A practice turns with all of its weight: what is said of weight is said of any practices that have it."""
    rule, practices = drawn
    counts = counted(practices)
    if carries(rule, counts):
        return
    for moves in ways_to_carry(rule, counts):
        source = moves[0].source
        chosen = [data.draw(st.booleans()) and group == source for _, group in practices]
        turned = [(w, FOR) if turn else (w, group) for (w, group), turn in zip(practices, chosen, strict=True)]
        weight = sum(w for (w, _), turn in zip(practices, chosen, strict=True) if turn)
        has = {Unit.PRACTICES: sum(chosen), Unit.WEIGHT: weight}
        if all(has[move.unit] >= move.number for move in moves):
            assert carries(rule, counted(turned))
        elif len(units_of(rule)) == 1:
            assert not carries(rule, counted(turned))


@given(votes_of_practices(), st.sampled_from([AGAINST, NOT_RETURNED]), st.data())
def test_practices_with_no_more_weight_than_can_be_spared_do_not_lose_it(
    drawn: tuple[Rule, list[Practice]], target: str, data: st.DataObject
) -> None:
    rule, practices = drawn
    counts = counted(practices)
    if not carries(rule, counts) or len(units_of(rule)) > 1:
        return
    (unit,) = units_of(rule)
    spare = greatest_loss(rule, counts, unit, target)
    assert spare is not None
    chosen = [data.draw(st.booleans()) and group == FOR for _, group in practices]
    turned = [(w, target) if turn else (w, group) for (w, group), turn in zip(practices, chosen, strict=True)]
    lost = sum((w if unit is Unit.WEIGHT else 1) for (w, _), turn in zip(practices, chosen, strict=True) if turn)
    assert carries(rule, counted(turned)) == (lost <= spare)
