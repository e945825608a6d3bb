"""The working of a decision in sentences, the same ones on every page, in the record, and from the command line.

Each says what was counted, out of what, the exact fraction, and what the rule needs. A percentage is rounded for the
eye, says "about" when it is, and always stands beside the exact fraction.
"""

from __future__ import annotations

from collections.abc import Iterator

from ballot.constitution.counts import ABSTAIN, Counts
from ballot.constitution.findings import ConditionFinding, LocalityFinding, QuorumFinding
from ballot.constitution.phrases import (
    base_phrase,
    citation,
    joined,
    locality_requirement,
    needed_or_allowed,
    needed_sentences,
    quorums_needed,
    threshold_phrase,
    turnout_phrase,
    unit_noun,
)
from ballot.constitution.rule import LocalityTest, Outcome, Quorum, Rule, Test, Unit
from ballot.constitution.verdict import Verdict, leaders
from ballot.constitution.words import Words
from ballot.strict.errors import plain


def explain(rule: Rule, counts: Counts, verdict: Verdict) -> Iterator[str]:
    """The sentences of one decision: what was counted, the quorum, each test, each locality's, the verdict."""
    yield from counted_sentences(counts, rule.words)
    yield from _unanimous(counts)
    if verdict.quorum is not None:
        yield from _quorums(rule, verdict.quorum)
    tests = verdict.tests
    for number, (test, finding) in enumerate(zip(rule.tests, tests, strict=True), start=1):
        name = f"Test {number} of {len(tests)}" if len(tests) > 1 else "Test"
        yield f"{_test(name, rule, test, finding, counts)} It {'holds' if finding.holds else 'does not hold'}."
    yield from _how_many_hold(rule, verdict)
    for number, (part, found) in enumerate(zip(rule.locality_tests, verdict.locality_tests, strict=True), start=1):
        name = f"Locality test {number}" if len(rule.locality_tests) > 1 else "Locality test"
        yield from _locality_test(name, rule, part, found, counts)
    if counts.has_options:
        yield _passing(verdict)
    if verdict.tied:
        given = "It was not given yet, and the decision waits for it."
        if counts.casting_vote is not None:
            given = f"It was given {counts.casting_vote}."
        yield f"As many voted for as against: a tie. {plain(rule.casting_vote or '')} has the casting vote. {given}"
    if verdict.outcome is Outcome.INQUORATE:
        yield "The quorum comes first: without it the tests decide nothing."
    with_option = "" if verdict.option is None else f", with the option {plain(verdict.option)}"
    yield f"By {citation(rule.source)}: {verdict.outcome.value}{with_option}."


def counted_sentences(counts: Counts, words: Words) -> Iterator[str]:
    """What was counted, out of what: a sentence for each measure that was counted."""
    for unit in Unit:
        if sentence := _counted(counts, unit, words):
            yield sentence


def _counted(counts: Counts, unit: Unit, words: Words) -> str | None:
    """Everything known in one measure, or None where it was not counted."""
    eligible, returned = counts.eligible.of(unit), counts.turnout(unit)
    if eligible is None or returned is None:
        return None
    parts = f"{returned:,} returned"
    if counts.decided(unit) is not None:
        names = {**{name: f"for {plain(name)}" for name in counts.options}, ABSTAIN: "abstaining"}
        parts = ", ".join(f"{counts.part(unit, name) or 0:,} {names.get(name, name)}" for name in counts.answers)
    return (
        f"Of {eligible:,} eligible {unit_noun(unit, eligible, words)}: {parts}, {eligible - returned:,} not returned."
    )


def _unanimous(counts: Counts) -> Iterator[str]:
    """Call a result unanimous, in the CCG or in a locality with published totals, because it reveals every vote."""
    same = "gave the same answer, so that the result tells how each of them voted"
    if _has_one_answer(counts):
        yield f"This is unanimous: all who voted {same}."
    elif places := [plain(name) for name, local in counts.localities.items() if _has_one_answer(local)]:
        yield f"All who voted in {joined(places)} {same}."


def _has_one_answer(counts: Counts) -> bool:
    return any(
        counts.turnout(unit) and counts.turnout(unit) in [counts.part(unit, answer) for answer in counts.answers]
        for unit in Unit
    )


def _quorums(rule: Rule, found: QuorumFinding) -> Iterator[str]:
    """Each quorum, then those of several that must be met, then each locality's."""
    several = len(rule.quorums) > 1
    for number, (quorum, finding) in enumerate(zip(rule.quorums, found.parts, strict=True), start=1):
        name = f"Quorum {number} of {len(rule.quorums)}" if several else "Quorum"
        yield _quorum(name, quorum, finding, rule)
    if several:
        met = sum(finding.holds for finding in found.parts)
        yield f"{quorums_needed(rule)} Met: {met} of {len(rule.quorums)}."
    for number, (part, local) in enumerate(zip(rule.locality_quorums, found.localities, strict=True), start=1):
        name = f"Locality quorum {number}" if len(rule.locality_quorums) > 1 else "Locality quorum"
        for locality, finding in local.localities.items():
            yield _quorum(f"{name}, {plain(locality)}", part.quorum, finding, rule)
        verdict = "That is enough." if local.holds else "That is not enough."
        every = len(local.localities)
        yield f"{name}: {locality_requirement(part)} Met: in {local.holding} of {every}. {verdict}"


def _quorum(name: str, quorum: Quorum, finding: ConditionFinding, rule: Rule) -> str:
    share = finding.share
    if share.base == 0:
        noun = unit_noun(quorum.unit, 0, rule.words)
        return f"{name}: there are no eligible {noun}, and 0 of 0 is not a quorum. It is not met."
    return (
        f"{name}: {share.part:,} of {share.base:,} eligible {unit_noun(quorum.unit, share.base, rule.words)} "
        f"{turnout_phrase(quorum, rule.has_options)}, "
        f"{share.with_percentage()}; {threshold_phrase(quorum.threshold)} needed. "
        f"It is {'met' if finding.holds else 'not met'}."
    )


def _test(name: str, rule: Rule, test: Test, finding: ConditionFinding, counts: Counts) -> str:
    share = finding.share
    if share.base == 0:
        zero = "never passes a test" if test.against else "is not a majority"
        return f"{name}: there are no {base_phrase(test, rule.words, 0)}, and 0 of 0 {zero}."
    side = "against" if test.against else "for"
    verb = f"voted {side}" if test.unit is Unit.PRACTICES else f"were {side}"
    tied: tuple[str, ...] = ()
    if test.most_votes:
        first = leaders(rule, test, counts)
        tied = first if len(first) > 1 else ()
        verb += f" {plain(first[0])}, more than for any other" if not tied else f" each of {joined(map(plain, tied))}"
    elif test.option is not None:
        verb += f" {plain(test.option)}"
    tie = " That is a tie, and a tie is not carried." if tied else ""
    return (
        f"{name}: of {share.base:,} {base_phrase(test, rule.words, share.base)}, {share.part:,} {verb}, "
        f"{share.with_percentage()}; {threshold_phrase(test.threshold)} {needed_or_allowed(test.threshold)}.{tie}"
    )


def _how_many_hold(rule: Rule, verdict: Verdict) -> Iterator[str]:
    if not rule.has_options and len(rule.tests) > 1:
        holding = sum(finding.holds for finding in verdict.tests)
        (needed,) = needed_sentences(rule)
        yield f"{needed} Holding: {holding} of {len(rule.tests)}."
    elif rule.has_options:
        yield from needed_sentences(rule)


def _locality_test(name: str, rule: Rule, part: LocalityTest, found: LocalityFinding, counts: Counts) -> Iterator[str]:
    """One sentence for each locality, then the number in which the test holds and the number needed."""
    for locality, finding in found.localities.items():
        sentence = _test(f"{name}, {plain(locality)}", rule, part.test, finding, counts.localities[locality])
        yield f"{sentence} It {'holds' if finding.holds else 'does not hold'} there."
    verdict = "That is enough." if found.holds else "That is not enough."
    every = len(found.localities)
    yield f"{name}: {locality_requirement(part)} Holding: in {found.holding} of {every}. {verdict}"


def _passing(verdict: Verdict) -> str:
    """Which options pass. If several pass, none is carried."""
    if not verdict.passing:
        return "No option passes."
    if len(verdict.passing) == 1:
        return f"The option {plain(verdict.passing[0])} passes."
    names = joined(map(plain, verdict.passing))
    return f"The options {names} all pass, and nothing in the rule says which: none of them is carried."
