"""What a rule makes of counts, without a word of explanation: the quorum, every test, the outcome.

`decide` adds the sentences; `margins` asks here what other counts would have come to.

Where a question has options, each is held against its own tests: the votes for it are "for", those for any other are
"against". The question is carried if exactly one option passes. A tie passes nowhere; and where a rule lets two
options pass, nothing in it says which, so neither is carried.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, Counts
from ballot.constitution.errors import CountsDoNotFit
from ballot.constitution.findings import ConditionFinding, CountedShare, LocalityFinding, QuorumFinding
from ballot.constitution.rule import (
    Combine,
    Denominator,
    LocalityPart,
    LocalityQuorum,
    LocalityTest,
    Outcome,
    Quorum,
    QuorumCounting,
    Rule,
    Test,
    Unit,
)
from ballot.strict.errors import quoted


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and the result of each condition."""

    outcome: Outcome
    quorum: QuorumFinding | None  # None: the rule has no quorum
    tests: tuple[ConditionFinding, ...]
    option: str | None = None
    """The option that was carried."""
    locality_tests: tuple[LocalityFinding, ...] = ()
    passing: tuple[str, ...] = ()
    """The options that pass their tests. At most one can be carried."""
    tied: bool = False
    """Whether a casting vote decides, or has decided."""


def judge(rule: Rule, counts: Counts) -> Verdict:
    """Apply a rule to the counts of one vote.

    (1) the quorum, (2) every test, (3) how many of the tests must hold, for each option where there are options,
    (4) every locality test besides. Raises: CountsDoNotFit, if the rule needs what was not counted.
    """
    _check_fit(rule, counts)
    quorum = _check_quorums(rule, counts) if rule.needs_quorum else None
    tests = tuple(_finding(rule, test, counts) for test in rule.tests)
    locality_tests = tuple(_locality_finding(rule, part, counts, None) for part in rule.locality_tests)
    passing = tuple(option for option in subjects(counts) if passes(rule, counts, option))
    outcome = Outcome.CARRIED if len(passing) == 1 else Outcome.NOT_CARRIED
    tied = outcome is Outcome.NOT_CARRIED and is_tied(rule, counts)
    if tied:
        outcome = {None: Outcome.TIED, FOR: Outcome.CARRIED, AGAINST: Outcome.NOT_CARRIED}[counts.casting_vote]
    if quorum is not None and not quorum.holds:
        outcome = Outcome.INQUORATE
    option = passing[0] if outcome is Outcome.CARRIED and passing else None
    options = tuple(option for option in passing if option is not None)
    tied = tied and outcome is not Outcome.INQUORATE
    return Verdict(outcome, quorum, tests, option, locality_tests, options, tied)


def subjects(counts: Counts) -> tuple[str | None, ...]:
    """What can be carried: each option, or None for a question without options."""
    return counts.options if counts.has_options else (None,)


def passes(rule: Rule, counts: Counts, option: str | None) -> bool:
    """Whether this option passes enough of its tests and every locality test. Ignores the quorum."""
    return meets_tests(rule, counts, option) and meets_localities(rule, counts, option)


def meets_localities(rule: Rule, counts: Counts, option: str | None) -> bool:
    """Whether every locality test holds."""
    return all(_locality_finding(rule, part, counts, option).holds for part in rule.locality_tests)


def meets_tests(rule: Rule, counts: Counts, option: str | None) -> bool:
    """Whether enough of the tests on the CCG as a whole hold."""
    tests = rule.tests_of(option)
    holding = sum(holds_for(rule, test, counts, option) for test in tests)
    return rule.can_pass(option) and holding >= rule.needed_of(option)


def is_quorate(rule: Rule, counts: Counts) -> bool:
    """Whether there is a quorum, in the localities too, or none is needed."""
    return not rule.needs_quorum or _check_quorums(rule, counts).holds


def has_quorum(rule: Rule, counts: Counts) -> bool:
    """Whether there is a quorum of the CCG as a whole or none is needed."""
    return _enough_quorums(rule, [_check_quorum(rule, quorum, counts).holds for quorum in rule.quorums])


def _check_quorums(rule: Rule, counts: Counts) -> QuorumFinding:
    parts = tuple(_check_quorum(rule, quorum, counts) for quorum in rule.quorums)
    localities = tuple(
        LocalityFinding(
            part.needed(len(counts.localities)),
            {name: _check_quorum(rule, part.quorum, local) for name, local in counts.localities.items()},
        )
        for part in rule.locality_quorums
    )
    whole = _enough_quorums(rule, [part.holds for part in parts])
    return QuorumFinding(parts, localities, whole and all(found.holds for found in localities))


def _enough_quorums(rule: Rule, met: list[bool]) -> bool:
    """Whether as many quorums are met as must be; without any there is nothing to meet."""
    return not met or (any(met) if rule.combine_quorums is Combine.ANY else all(met))


def holds_in(rule: Rule, part: LocalityPart, local: Counts, option: str | None) -> bool:
    """Whether what is asked in each locality holds in this one."""
    if isinstance(part, LocalityQuorum):
        return _check_quorum(rule, part.quorum, local).holds
    return holds_for(rule, part.test, local, option)


def is_tied(rule: Rule, counts: Counts) -> bool:
    """Whether as many practices voted for as against, and one more vote for carries: the casting vote decides.

    It is one more vote in each test of practices out of those for and against, or cast. A tie of nobody is none.
    """
    votes = {counts.part(Unit.PRACTICES, answer) for answer in (FOR, AGAINST)} if rule.casting_vote else {0}
    if len(votes) != 1 or votes <= {0, None}:
        return False
    holding = 0
    for test in rule.tests:
        share, more = _share(rule, test, counts, None), int(test.takes_casting_vote)
        holding += test.threshold.is_met(share.part + more, share.base + more)
    return holding >= rule.needed_of(None)


def holds_for(rule: Rule, test: Test, counts: Counts, option: str | None) -> bool:
    """Whether a test holds for this option. A test of another option does not."""
    if not test.is_about(option):
        return False
    leads = not test.most_votes or leaders(rule, test, counts) == (option,)
    share = _share(rule, test, counts, option)
    return leads and test.threshold.is_met(share.part, share.base)


def leaders(rule: Rule, test: Test, counts: Counts) -> tuple[str, ...]:
    """The options with the most votes in the test's measure; several if they tie."""
    votes = {option: _known(counts.part(test.unit, option), rule, test.line, test.unit) for option in counts.options}
    most = max(votes.values())
    return tuple(option for option, number in votes.items() if number == most)


def _check_fit(rule: Rule, counts: Counts) -> None:
    """Check that the counts are of the rule's kind of question, with all options and localities that it needs."""
    first = rule.all_tests[0]
    if rule.has_options != counts.has_options:
        has, counted = ("options", "for and against") if rule.has_options else ("for and against", "options")
        raise CountsDoNotFit(rule.file, first.line, f"The rule's tests are of {has}, and the counts are of {counted}.")
    for test in rule.all_tests:
        if test.option is not None and test.option not in counts.options:
            known = ", ".join(map(quoted, counts.options))
            raise CountsDoNotFit(rule.file, test.line, f"{quoted(test.option)} is not one of the options: {known}.")
    if rule.in_localities and not counts.localities:
        line = rule.in_localities[0].condition.line
        raise CountsDoNotFit(rule.file, line, "The rule counts each locality here, and the counts do not.")


def _check_quorum(rule: Rule, quorum: Quorum, counts: Counts) -> ConditionFinding:
    unit = quorum.unit
    counted = counts.turnout(unit) if quorum.counting is QuorumCounting.RETURNED else counts.decided(unit)
    part = _known(counted, rule, quorum.line, unit)
    eligible = _known(counts.eligible.of(unit), rule, quorum.line, unit)
    return ConditionFinding(CountedShare(part, eligible), quorum.threshold.is_met(part, eligible))


def _finding(rule: Rule, test: Test, counts: Counts) -> ConditionFinding:
    """The result of a test for the option it names, or for the leading option if it asks for the most votes."""
    option = leaders(rule, test, counts)[0] if test.most_votes else test.option
    return ConditionFinding(_share(rule, test, counts, option), holds_for(rule, test, counts, option))


def _locality_finding(rule: Rule, part: LocalityTest, counts: Counts, option: str | None) -> LocalityFinding:
    """The result of a locality test for `option`, or if that is None, for the option that the test names."""
    found = {}
    for locality, local in counts.localities.items():
        finding = _finding(rule, part.test, local)
        if option is not None:
            finding = ConditionFinding(finding.share, holds_for(rule, part.test, local, option))
        found[locality] = finding
    if option is not None and not part.test.is_about(
        option
    ):  # The test of another option sets no condition for this one
        return LocalityFinding(0, found)
    return LocalityFinding(part.needed(len(counts.localities)), found)


def _share(rule: Rule, test: Test, counts: Counts, option: str | None) -> CountedShare:
    """The votes for, or for this option, out of the base; of a test of the votes against, those."""
    unit, answer = test.unit, AGAINST if test.against else option or FOR
    counted, decided, abstain, eligible = (
        _known(value, rule, test.line, unit)
        for value in (
            counts.part(unit, answer),
            counts.decided(unit),
            counts.part(unit, ABSTAIN),
            counts.eligible.of(unit),
        )
    )
    base = {
        Denominator.FOR_AND_AGAINST: decided,
        Denominator.CAST: decided + abstain,
        Denominator.ELIGIBLE: eligible,
        Denominator.ELIGIBLE_LESS_ABSTENTIONS: eligible - abstain,
    }[test.base]
    return CountedShare(counted, base)


def _known(value: int | None, rule: Rule, line: int, unit: Unit) -> int:
    if value is None:
        raise CountsDoNotFit(rule.file, line, f"The rule counts {unit.value} here, and the counts do not say them.")
    return value
