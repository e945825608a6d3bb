"""The nouns of a constitution: what a rule counts, against what, and how much of it is needed.

`Constitution` is one CCG's file as it was read; `Constitution.rule_for` says what applies to one question of the
programme. Nothing here decides: see `decide`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import Any

from ballot.constitution.threshold import Comparison, Threshold
from ballot.constitution.weight import DEFAULT_NOUNS, Weight, WeightNouns
from ballot.constitution.words import DEFAULT_WORDS, Words


class Outcome(Enum):
    """The possible results of one CCG's vote on one question. A tie waits for the casting vote, if the rule has one."""

    CARRIED = "carried"
    NOT_CARRIED = "not carried"
    INQUORATE = "inquorate"
    TIED = "tied"


class Unit(Enum):
    """The measures: heads, or the votes that list sizes give."""

    PRACTICES = "practices"
    WEIGHT = "weight"


class Denominator(Enum):
    """The denominator: the group that the votes for are compared with."""

    FOR_AND_AGAINST = "for-and-against"
    CAST = "cast"
    ELIGIBLE = "eligible"
    ELIGIBLE_LESS_ABSTENTIONS = "eligible-less-abstentions"


class QuorumCounting(Enum):
    """The votes that count for a quorum. An abstention is returned."""

    RETURNED = "returned"
    FOR_AND_AGAINST = "for-and-against"


class Combine(Enum):
    """How many of several tests must hold, if that is not a number."""

    ALL = "all"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on the votes for or against; if a question has options, on the votes for one option.

    `option` names the option; `most_votes` means the one with more votes than every other. A question without options
    has neither. A test of the votes against limits them. A test by whole number has no base of its own: its share is
    out of all eligible.
    """

    __test__ = False  # Stops pytest from collecting this class

    unit: Unit
    base: Denominator
    threshold: Threshold
    line: int = field(default=0, compare=False)
    option: str | None = None
    most_votes: bool = False
    begins: int = field(default=0, compare=False)
    """The first line of the table; `line` is the line of its measure."""
    against: bool = False

    @property
    def is_about_options(self) -> bool:
        return self.most_votes or self.option is not None

    @property
    def can_tie(self) -> bool:
        """Whether it compares practices for with those against, so that one vote more would turn a tie."""
        majority = self.threshold.comparison is Comparison.MORE_THAN and self.threshold.value == Fraction(1, 2)
        return majority and self.takes_casting_vote

    @property
    def takes_casting_vote(self) -> bool:
        """Whether a casting vote is one more of the votes that it counts."""
        among = self.base in (Denominator.FOR_AND_AGAINST, Denominator.CAST)
        return self.unit is Unit.PRACTICES and not self.against and among

    def is_about(self, option: str | None) -> bool:
        """Whether this option must meet the test. None if the question has no options."""
        return self.most_votes or self.option == option


@dataclass(frozen=True, slots=True)
class LocalityTest:
    """A test in each locality separately, and in how many it must hold: a number, a share of them, or None for all."""

    test: Test
    column: str
    require: int | Threshold | None = None

    def needed(self, localities: int) -> int:
        """In how many of this many localities the test must hold. With no localities it cannot hold."""
        return needed_localities(self.require, localities)

    @property
    def condition(self) -> Test:
        """What must hold in a locality."""
        return self.test


@dataclass(frozen=True, slots=True)
class Quorum:
    """The turnout needed for a decision."""

    unit: Unit
    counting: QuorumCounting
    threshold: Threshold
    line: int = field(default=0, compare=False)
    begins: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class LocalityQuorum:
    """A quorum in each locality, and in how many it must be met: a number, a share of them, or None for all."""

    quorum: Quorum
    column: str
    require: int | Threshold | None = None

    def needed(self, localities: int) -> int:
        """In how many of this many localities the quorum must be met. With no localities it is not met."""
        return needed_localities(self.require, localities)

    @property
    def condition(self) -> Quorum:
        """What must hold in a locality."""
        return self.quorum


LocalityPart = LocalityTest | LocalityQuorum
"""What is asked in each locality."""


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where the rule comes from, and who confirms that the file agrees with it."""

    document: str
    clause: str
    wording: str
    encoded_by: str
    approved_by: str
    line: int = field(default=0, compare=False)
    """The line of the wording."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides one question in one CCG.

    `combine` says how many of the `tests` must hold; with options, how many of one option's tests. Without `tests` the
    localities alone decide. All `locality_tests`
    must hold as well. Of the `quorums` all or any must be met, as `combine_quorums` says, and all `locality_quorums`.
    """

    tests: tuple[Test, ...]
    combine: Combine | int
    quorums: tuple[Quorum, ...]
    weight: Weight | None
    source: RuleSource
    file: str = field(default="", compare=False)
    locality_tests: tuple[LocalityTest, ...] = ()
    combine_quorums: Combine = Combine.ALL
    locality_quorums: tuple[LocalityQuorum, ...] = ()
    casting_vote: str | None = None
    """The office that decides a tie; None if a tie is not carried."""
    words: Words = DEFAULT_WORDS

    @property
    def needs_quorum(self) -> bool:
        """Whether there is a quorum of any kind."""
        return bool(self.all_quorums)

    @property
    def all_quorums(self) -> tuple[Quorum, ...]:
        """The quorums, then the quorums in localities."""
        return (*self.quorums, *(part.quorum for part in self.locality_quorums))

    @property
    def in_localities(self) -> tuple[LocalityPart, ...]:
        """Everything that is asked in each locality."""
        return (*self.locality_tests, *self.locality_quorums)

    def tests_of(self, option: str | None) -> tuple[Test, ...]:
        """The tests that an option must meet; for None, the tests of a question without options."""
        return tuple(test for test in self.tests if test.is_about(option))

    def needed_of(self, option: str | None) -> int:
        """How many of an option's tests must hold."""
        return how_many(self.combine, len(self.tests_of(option)))

    def can_pass(self, option: str | None) -> bool:
        """Whether an option, or a question without options, has tests: of the CCG, or if it has none, of localities."""
        local = not self.tests and any(part.test.is_about(option) for part in self.locality_tests)
        return local or bool(self.tests_of(option))

    @property
    def all_tests(self) -> tuple[Test, ...]:
        """The tests, then the tests in localities."""
        return (*self.tests, *(locality_test.test for locality_test in self.locality_tests))

    @property
    def has_options(self) -> bool:
        """Whether the rule is for a question with options. (Reading refuses a rule with both kinds of test.)"""
        return any(test.is_about_options for test in self.all_tests)

    @property
    def has_limits(self) -> bool:
        """Whether any test limits the votes against."""
        return any(test.against for test in self.all_tests)

    @property
    def options(self) -> tuple[str, ...]:
        """The options that the tests name, in the order of the file."""
        return tuple(dict.fromkeys(test.option for test in self.all_tests if test.option is not None))

    @property
    def units(self) -> set[Unit]:
        """The measures that its tests and quorums count."""
        return {test.unit for test in self.all_tests} | {quorum.unit for quorum in self.all_quorums}

    @property
    def needs_practices_by_answer(self) -> bool:
        """Whether the rule needs the number of practices for each answer."""
        return any(test.unit is Unit.PRACTICES for test in self.all_tests) or any(
            quorum.unit is Unit.PRACTICES and quorum.counting is QuorumCounting.FOR_AND_AGAINST
            for quorum in self.all_quorums
        )

    @property
    def needs_weight_by_answer(self) -> bool:
        """Whether the rule needs the weight of each answer."""
        return Unit.WEIGHT in self.units


@dataclass(frozen=True, slots=True)
class QuestionRule:
    """The parts of a rule that [question.<id>] replaces. None is inherited; an empty tuple means that none apply."""

    question: str
    tests: tuple[Test, ...] | None
    combine: Combine | int | None
    quorums: tuple[Quorum, ...] | None
    line: int = field(default=0, compare=False)
    locality_tests: tuple[LocalityTest, ...] | None = None
    combine_quorums: Combine | None = None
    locality_quorums: tuple[LocalityQuorum, ...] | None = None
    casting_vote: str | None = None
    """The office, or an empty text where a tie is not carried although the file gives a casting vote."""

    @property
    def parts(self) -> dict[str, Any]:
        """The parts by their names in a rule; None for what is inherited."""
        names = ("tests", "combine", "quorums", "locality_tests", "combine_quorums", "locality_quorums", "casting_vote")
        return {name: getattr(self, name) for name in names}

    @property
    def replaces_nothing(self) -> bool:
        """Whether the rule for the question is the rule of the file."""
        return all(part is None for part in self.parts.values())


@dataclass(frozen=True, slots=True)
class Constitution:
    """One CCG's rule file."""

    ccg: str
    name: str
    source: RuleSource
    combine: Combine | int
    reballot: frozenset[Outcome]
    weight: Weight | None
    quorums: tuple[Quorum, ...]
    tests: tuple[Test, ...]
    questions: tuple[QuestionRule, ...] = ()
    file: str = field(default="", compare=False)
    locality_tests: tuple[LocalityTest, ...] = ()
    combine_quorums: Combine = Combine.ALL
    locality_quorums: tuple[LocalityQuorum, ...] = ()
    casting_vote: str | None = None
    words: Words = DEFAULT_WORDS
    """The programme's nouns, for sentences; no part of the file."""

    @property
    def locality_column(self) -> str | None:
        """The roll column that divides the members, one for all questions; None if they are not divided."""
        everywhere: list[LocalityPart] = [*self.locality_tests, *self.locality_quorums]
        for own in self.questions:
            everywhere += [*(own.locality_tests or ()), *(own.locality_quorums or ())]
        return everywhere[0].column if everywhere else None

    def rule_for(self, question: str | None = None) -> Rule:
        """The rule for one question. None, or a question without its own rule, gets the rule at the top of the file."""
        found = Rule(
            self.tests,
            self.combine,
            self.quorums,
            self.weight,
            self.source,
            self.file,
            self.locality_tests,
            self.combine_quorums,
            self.locality_quorums,
            self.casting_vote,
            replace(self.words, weight=self.nouns.unit),
        )
        own = next((part for part in self.questions if part.question == question), None)
        if own is None:
            return found
        changed = replace(found, **{name: part for name, part in own.parts.items() if part is not None})
        return replace(changed, casting_vote=changed.casting_vote or None)

    @property
    def nouns(self) -> WeightNouns:
        """What a weighted vote is called, what it is made from, and whose it is."""
        if self.weight is None:
            return replace(DEFAULT_NOUNS, member=self.words.member)
        return WeightNouns(self.weight.unit or self.words.weight, self.weight.counts, self.words.member)

    @property
    def weight_column(self) -> str | None:
        """The roll column that votes weigh by in place of the list size; None if no other is named."""
        return None if self.weight is None else self.weight.column

    def votes(self, list_size: int | None) -> int:
        """The weighted votes of a practice; without [weight], its patients."""
        return (list_size or 0) if self.weight is None else self.weight.votes(list_size or 0)

    def needs_practices_by_answer(self, questions: Iterable[str]) -> bool:
        """Whether any rule for these questions needs the number of practices for each answer."""
        return any(self.rule_for(question).needs_practices_by_answer for question in questions)

    def needs_weight_by_answer(self, questions: Iterable[str]) -> bool:
        """Whether any rule for these questions needs the weight of each answer."""
        return any(self.rule_for(question).needs_weight_by_answer for question in questions)


def how_many(combine: Combine | int, tests: int) -> int:
    """How many of this many tests must hold."""
    if combine is Combine.ALL:
        return tests
    return 1 if combine is Combine.ANY else combine


def needed_localities(require: int | Threshold | None, localities: int) -> int:
    """In how many of this many localities something must hold; for None in all. It is one at least."""
    if require is None:
        return max(localities, 1)
    if isinstance(require, int):
        return require
    share = require.value * localities
    return max(math.floor(share) + 1 if require.comparison is Comparison.MORE_THAN else math.ceil(share), 1)


def locality_parts(rule: Rule, option: str | None, unit: Unit) -> tuple[LocalityPart, ...]:
    """What is asked of an option in each locality, in one measure: its tests and the quorums."""
    return tuple(
        part
        for part in rule.in_localities
        if part.condition.unit is unit and (isinstance(part, LocalityQuorum) or part.test.is_about(option))
    )
