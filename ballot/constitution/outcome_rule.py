"""The programme's own rule: given what each CCG decided, does the merger proceed, and with whom?

A CCG's constitutional result and "the merger proceeds" are two statements; this file reads the rule for the second,
`combine` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from ballot.constitution.conditions import check_option_id, require_all
from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.words import DEFAULT_WORDS, Words, read_words
from ballot.strict.errors import plain, quoted
from ballot.strict.toml_tables import Table, first_repeated, read_toml

PROGRAMME_KEYS = (
    "programme",
    "name",
    "policy",
    "returned",
    "rehearsal",
    "count",
    "window",
    "ccg",
    "question",
    "trustees",
    "scrutineer",
    "voting_pack",
    "outcome",
    "reballot",
    "secrecy",
    "words",
    "codes",
    "members",
    "authority",
)


class Otherwise(Enum):
    """What happens if enough CCGs carried and some did not."""

    STOP = "stop"
    PROCEED = "proceed-with-those-carried"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """The [outcome] of a programme. `at_least` None means that all CCGs must carry.

    `options` names the option on which the CCGs must agree, for questions with options. For a question it does not
    name, they may agree on any. With `groups`, each group answers for itself by its own rule.
    """

    questions: tuple[str, ...]
    at_least: int | None
    all_of: tuple[str, ...]
    otherwise: Otherwise
    ccgs: tuple[str, ...] | None  # The CCGs in the file, or the members of a group; None if the file lists none
    known_questions: tuple[str, ...] | None
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    options: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[CcgGroup, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The names of CCGs by code, and the texts of questions by id, for sentences."""
    words: Words = DEFAULT_WORDS

    def called(self, id: str) -> str:
        """The name of a CCG, or the text of a question in quotation marks; the id where the file does not say it."""
        name = self.names.get(id)
        if name is None:
            return plain(id)
        return plain(name) if id in (self.ccgs or ()) else f"“{plain(' '.join(name.split()))}”"


@dataclass(frozen=True, slots=True)
class CcgGroup:
    """CCGs that would become one body among several, and what it takes.

    A CCG can be in two groups only if they ask for different options, so that it can become part of one.
    """

    name: str
    rule: OutcomeRule


def load_outcome_rule(text: bytes, file: str) -> OutcomeRule:
    """The outcome rule of a file that may hold nothing else. Raises: InvalidProgramme, whatever the bytes are."""
    root = read_toml(text, file, InvalidProgramme)
    root.only(*PROGRAMME_KEYS)
    ccgs = _listed(root, "ccg", "ods", "name")
    questions = _listed(root, "question", "id", "text")
    words = read_words(root.table("words")) if root.has("words") else DEFAULT_WORDS
    return read_outcome_rule(root.table("outcome"), ccgs, questions, file, words)


def _listed(root: Table, key: str, id: str, name: str) -> dict[str, str] | None:
    if not root.has(key):
        return None
    tables = root.tables(key)
    ids = tuple(table.text(id) for table in tables)
    if (index := first_repeated(ids)) is not None:
        raise root.refusal(f"{quoted(ids[index])} is listed twice.", key, index, id)
    return {own: table.text(name) if table.has(name) else own for own, table in zip(ids, tables, strict=True)}


def read_outcome_rule(
    table: Table,
    ccgs: Mapping[str, str] | None,
    known_questions: Mapping[str, str] | None,
    file: str,
    words: Words = DEFAULT_WORDS,
) -> OutcomeRule:
    """Read an [outcome] table and check it against what its file lists: CCGs' names by code, questions' texts by id."""
    table.only("questions", "option", "require", "otherwise", "group")
    questions = table.texts("questions")
    for index, question in enumerate(questions):
        if known_questions is not None and question not in known_questions:
            raise table.refusal(f"{quoted(question)} is not a question of this programme.", "questions", index)
    options = _options(table, questions)
    names = {**(known_questions or {}), **(ccgs or {})}
    codes, ids = None if ccgs is None else tuple(ccgs), None if known_questions is None else tuple(known_questions)
    rule = OutcomeRule(questions, None, (), Otherwise.STOP, codes, ids, file, names=names, words=words)
    return _with_groups(table, rule, options) if table.has("group") else _requirement(table, rule, options)


def _requirement(table: Table, rule: OutcomeRule, options: Mapping[str, str]) -> OutcomeRule:
    """Add the values of `require` and `otherwise` to the rule."""
    at_least, all_of = _require(table, rule.ccgs, rule.words)
    otherwise = Otherwise.STOP  # If all must carry, there is no otherwise
    if at_least is not None or table.has("otherwise"):
        otherwise = table.word("otherwise", Otherwise)
    line = table.line("require")
    return replace(rule, at_least=at_least, all_of=all_of, otherwise=otherwise, line=line, options=options)


def _with_groups(table: Table, rule: OutcomeRule, options: Mapping[str, str]) -> OutcomeRule:
    """Read each [[outcome.group]]. With groups, only they say what is required."""
    for key in ("require", "otherwise"):
        if table.has(key):
            raise table.refusal(f"Each [[outcome.group]] has its own {quoted(key)}; there is none over them.", key)
    groups: list[CcgGroup] = []
    for one in table.tables("group"):
        one.only("name", "members", "option", "require", "otherwise")
        name, members = one.text("name"), one.texts("members")
        own = {**options, **_options(one, rule.questions)}
        for index, ccg in enumerate(members):
            if rule.ccgs is not None and ccg not in rule.ccgs:
                raise one.refusal(f"{quoted(ccg)} is not {rule.words.body.a} of this programme.", "members", index)
            if other := _also_in(ccg, own, groups):
                sentence = f"{quoted(ccg)} is in {quoted(other.name)} too, and could become part of both."
                raise one.refusal(sentence, "members", index)
        groups.append(CcgGroup(name, _requirement(one, replace(rule, ccgs=members), own)))
    if (repeated := first_repeated(group.name for group in groups)) is not None:
        raise table.refusal(f"{quoted(groups[repeated].name)} is the name of two groups.", "group", repeated, "name")
    return replace(rule, line=table.line("group"), options=options, groups=tuple(groups))


def _also_in(ccg: str, options: Mapping[str, str], groups: Sequence[CcgGroup]) -> CcgGroup | None:
    """Find an earlier group that this CCG could also join; None if the two ask for different options."""
    for group in groups:
        differ = any(group.rule.options.get(question, option) != option for question, option in options.items())
        if ccg in (group.rule.ccgs or ()) and not differ:
            return group
    return None


def _options(table: Table, questions: tuple[str, ...]) -> dict[str, str]:
    """Read `option`: `"merge"` for a single question, `{ form = "merge" }` in general."""
    if not table.has("option"):
        return {}
    if isinstance(table.values["option"], str) and len(questions) == 1:
        return {questions[0]: check_option_id(table, "option")}
    named = table.table("option")
    named.only(*questions)
    return {question: check_option_id(named, question) for question in questions if named.has(question)}


def _require(table: Table, ccgs: tuple[str, ...] | None, words: Words) -> tuple[int | None, tuple[str, ...]]:
    """`"all"`, `{ at_least = 6 }` or `{ all_of = [...], at_least = 6 }`."""
    if not isinstance(table.values.get("require"), dict):
        require_all(table, "require", of=words.body.many)
        return None, ()
    require = table.table("require")
    require.only("at_least", "all_of")
    at_least = require.whole("at_least")
    if ccgs is not None and at_least > len(ccgs):
        sentence = f"{quoted(at_least)} {words.body.many} must carry and the programme lists only {len(ccgs)}."
        raise require.refusal(sentence, "at_least")
    all_of = require.texts("all_of") if require.has("all_of") else ()
    for index, ccg in enumerate(all_of):
        if ccgs is not None and ccg not in ccgs:
            raise require.refusal(f"{quoted(ccg)} is not {words.body.a} of this programme.", "all_of", index)
    return at_least, all_of
