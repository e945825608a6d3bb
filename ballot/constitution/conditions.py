"""The conditions of a rule file, table by table: [quorum], [[test]], [[locality_test]], each refused with its line."""

from __future__ import annotations

import re
from enum import Enum

from ballot.constitution.counts_file import RESERVED
from ballot.constitution.rule import (
    Comparison,
    Denominator,
    LocalityTest,
    Quorum,
    QuorumCounting,
    Test,
    Threshold,
    Unit,
)
from ballot.strict.errors import quoted
from ballot.strict.fraction import parse_fraction
from ballot.strict.hints import hint_for_number, hint_for_share
from ballot.strict.toml_tables import Decimal, Table

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COMPARISONS = tuple(comparison.value for comparison in Comparison)
_TEST_KEYS = ("measure", "of", "option", "most_votes", *_COMPARISONS)


class _All(Enum):
    ALL = "all"


def require_all(table: Table, key: str, *, of: str) -> None:
    """Require the word "all". For anything else the refusal says how to ask for a number."""
    value = table.values.get(key)
    if value is not None and value != _All.ALL.value:
        hint = hint_for_number(value, key, of=of)
        raise table.refusal(f"{quoted(key)} must be {quoted(_All.ALL.value)}, not {quoted(value)}.{hint}", key)
    table.word(key, _All)


def check_question_id(table: Table, question: str, key: str) -> str:
    """The id of a question, if it can be one."""
    if not _ID.fullmatch(question):
        raise table.refusal(f"{quoted(question)} is not an id of letters, digits, hyphens and underscores.", key)
    return question


def check_option_id(table: Table, key: str) -> str:
    """The id of an option: like the id of a question, but none of the words that counts use."""
    option = check_question_id(table, table.text(key), key)
    if option in RESERVED:
        raise table.refusal(f"{quoted(option)} is not an id for an option: the word has another use.", key)
    return option


def read_quorum(parent: Table) -> Quorum:
    """The [quorum] of a file or of a question."""
    table = parent.table("quorum")
    table.only("measure", "counting", *_COMPARISONS)
    return Quorum(
        unit=table.word("measure", Unit),
        counting=table.word("counting", QuorumCounting),
        threshold=_threshold(table, number=True),
        line=table.line("measure"),
    )


def read_tests(parent: Table) -> tuple[Test, ...]:
    """The [[test]] tables, at least one."""
    return tuple(_test(table) for table in parent.tables("test"))


def _test(table: Table, *more: str) -> Test:
    table.only(*more, *_TEST_KEYS)
    option = check_option_id(table, "option") if table.has("option") else None
    most_votes = table.has("most_votes")
    if most_votes and table.values["most_votes"] is not True:
        raise table.refusal(
            '"most_votes" is true, or left out. Write most_votes = true, without quotation marks.', "most_votes"
        )
    if most_votes and option is not None:
        raise table.refusal("A test is of one option, or of the one with most votes, not of both.", "option")
    return Test(
        unit=table.word("measure", Unit),
        base=table.word("of", Denominator),
        threshold=_threshold(table, number=False),
        line=table.line("measure"),
        option=option,
        most_votes=most_votes,
        begins=table.line(),
    )


def read_locality_tests(parent: Table) -> tuple[LocalityTest, ...]:
    """The [[locality_test]] tables, at least one: the keys of a test, with column and require."""
    return tuple(_locality_test(table) for table in parent.tables("locality_test"))


def _locality_test(table: Table) -> LocalityTest:
    test = _test(table, "column", "require")
    column = table.text("column")
    if not _COLUMN.fullmatch(column):
        sentence = f'{quoted(column)} is not the name of a column of the roll, such as "pcn_code".'
        raise table.refusal(sentence, "column")
    if not table.has("require") or not isinstance(table.values["require"], dict):
        require_all(table, "require", of="localities")
        return LocalityTest(test, column)
    require = table.table("require")
    require.only("at_least")
    return LocalityTest(test, column, require.whole("at_least"))


def _threshold(table: Table, *, number: bool) -> Threshold:
    """Exactly one of at_least and more_than; a whole number only where `number`."""
    given = [comparison for comparison in Comparison if table.has(comparison.value)]
    if not given:
        raise table.refusal("Say how much is needed: at_least or more_than is missing.")
    if len(given) > 1:
        later = max(_COMPARISONS, key=table.line)
        raise table.refusal("Say either at_least or more_than, not both.", later)
    key = given[0].value
    value = table.values[key]
    if number and type(value) is int:
        return Threshold(given[0], table.whole(key), str(value), table.line(key))
    if not isinstance(value, str):
        forms = 'a fraction in quotation marks, "1/2" or "75%"' + (", or a whole number" if number else "")
        hint = (
            ""
            if number or type(value) is not int
            else f' Only a [quorum] can be a number of votes; "{str(value)[:3]}%" is a share.'
        )
        if isinstance(value, Decimal):
            hint = hint_for_share(value.written, key, number=number)
        raise table.refusal(f"{quoted(key)} must be {forms}, not {quoted(value)}.{hint}", key)
    try:
        return Threshold(given[0], parse_fraction(value), value, table.line(key))
    except ValueError as reason:
        hint = hint_for_share(value, key, number=number)
        raise table.refusal(f"{quoted(key)}: {quoted(value)} {reason}.{hint}", key) from None
