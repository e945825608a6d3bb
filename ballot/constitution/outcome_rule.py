"""The programme's own rule: given what each CCG decided, does the merger proceed, and with whom?

A CCG's constitutional result and "the merger proceeds" are two statements; this file reads the rule for the second,
`combine` applies it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from ballot.constitution.errors import InvalidProgramme, quoted
from ballot.constitution.toml_tables import Table, first_repeated, read_toml

PROGRAMME_KEYS = (
    "programme",
    "name",
    "policy",
    "returned",
    "rehearsal",
    "window",
    "ccg",
    "question",
    "trustees",
    "voting_pack",
    "outcome",
)
NOT_YET = ("group", "groups", "locality", "localities", "reballot")


class Otherwise(Enum):
    """What happens when enough CCGs carried and some did not."""

    STOP = "stop"
    PROCEED = "proceed-with-those-carried"


class _Everyone(Enum):
    ALL = "all"


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """The [outcome] of a programme. `at_least` None means that all CCGs must carry."""

    questions: tuple[str, ...]
    at_least: int | None
    all_of: tuple[str, ...]
    otherwise: Otherwise
    ccgs: tuple[str, ...] | None  # those the file lists; None if it lists none
    known_questions: tuple[str, ...] | None
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


def load_outcome_rule(text: bytes, file: str) -> OutcomeRule:
    """The outcome rule of a file that need hold nothing else. Raises: InvalidProgramme, whatever the bytes are."""
    root = read_toml(text, file, InvalidProgramme)
    root.only(*PROGRAMME_KEYS, later=NOT_YET)
    ccgs = _listed(root, "ccg", "ods")
    questions = _listed(root, "question", "id")
    return read_outcome_rule(root.table("outcome"), ccgs, questions, file)


def _listed(root: Table, key: str, name: str) -> tuple[str, ...] | None:
    if not root.has(key):
        return None
    names = tuple(table.text(name) for table in root.tables(key))
    if (index := first_repeated(names)) is not None:
        raise root.refusal(f"{quoted(names[index])} is listed twice.", key, index, name)
    return names


def read_outcome_rule(
    table: Table, ccgs: tuple[str, ...] | None, known_questions: tuple[str, ...] | None, file: str
) -> OutcomeRule:
    """An [outcome] table, held against the CCGs and questions its file lists."""
    table.only("questions", "require", "otherwise")
    questions = table.texts("questions")
    for index, question in enumerate(questions):
        if known_questions is not None and question not in known_questions:
            raise table.refusal(f"{quoted(question)} is not a question of this programme.", "questions", index)
    at_least, all_of = _require(table, ccgs)
    if at_least is None and not table.has("otherwise"):
        otherwise = Otherwise.STOP  # with all carried there is no otherwise
    else:
        otherwise = table.word("otherwise", Otherwise)
    return OutcomeRule(questions, at_least, all_of, otherwise, ccgs, known_questions, file, table.line("require"))


def _require(table: Table, ccgs: tuple[str, ...] | None) -> tuple[int | None, tuple[str, ...]]:
    """`"all"`, `{ at_least = 6 }` or `{ all_of = [...], at_least = 6 }`."""
    if not isinstance(table.values.get("require"), dict):
        table.word("require", _Everyone)
        return None, ()
    require = table.table("require")
    require.only("at_least", "all_of")
    at_least = require.whole("at_least")
    if ccgs is not None and at_least > len(ccgs):
        sentence = f"{quoted(at_least)} CCGs must carry and the programme lists only {len(ccgs)}."
        raise require.refusal(sentence, "at_least")
    all_of = require.texts("all_of") if require.has("all_of") else ()
    for index, ccg in enumerate(all_of):
        if ccgs is not None and ccg not in ccgs:
            raise require.refusal(f"{quoted(ccg)} is not a CCG of this programme.", "all_of", index)
    return at_least, all_of
