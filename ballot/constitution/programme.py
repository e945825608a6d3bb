"""Read config/<programme>/programme.toml: who votes, on what, when, who holds the keys, and what it takes.

Strict like a rule file: what is unknown, missing or contradictory is refused with its line.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from enum import Enum

from ballot.constitution.conditions import check_option_id, check_question_id
from ballot.constitution.counts import ABSTAIN, YES_OR_NO
from ballot.constitution.errors import InvalidProgramme, quoted
from ballot.constitution.load import ods_code
from ballot.constitution.outcome_rule import PROGRAMME_KEYS, OutcomeRule, read_outcome_rule
from ballot.constitution.toml_tables import Table, first_repeated, read_toml
from ballot.constitution.window import Window, read_window

_ID = re.compile(r"[a-z0-9](-?[a-z0-9]){0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_OPTIONS = 20


class Policy(Enum):
    """What a second vote of one practice does."""

    FINAL = "final"
    LAST_COUNTS = "last-counts"


class Returned(Enum):
    """Whether the list of who voted is published."""

    AFTER_CLOSING = "after-closing"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Ccg:
    """One of the CCGs that vote."""

    ods: str
    name: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question on the paper. `answers` are the labels, in the order of the paper, that of abstaining last.

    They are those of for, against and abstain; or, where there are `options`, those of each option, and of abstaining.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    options: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """What the counts call the answers, in the same order."""
        return (*self.options, ABSTAIN) if self.options else YES_OR_NO


@dataclass(frozen=True, slots=True)
class Trustees:
    """Who holds shares of the key, and how many of them it takes."""

    threshold: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VotingPack:
    """A document the practices vote on, by its hash."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Programme:
    """One vote of several CCGs on the same questions."""

    id: str
    name: str
    policy: Policy
    returned: Returned
    rehearsal: bool
    window: Window
    ccgs: tuple[Ccg, ...]
    questions: tuple[Question, ...]
    trustees: Trustees
    voting_packs: tuple[VotingPack, ...]
    outcome: OutcomeRule
    file: str = field(default="", compare=False)

    @property
    def opens_at(self) -> dt.datetime:
        """The moment of opening, in UTC."""
        return self.window.opens_at

    @property
    def closes_at(self) -> dt.datetime:
        """The moment of closing, in UTC."""
        return self.window.closes_at


def load_programme(text: bytes, file: str) -> Programme:
    """The programme a file describes. Raises: InvalidProgramme, whatever the bytes are."""
    root = read_toml(text, file, InvalidProgramme)
    root.only(*PROGRAMME_KEYS)
    ccgs = tuple(_ccg(table) for table in root.tables("ccg"))
    questions = tuple(_question(table) for table in root.tables("question"))
    packs = tuple(_voting_pack(table) for table in root.tables("voting_pack")) if root.has("voting_pack") else ()
    _check_once(root, "ccg", "ods", [ccg.ods for ccg in ccgs])
    _check_once(root, "question", "id", [question.id for question in questions])
    _check_once(root, "voting_pack", "name", [pack.name for pack in packs])
    listed = tuple(ccg.ods for ccg in ccgs), tuple(question.id for question in questions)
    outcome = read_outcome_rule(root.table("outcome"), *listed, file)
    _check_options(root, outcome, questions)
    return Programme(
        id=_identifier(root),
        name=root.text("name"),
        policy=root.word("policy", Policy, Policy.FINAL),
        returned=root.word("returned", Returned, Returned.AFTER_CLOSING),
        rehearsal=root.truth("rehearsal", default=False),
        window=read_window(root.table("window")),
        ccgs=ccgs,
        questions=questions,
        trustees=_trustees(root.table("trustees")),
        voting_packs=packs,
        outcome=outcome,
        file=file,
    )


def _check_options(root: Table, outcome: OutcomeRule, questions: tuple[Question, ...]) -> None:
    """The options that the outcome names are options of its questions."""
    known = {question.id: question.options for question in questions}
    for rule in (outcome, *(group.rule for group in outcome.groups)):
        for question, option in rule.options.items():
            if option not in known[question]:
                raise root.refusal(f"{quoted(option)} is not an option of {quoted(question)}.", "outcome", "option")


def _identifier(root: Table) -> str:
    identifier = root.text("programme")
    if not _ID.fullmatch(identifier):
        sentence = f"{quoted(identifier)} is not an id of lower case letters, digits and single hyphens between them."
        raise root.refusal(sentence, "programme")
    return identifier


def _ccg(table: Table) -> Ccg:
    table.only("ods", "name")
    return Ccg(ods_code(table, "ods"), table.text("name"))


def _question(table: Table) -> Question:
    """`answers` are three labels; or [[question.option]] tables, each with id and text, and `abstain`, a label."""
    table.only("id", "text", "answers", "option", "abstain")
    identifier = check_question_id(table, table.text("id"), "id")
    text = table.text("text", lines=True)
    if table.has("option"):
        return _with_options(table, identifier, text)
    answers = table.texts("answers")
    if table.has("abstain"):
        raise table.refusal('"abstain" stands beside [[question.option]]; three "answers" have one already.', "abstain")
    if len(answers) != len(YES_OR_NO):
        raise table.refusal(
            '"answers" must be three labels: those of for, against and abstain, in this order.', "answers"
        )
    return Question(identifier, text, answers)


def _with_options(table: Table, identifier: str, text: str) -> Question:
    if table.has("answers"):
        raise table.refusal('A question has three "answers" or [[question.option]] tables, not both.', "answers")
    tables = table.tables("option")
    if not 2 <= len(tables) <= MOST_OPTIONS:
        raise table.refusal(f"A question has 2 to {MOST_OPTIONS} options, not {len(tables)}.", "option")
    for option in tables:
        option.only("id", "text")
    ids = [check_option_id(option, "id") for option in tables]
    labels = [*(option.text("text") for option in tables), table.text("abstain")]
    if (index := first_repeated(ids)) is not None:
        raise table.refusal(f"{quoted(ids[index])} is the id of two options.", "option", index, "id")
    if (index := first_repeated(labels)) is not None:
        keys = ("option", index, "text") if index < len(ids) else ("abstain",)
        raise table.refusal(f"{quoted(labels[index])} is the label of two answers.", *keys)
    return Question(identifier, text, tuple(labels), tuple(ids))


def _trustees(table: Table) -> Trustees:
    table.only("threshold", "names")
    names = table.texts("names")
    if len(names) < 2:
        raise table.refusal("There must be at least two trustees: one alone could read every vote.", "names")
    threshold = table.whole("threshold")
    if threshold > len(names):
        sentence = f"{quoted(threshold)} trustees are needed and there are only {len(names)}."
        raise table.refusal(sentence, "threshold")
    return Trustees(threshold, names)


def _voting_pack(table: Table) -> VotingPack:
    table.only("name", "sha256")
    digest = table.text("sha256")
    if not _SHA256.fullmatch(digest):
        raise table.refusal('"sha256" must be 64 lower case hexadecimal digits.', "sha256")
    return VotingPack(table.text("name"), digest)


def _check_once(root: Table, key: str, name: str, values: list[str]) -> None:
    if (index := first_repeated(values)) is not None:
        raise root.refusal(f"{quoted(values[index])} is listed twice.", key, index, name)
