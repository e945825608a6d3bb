"""Read one CCG's rule file, config/<programme>/constitutions/<ccg>.toml.

The file must leave nothing open: measure, base, comparison, fraction and source are all written, and what is unknown,
missing or contradictory is refused with its line.
"""

from __future__ import annotations

import re

from ballot.constitution.conditions import check_question_id, read_locality_tests, read_quorum, read_tests
from ballot.constitution.consistency import check_whole
from ballot.constitution.errors import InvalidRule, quoted
from ballot.constitution.rule import Combine, Constitution, Outcome, QuestionRule, Source
from ballot.constitution.toml_tables import Table, read_toml
from ballot.constitution.weight import Missing, Rounding, Weight

_ODS_CODE = re.compile(r"[A-Z0-9]{3,5}")


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
        quorum=read_quorum(root) if root.has("quorum") else None,
        tests=read_tests(root),
        questions=_questions(root.table("question")) if root.has("question") else (),
        file=file,
        locality_tests=read_locality_tests(root) if root.has("locality_test") else (),
    )
    check_whole(constitution, root)
    return constitution


def ods_code(table: Table, key: str) -> str:
    """An organisation code: 3 to 5 capitals and digits."""
    code = table.text(key)
    if not _ODS_CODE.fullmatch(code):
        raise table.refusal(f"{quoted(code)} is not an ODS code of 3 to 5 capital letters and digits.", key)
    return code


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
    table.only("combine", "quorum", "test", "locality_test")
    return QuestionRule(
        question=question,
        tests=read_tests(table) if table.has("test") else None,
        combine=_combine(table),
        quorum=read_quorum(table) if table.has("quorum") else None,
        line=table.line(),
        locality_tests=read_locality_tests(table) if table.has("locality_test") else None,
    )
