"""The conditions of a rule file, table by table: [quorum], [[test]], [[locality_test]], each refused with its line."""

from __future__ import annotations

import re
from enum import Enum

from ballot.constitution.counts_file import RESERVED
from ballot.constitution.rule import Denominator, LocalityQuorum, LocalityTest, Quorum, QuorumCounting, Test, Unit
from ballot.constitution.threshold import LIMITS, MINIMA, Comparison, Threshold
from ballot.strict.errors import quoted
from ballot.strict.fraction import parse_fraction
from ballot.strict.hints import hint_for_number, hint_for_share
from ballot.strict.toml_tables import Decimal, Table

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NEEDED = (*MINIMA, Comparison.ALL_BUT)
_TEST_KEYS = ("votes", "measure", "of", "option", "most_votes", *(comparison.value for comparison in Comparison))


class _All(Enum):
    ALL = "all"


class _Votes(Enum):
    """The votes that a test counts."""

    FOR = "for"
    AGAINST = "against"


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


def read_quorums(parent: Table) -> tuple[Quorum, ...]:
    """The [quorum], or several [[quorum]]."""
    several = isinstance(parent.values["quorum"], list)
    return tuple(_quorum(table) for table in (parent.tables("quorum") if several else [parent.table("quorum")]))


def read_locality_quorums(parent: Table) -> tuple[LocalityQuorum, ...]:
    """The [[locality_quorum]] tables, at least one: the keys of a quorum, with column and require."""
    return tuple(
        LocalityQuorum(_quorum(table, "column", "require"), *_where(table))
        for table in parent.tables("locality_quorum")
    )


def read_casting_vote(parent: Table) -> str:
    """The [tie]: the office that has the casting vote."""
    table = parent.table("tie")
    table.only("casting_vote")
    return table.text("casting_vote")


def says_none(table: Table, key: str) -> bool:
    """Whether a question says that it has none of what the file has: the word "none" in place of tables."""
    return table.values.get(key) == "none"


def _quorum(table: Table, *more: str) -> Quorum:
    table.only(*more, "measure", "counting", *(comparison.value for comparison in MINIMA))
    return Quorum(
        unit=table.word("measure", Unit),
        counting=table.word("counting", QuorumCounting),
        threshold=_threshold(table, MINIMA),
        line=table.line("measure"),
        begins=table.line(),
    )


def read_tests(parent: Table) -> tuple[Test, ...]:
    """The [[test]] tables, at least one."""
    return tuple(_test(table) for table in parent.tables("test"))


def _test(table: Table, *more: str) -> Test:
    table.only(*more, *_TEST_KEYS)
    against = table.word("votes", _Votes, _Votes.FOR) is _Votes.AGAINST
    option = check_option_id(table, "option") if table.has("option") else None
    most_votes = table.has("most_votes")
    if most_votes and table.values["most_votes"] is not True:
        raise table.refusal(
            '"most_votes" is true, or left out. Write most_votes = true, without quotation marks.', "most_votes"
        )
    if most_votes and option is not None:
        raise table.refusal("A test is of one option, or of the one with most votes, not of both.", "option")
    if against and (most_votes or option is not None):
        sentence = "Nobody votes against an option: a vote is for one of them. Test the votes for an option."
        raise table.refusal(sentence, "votes")
    unit, threshold = table.word("measure", Unit), _test_threshold(table, against)
    if threshold.is_number and table.has("of"):
        sentence = f"{threshold.value} is a number of votes, whatever it is out of: leave {quoted('of')} out."
        raise table.refusal(sentence, "of")
    return Test(
        unit=unit,
        base=Denominator.ELIGIBLE if threshold.is_number else table.word("of", Denominator),
        threshold=threshold,
        line=table.line("measure"),
        option=option,
        most_votes=most_votes,
        begins=table.line(),
        against=against,
    )


def _test_threshold(table: Table, against: bool) -> Threshold:
    """What the test needs of the votes for, or how many votes against it allows."""
    for comparison in Comparison:
        if not table.has(comparison.value) or comparison.is_limit == against:
            continue
        if against:
            sentence = (
                'No rule asks for votes against. A limit on them is at_most or fewer_than; without votes = "against"'
            )
            raise table.refusal(f"{sentence} this is a test of the votes for.", comparison.value)
        sentence = f'{quoted(comparison.value)} is a limit on the votes against: write votes = "against" beside it.'
        raise table.refusal(f"{sentence} Of the votes for, say at_least, more_than or all_but.", comparison.value)
    return _threshold(table, LIMITS if against else _NEEDED)


def read_locality_tests(parent: Table) -> tuple[LocalityTest, ...]:
    """The [[locality_test]] tables, at least one: the keys of a test, with column and require."""
    return tuple(_locality_test(table) for table in parent.tables("locality_test"))


def _locality_test(table: Table) -> LocalityTest:
    return LocalityTest(_test(table, "column", "require"), *_where(table))


def _where(table: Table) -> tuple[str, int | Threshold | None]:
    """The column with the locality, and in how many it must hold: a number, a share, or None for all."""
    column = read_column(table, "column", "pcn_code")
    if not table.has("require") or not isinstance(table.values["require"], dict):
        require_all(table, "require", of="localities")
        return column, None
    require = table.table("require")
    require.only(*(comparison.value for comparison in MINIMA))
    needed = _threshold(require, MINIMA)
    key = needed.comparison.value
    if needed.value == 1 and not needed.is_number:
        what = (
            "That is every locality" if needed.comparison is Comparison.AT_LEAST else "More than all is never reached"
        )
        raise require.refusal(f'{what}: write require = "all".', key)
    if not needed.is_number:
        return column, needed
    if needed.comparison is Comparison.MORE_THAN:
        raise require.refusal(f"Write a number as the least that is enough: at_least = {needed.value + 1}.", key)
    return column, int(needed.value)


def read_column(table: Table, key: str, example: str) -> str:
    """The name of a column of the roll."""
    column = table.text(key)
    if not _COLUMN.fullmatch(column):
        sentence = f"{quoted(column)} is not the name of a column of the roll, such as {quoted(example)}."
        raise table.refusal(sentence, key)
    return column


def _threshold(table: Table, allowed: tuple[Comparison, ...]) -> Threshold:
    """Exactly one of the comparisons: with a share, or with a whole number."""
    given = [comparison for comparison in allowed if table.has(comparison.value)]
    first, second = allowed[0].value, allowed[1].value
    if not given:
        how = "How many votes against are allowed" if allowed == LIMITS else "Say how much is needed"
        raise table.refusal(f"{how}: {first} or {second} is missing.")
    if len(given) > 1:
        keys = [comparison.value for comparison in given]
        raise table.refusal(f"Say either {keys[0]} or {keys[1]}, not both.", max(keys, key=table.line))
    key = given[0].value
    value, line = table.values[key], table.line(key)
    if given[0] is Comparison.ALL_BUT or type(value) is int:
        number = table.whole(key, least=0 if given[0] is Comparison.AT_MOST else 1)
        return Threshold(given[0], number, str(number), line)
    if not isinstance(value, str):
        forms = 'a fraction in quotation marks, "1/2" or "75%", or a whole number'
        hint = hint_for_share(value.written, key) if isinstance(value, Decimal) else ""
        raise table.refusal(f"{quoted(key)} must be {forms}, not {quoted(value)}.{hint}", key)
    try:
        return Threshold(given[0], parse_fraction(value), value, line)
    except ValueError as reason:
        raise table.refusal(f"{quoted(key)}: {quoted(value)} {reason}.{hint_for_share(value, key)}", key) from None
