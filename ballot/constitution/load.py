"""Read one CCG's rule file, config/<programme>/constitutions/<ccg>.toml.

The file must leave nothing open: measure, base, comparison, fraction and source are all written, and what is unknown,
missing or contradictory is refused with its line.
"""

from __future__ import annotations

import re

from ballot.constitution.errors import InvalidRule, quoted
from ballot.constitution.fraction import parse_fraction
from ballot.constitution.rule import (
    Base,
    Combine,
    Comparison,
    Constitution,
    Counting,
    Missing,
    Outcome,
    QuestionRule,
    Quorum,
    Rounding,
    Source,
    Test,
    Threshold,
    Unit,
    Weight,
)
from ballot.constitution.toml_tables import Table, read_toml

_ODS_CODE = re.compile(r"[A-Z0-9]{3,5}")
_QUESTION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_COMPARISONS = tuple(comparison.value for comparison in Comparison)


def load_constitution(text: bytes, file: str) -> Constitution:
    """The constitution a rule file describes. Raises: InvalidRule, whatever the bytes are."""
    root = read_toml(text, file, InvalidRule)
    parts = ("combine", "reballot", "source", "weight", "quorum", "test", "locality_test", "question")
    root.only("ccg", "name", *parts)
    constitution = Constitution(
        ccg=ods_code(root, "ccg"),
        name=root.text("name"),
        source=_source(root.table("source")),
        combine=_combine(root) or Combine.ALL,
        reballot=_reballot(root),
        weight=_weight(root.table("weight")) if root.has("weight") else None,
        quorum=_quorum(root) if root.has("quorum") else None,
        tests=_tests(root),
        questions=_questions(root.table("question")) if root.has("question") else (),
        locality_column=root.tables("locality_test")[0].text("column") if root.has("locality_test") else None,
        file=file,
    )
    _check_whole(constitution, root)
    return constitution


def ods_code(table: Table, key: str) -> str:
    """An organisation code: 3 to 5 capitals and digits."""
    code = table.text(key)
    if not _ODS_CODE.fullmatch(code):
        raise table.refusal(f"{quoted(code)} is not an ODS code of 3 to 5 capital letters and digits.", key)
    return code


def check_question_id(table: Table, question: str, key: str) -> str:
    if not _QUESTION_ID.fullmatch(question):
        raise table.refusal(f"{quoted(question)} is not an id of letters, digits, hyphens and underscores.", key)
    return question


def _source(table: Table) -> Source:
    table.only("document", "clause", "wording", "encoded_by", "approved_by")
    return Source(
        document=table.text("document"),
        clause=table.text("clause"),
        wording=table.text("wording", lines=True),
        encoded_by=table.text("encoded_by"),
        approved_by=table.text("approved_by"),
    )


def _weight(table: Table) -> Weight:
    """A band needs its rounding; where `per` is 1 nothing is left to round, and it may be left out."""
    table.only("per", "rounding", "minimum", "maximum", "snapshot", "missing")
    per = table.whole("per")
    rounding = table.word("rounding", Rounding) if per > 1 or table.has("rounding") else None
    minimum, maximum = (table.whole(key) if table.has(key) else None for key in ("minimum", "maximum"))
    if minimum is not None and maximum is not None and minimum > maximum:
        raise table.refusal(f"The minimum of {quoted(minimum)} is above the maximum of {quoted(maximum)}.", "minimum")
    snapshot, missing = table.date("snapshot"), table.word("missing", Missing, Missing.REFUSE)
    return Weight(per, snapshot, missing, rounding, minimum, maximum, table.line())


def _quorum(parent: Table) -> Quorum:
    table = parent.table("quorum")
    table.only("measure", "counting", *_COMPARISONS)
    return Quorum(
        unit=table.word("measure", Unit),
        counting=table.word("counting", Counting),
        threshold=_threshold(table, number=True),
        line=table.line("measure"),
    )


def _tests(parent: Table) -> tuple[Test, ...]:
    return tuple(_test(table) for table in parent.tables("test"))


def _test(table: Table) -> Test:
    table.only("measure", "of", *_COMPARISONS)
    return Test(
        unit=table.word("measure", Unit),
        base=table.word("of", Base),
        threshold=_threshold(table, number=False),
        line=table.line("measure"),
    )


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
        return Threshold(given[0], table.whole(key), str(value))
    if not isinstance(value, str):
        forms = 'a fraction in quotation marks, "1/2" or "75%"' + (", or a whole number" if number else "")
        raise table.refusal(f"{quoted(key)} must be {forms}, not {quoted(value)}.", key)
    try:
        return Threshold(given[0], parse_fraction(value), value)
    except ValueError as reason:
        raise table.refusal(f"{quoted(key)}: {quoted(value)} {reason}.", key) from None


def _combine(table: Table) -> Combine | int | None:
    if not table.has("combine"):
        return None
    if not isinstance(table.values["combine"], dict):
        return table.word("combine", Combine)
    numbered = table.table("combine")
    numbered.only("at_least")
    return numbered.whole("at_least")


def _reballot(root: Table) -> frozenset[Outcome]:
    if not root.has("reballot"):
        return frozenset({Outcome.INQUORATE})
    if root.values["reballot"] == []:
        return frozenset()
    words = root.texts("reballot")
    outcomes = frozenset(root.one_of(Outcome, word, "reballot", index) for index, word in enumerate(words))
    if Outcome.CARRIED in outcomes:
        raise root.refusal("What is carried is not voted on again.", "reballot", words.index("carried"))
    return outcomes


def _questions(table: Table) -> tuple[QuestionRule, ...]:
    return tuple(_question(table, question) for question in table.values)


def _question(parent: Table, question: str) -> QuestionRule:
    check_question_id(parent, question, question)
    table = parent.table(question)
    table.only("combine", "quorum", "test", later=("locality_test",))
    return QuestionRule(
        question=question,
        tests=_tests(table) if table.has("test") else None,
        combine=_combine(table),
        quorum=_quorum(table) if table.has("quorum") else None,
        line=table.line(),
    )


def _check_whole(constitution: Constitution, root: Table) -> None:
    """What one part says must be possible with the others: weights, and the number of tests."""
    tables = {None: root} | {
        part.question: root.table("question").table(part.question) for part in constitution.questions
    }
    for question, table in tables.items():
        rule = constitution.rule_for(question)
        if rule.needed > len(rule.tests):
            sentence = f"{rule.needed} tests must hold and there are only {len(rule.tests)}."
            raise table.refusal(sentence, "combine")
        counted: tuple[Test | Quorum, ...] = rule.tests if rule.quorum is None else (*rule.tests, rule.quorum)
        for part in counted:
            if part.unit is Unit.WEIGHT and constitution.weight is None:
                what = "test" if isinstance(part, Test) else "quorum"
                sentence = f"This {what} counts weight and the file has no [weight]."
                raise InvalidRule(constitution.file, part.line, sentence)
