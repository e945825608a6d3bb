"""For any rule and counts: exact, monotone, and the same after writing and reading the file."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ballot.constitution.combine import combine
from ballot.constitution.counts import Counts, Measure
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import Otherwise, OutcomeRule
from ballot.constitution.rule import Combine, Constitution, Outcome, Quorum, Rule, Test, Unit
from ballot.constitution.verdict import judge
from ballot.constitution.weight import Band, Rounding, Weight
from ballot.strict.fraction import rounded_percentage
from tests.support.constitution_strategies import counts_of_both, naive_outcome, rules, rules_and_counts, weights
from tests.support.counts import yes_or_no


@given(rules_and_counts())
def test_a_decision_is_what_exact_fractions_say(drawn: tuple[Rule, Counts]) -> None:
    rule, counts = drawn

    assert decide(rule, counts).outcome is naive_outcome(rule, counts)


@given(rules(), counts_of_both(), st.sampled_from(["against", "abstain", "nobody"]))
def test_a_practice_that_turns_to_for_never_loses_the_vote(rule: Rule, counts: Counts, source: str) -> None:
    """Votes move to "for": from against, from abstaining, or from practices that had not voted."""
    turned = {"for_": [], "against": [], "abstain": []}  # type: dict[str, list[int]]
    for unit in Unit:
        e, f, a, b = (group.of(unit) or 0 for group in (counts.eligible, *counts.answers.values()))
        free = {"against": a, "abstain": b, "nobody": e - f - a - b}[source]
        step = min(1, free)
        turned["for_"].append(f + step)
        turned["against"].append(a - step if source == "against" else a)
        turned["abstain"].append(b - step if source == "abstain" else b)
    after = yes_or_no(counts.eligible, *(Measure(*turned[name]) for name in ("for_", "against", "abstain")))

    if judge(rule, counts).outcome is Outcome.CARRIED:
        assert judge(rule, after).outcome is Outcome.CARRIED


@given(rules_and_counts())
def test_shares_are_unreduced_and_every_decision_is_explained(drawn: tuple[Rule, Counts]) -> None:
    rule, counts = drawn
    decision = decide(rule, counts)
    answer = json.loads(json.dumps(decision.as_json()))

    for test, finding, shown in zip(rule.tests, decision.tests, answer["tests"], strict=True):
        assert finding.share.part == counts.part(test.unit, "against" if test.against else "for")
        assert shown["share"] == (str(finding.share) if finding.share.base else None)
        said = f"{finding.share.part:,}/{finding.share.base:,}"
        assert any(said in line for line in decision.explanation) or finding.share.base == 0
    assert sum(line.endswith(f": {decision.outcome.value}.") for line in decision.explanation) == 1


@given(counts_of_both())
def test_counts_survive_a_trip_through_their_file(counts: Counts) -> None:
    assert parse_counts(json.dumps(counts.as_json()).encode(), "c.json", weighted=True) == counts


def as_toml(constitution: Constitution) -> str:
    """A rule file that says what the constitution says."""

    def threshold(part: Test | Quorum) -> str:
        written = part.threshold.written
        value = written if isinstance(part.threshold.value, int) else f'"{written}"'
        more = 'votes = "against"\n' if isinstance(part, Test) and part.against else ""
        if isinstance(part, Test) and not part.threshold.is_number:
            more += f'of = "{part.base.value}"\n'
        return f'{more}measure = "{part.unit.value}"\n{part.threshold.comparison.value} = {value}\n'

    lines = [f'ccg = "{constitution.ccg}"\nname = {json.dumps(constitution.name)}\n']
    lines.append(f"combine = {{ at_least = {constitution.combine} }}\n")
    lines.append(f"reballot = {json.dumps(sorted(outcome.value for outcome in constitution.reballot))}\n[source]\n")
    source = constitution.source
    for key in ("document", "clause", "wording", "encoded_by", "approved_by"):
        lines.append(f"{key} = {json.dumps(getattr(source, key))}\n")
    if constitution.weight:
        weight = constitution.weight
        lines.append(f'[weight]\nsnapshot = {weight.snapshot}\nmissing = "{weight.missing.value}"\n')
        if weight.column is not None:
            lines.append(f"column = {json.dumps(weight.column)}\ncounts = {json.dumps(weight.counts.texts)}\n")
        if weight.unit is not None:
            lines.append(f"unit = {json.dumps(weight.unit.texts)}\n")
        lines.extend(f"per = {weight.per}\n" for _ in [weight] if weight.is_open)
        lines.extend(f'rounding = "{weight.rounding.value}"\n' for _ in [weight.rounding] if weight.rounding)
        limits = {"minimum": weight.minimum, "maximum": weight.maximum}
        lines.extend(f"{key} = {limit}\n" for key, limit in limits.items() if limit is not None)
        for band in weight.bands:
            end = "" if band.up_to is None else f"up_to = {band.up_to}\n"
            lines.append(f"[[weight.band]]\n{end}votes = {band.votes}\n")
    if len(constitution.quorums) > 1:
        lines.insert(1, f'combine_quorums = "{constitution.combine_quorums.value}"\n')
    for quorum in constitution.quorums:
        lines.append(f'[[quorum]]\ncounting = "{quorum.counting.value}"\n{threshold(quorum)}')
    if constitution.casting_vote is not None:
        lines.append(f'[tie]\ncasting_vote = "{constitution.casting_vote}"\n')
    lines.extend(f"[[test]]\n{threshold(test)}" for test in constitution.tests)
    return "".join(lines)


@given(rules(), st.frozensets(st.sampled_from([Outcome.INQUORATE, Outcome.NOT_CARRIED])))
def test_a_constitution_survives_a_trip_through_its_file(rule: Rule, reballot: frozenset[Outcome]) -> None:
    constitution = Constitution(
        "01A",
        "Ä “CCG” = [x]",
        rule.source,
        rule.needed_of(None),
        reballot,
        rule.weight,
        rule.quorums,
        rule.tests,
        casting_vote=rule.casting_vote,
        combine_quorums=rule.combine_quorums if len(rule.quorums) > 1 else Combine.ALL,
    )

    found = load_constitution(as_toml(constitution).encode(), "01A.toml")

    assert found == constitution
    unit = rule.weight.unit if rule.weight else None
    words = rule.words if unit is None else replace(rule.words, weight=unit)
    assert found.rule_for("merge") == replace(rule, combine_quorums=constitution.combine_quorums, words=words)


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_shown_percentage_is_within_half_a_hundredth_and_says_about_when_it_is_not_exact(
    part: int, base: int
) -> None:
    shown = rounded_percentage(part, base)
    value = Fraction(shown.removeprefix("about ").removesuffix("%")) / 100

    assert abs(value - Fraction(part, base)) <= Fraction(1, 20000)
    assert shown.startswith("about ") == (value != Fraction(part, base))


CCGS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from(Outcome), min_size=1)


@given(CCGS, st.none() | st.integers(1, 9), st.sampled_from(Otherwise))
def test_a_merger_has_only_members_that_carried_and_enough_of_them(
    words: dict[str, Outcome], at_least: int | None, otherwise: Otherwise
) -> None:
    rule = OutcomeRule(("merge",), at_least, (), otherwise, None, None)

    found = combine(rule, {ccg: {"merge": word} for ccg, word in words.items()})

    carried = sorted(ccg for ccg, word in words.items() if word is Outcome.CARRIED)
    assert list(found.members) == (carried if found.proceeds else [])
    assert found.proceeds == (
        len(carried) >= (at_least or len(words)) and (otherwise is Otherwise.PROCEED or len(carried) == len(words))
        if at_least
        else len(carried) == len(words)
    )


@given(weights(), st.integers(0, 50_000), st.integers(0, 50_000))
def test_a_longer_list_never_weighs_less_and_bands_are_what_exact_fractions_say(
    weight: Weight, one: int, other: int
) -> None:
    assert (weight.votes(min(one, other))) <= weight.votes(max(one, other))
    inside = [band.votes for band in weight.bands if band.up_to is None or one <= band.up_to]
    below = weight.bands[-1] if weight.bands else Band(0, 0)
    exact = Fraction(inside[0]) if inside else Fraction(one - (below.up_to or 0), weight.per)
    banded = {
        None: exact,
        Rounding.FLOOR: Fraction(math.floor(exact)),
        Rounding.CEILING: Fraction(math.ceil(exact)),
        Rounding.NEAREST: Fraction(math.floor(exact + Fraction(1, 2))),
    }[weight.rounding] + (0 if inside else below.votes)
    low, high = weight.minimum or 0, weight.maximum or 10**9
    assert weight.votes(one) == (min(max(banded, low), high) if one else 0)
