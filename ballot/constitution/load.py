"""Read one CCG's rule file, config/<programme>/constitutions/<ccg>.toml.

The file must leave nothing open: measure, base, comparison, fraction and source are all written, and what is unknown,
missing or contradictory is refused with its line.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeVar

from ballot.constitution.codes import read_body_code
from ballot.constitution.conditions import (
    check_question_id,
    read_casting_vote,
    read_column,
    read_locality_quorums,
    read_locality_tests,
    read_quorums,
    read_tests,
    says_none,
)
from ballot.constitution.consistency import check_whole
from ballot.constitution.errors import InvalidRule
from ballot.constitution.rule import Combine, Constitution, Outcome, QuestionRule, RuleSource
from ballot.constitution.weight import PATIENTS, Band, MissingList, Rounding, Weight
from ballot.constitution.words import DEFAULT_WORDS, Noun, Words, read_noun
from ballot.strict.errors import quoted
from ballot.strict.hints import hint_for_number
from ballot.strict.toml_tables import Table, read_toml

_P = TypeVar("_P")


class _Again(Enum):
    """After which outcomes members may vote again."""

    INQUORATE = Outcome.INQUORATE.value
    NOT_CARRIED = Outcome.NOT_CARRIED.value


_DECIDING = ("combine", "combine_quorums", "quorum", "locality_quorum", "test", "locality_test", "tie")
"""What decides, for all questions or for one of its own."""
_PATIENTS_COLUMN = "registered_patients"
_NO_NUMBERS = ("ccg_ods_code", "practice_ods_code", "practice_name", "representative", "email", "notify")
"""The other columns that every roll can have."""


def load_constitution(text: bytes, file: str, words: Words = DEFAULT_WORDS) -> Constitution:
    """The constitution a rule file describes, with its programme's words for the sentences that are made of it.

    Raises: InvalidRule, whatever the bytes are.
    """
    root = read_toml(text, file, InvalidRule)
    root.only("ccg", "name", "reballot", "source", "weight", *_DECIDING, "question")
    constitution = Constitution(
        ccg=read_body_code(root, "ccg"),
        name=root.text("name"),
        source=_source(root.table("source")),
        combine=_combine(root) or Combine.ALL,
        reballot=_reballot(root),
        weight=_weight(root.table("weight")) if root.has("weight") else None,
        quorums=read_quorums(root) if root.has("quorum") else (),
        tests=read_tests(root) if root.has("test") or not root.has("locality_test") else (),
        questions=_questions(root.table("question")) if root.has("question") else (),
        file=file,
        locality_tests=read_locality_tests(root) if root.has("locality_test") else (),
        combine_quorums=root.word("combine_quorums", Combine, Combine.ALL),
        locality_quorums=read_locality_quorums(root) if root.has("locality_quorum") else (),
        casting_vote=read_casting_vote(root) if root.has("tie") else None,
        words=words,
    )
    check_whole(constitution, root)
    return constitution


def _source(table: Table) -> RuleSource:
    table.only("document", "clause", "wording", "encoded_by", "approved_by")
    return RuleSource(
        document=table.text("document"),
        clause=table.text("clause"),
        wording=table.text("wording", lines=True),
        encoded_by=table.text("encoded_by"),
        approved_by=table.text("approved_by"),
        line=table.line("wording"),
    )


def _weight(table: Table) -> Weight:
    """Read [weight]. `per` needs a rounding; with `per = 1` there is nothing to round, so it may be left out."""
    table.only("column", "counts", "unit", "per", "rounding", "minimum", "maximum", "snapshot", "missing", "band")
    bands = _bands(table) if table.has("band") else ()
    if bands and bands[-1].up_to is None:
        for key in ("per", "rounding"):
            if table.has(key):
                sentence = f"The last band has no end, so {quoted(key)} would count nothing: leave one of the two out."
                raise table.refusal(sentence, key)
        per = 1
    else:
        per = table.whole("per")
    rounding = table.word("rounding", Rounding) if per > 1 or table.has("rounding") else None
    minimum, maximum = (table.whole(key) if table.has(key) else None for key in ("minimum", "maximum"))
    if minimum is not None and maximum is not None and minimum > maximum:
        raise table.refusal(f"The minimum of {quoted(minimum)} is above the maximum of {quoted(maximum)}.", "minimum")
    snapshot, missing = table.date("snapshot"), table.word("missing", MissingList, MissingList.REFUSE)
    whole = per == 1 and not bands
    return Weight(per, snapshot, missing, rounding, minimum, maximum, table.line(), bands, *_counted(table, whole))


def _counted(table: Table, whole: bool) -> tuple[str | None, Noun, Noun | None]:
    """The column that is counted, what it counts, and what a vote is called. `whole`: each of it is one vote."""
    unit = read_noun(table, "unit") if table.has("unit") else None
    if not table.has("column"):
        if table.has("counts"):
            sentence = 'Without "column" the registered patients are counted: name the column of the roll, or leave'
            raise table.refusal(f'{sentence} "counts" out.', "counts")
        counts = PATIENTS
    elif table.has("counts") or unit is None or not whole:
        if not table.has("counts"):
            sentence = 'Say what the column counts, one and several, such as counts = ["share", "shares"].'
            raise table.refusal(sentence, "column")
        counts = read_noun(table, "counts")
    else:
        counts = unit
    if unit is not None and not whole and unit.many == counts.many:
        sentence = f"A vote is not one {unit.one} here: call it something else than what the column counts."
        raise table.refusal(sentence, "unit")
    return _weight_column(table) if table.has("column") else None, counts, unit


def _weight_column(table: Table) -> str:
    column = read_column(table, "column", "shares")
    if column == _PATIENTS_COLUMN:
        raise table.refusal(f'{quoted(column)} is the column that is counted without "column": leave it out.', "column")
    if column in _NO_NUMBERS:
        raise table.refusal(f"The column {quoted(column)} of a roll has no numbers to weigh by.", "column")
    return column


def _bands(table: Table) -> tuple[Band, ...]:
    """The [[weight.band]] tables: ends that rise, and votes that never fall."""
    bands: list[Band] = []
    for one in table.tables("band"):
        one.only("up_to", "votes")
        if bands and bands[-1].up_to is None:
            raise one.refusal("The band before this one has no end: give it up_to, or remove this one.")
        band = Band(one.whole("up_to") if one.has("up_to") else None, one.whole("votes", least=0))
        before = bands[-1] if bands else Band(0, 0)
        if band.up_to is not None and band.up_to <= (before.up_to or 0):
            raise one.refusal(f"This band ends at {band.up_to}, and the one before at {before.up_to}.", "up_to")
        if band.votes < before.votes:
            raise one.refusal(f"A longer list would have fewer votes: {band.votes}, after {before.votes}.", "votes")
        if band.up_to is None and band.votes == 0:
            raise one.refusal("No practice would have any votes.", "votes")
        bands.append(band)
    return tuple(bands)


def _combine(table: Table) -> Combine | int | None:
    if not table.has("combine"):
        return None
    value = table.values["combine"]
    if not isinstance(value, dict):
        if value not in [word.value for word in Combine]:
            words = " or ".join(quoted(word.value) for word in Combine)
            hint = hint_for_number(value, "combine", of="tests")
            raise table.refusal(f'"combine" must be {words}, not {quoted(value)}.{hint}', "combine")
        return table.word("combine", Combine)
    numbered = table.table("combine")
    numbered.only("at_least")
    return numbered.whole("at_least")


def _reballot(root: Table) -> frozenset[Outcome]:
    if not root.has("reballot"):
        return frozenset({Outcome.INQUORATE})
    if root.values["reballot"] == []:
        return frozenset()
    if not isinstance(root.values["reballot"], list):
        sentence = f'"reballot" must be a list, such as ["inquorate"], not {quoted(root.values["reballot"])}.'
        raise root.refusal(sentence + " Where nothing is voted on again it is [].", "reballot")
    words = root.texts("reballot")
    if Outcome.CARRIED.value in words:
        raise root.refusal(
            'What is carried is not voted on again. Name "inquorate", "not carried" or both.',
            "reballot",
            words.index("carried"),
        )
    return frozenset(Outcome(root.one_of(_Again, word, "reballot", index).value) for index, word in enumerate(words))


def _questions(table: Table) -> tuple[QuestionRule, ...]:
    return tuple(_question(table, question) for question in table.values)


def _question(parent: Table, question: str) -> QuestionRule:
    check_question_id(parent, question, question)
    table = parent.table(question)
    table.only(*_DECIDING)
    return QuestionRule(
        question=question,
        tests=_own(table, "test", read_tests),
        combine=_combine(table),
        quorums=_own(table, "quorum", read_quorums),
        line=table.line(),
        locality_tests=_own(table, "locality_test", read_locality_tests),
        combine_quorums=table.word("combine_quorums", Combine) if table.has("combine_quorums") else None,
        locality_quorums=_own(table, "locality_quorum", read_locality_quorums),
        casting_vote=None if not table.has("tie") else "" if says_none(table, "tie") else read_casting_vote(table),
    )


def _own(table: Table, key: str, read: Callable[[Table], tuple[_P, ...]]) -> tuple[_P, ...] | None:
    """A question's own tables; None where it inherits those of the file, nothing where it says that it has none."""
    if not table.has(key):
        return None
    return () if says_none(table, key) else read(table)
