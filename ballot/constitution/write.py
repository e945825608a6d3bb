"""Write the rule file of a constitution: `load_constitution` of what is written gives the same constitution.

This is what stands behind the form on the desk's pages and behind `ballot constitution write`: the file is the truth,
and whoever filled in the form signs the reading of it, like everybody else.
"""

from __future__ import annotations

from dataclasses import replace

from ballot.constitution.load import load_constitution
from ballot.constitution.rule import (
    Combine,
    Constitution,
    LocalityQuorum,
    LocalityTest,
    Outcome,
    QuestionRule,
    Quorum,
    RuleSource,
    Test,
)
from ballot.constitution.threshold import Threshold
from ballot.constitution.weight import Band, Weight
from ballot.constitution.words import DEFAULT_WORDS, Words
from ballot.strict.toml_write import write_toml

Table = dict[str, object]


def compose_constitution(fields: Table, file: str, words: Words = DEFAULT_WORDS) -> Constitution:
    """Make a constitution from the fields of a form, named as in a rule file; raises InvalidRule.

    The message is the same as for a file, but its line refers to no file yet.
    """
    return load_constitution(write_toml(fields), file, words)


def says_the_same(one: Constitution, other: Constitution) -> bool:
    """Whether two files mean the same in every part, however they are written."""
    return _meaning(one) == _meaning(other)


def _meaning(constitution: Constitution) -> Constitution:
    """The constitution without empty question rules and with the others in a fixed order."""
    own = sorted((rule for rule in constitution.questions if _question(rule)), key=lambda rule: rule.question)
    return replace(constitution, questions=tuple(own), words=DEFAULT_WORDS)


def write_constitution(constitution: Constitution) -> bytes:
    """Write the file, read it again and compare. Raises: InvalidRule if a file cannot say this."""
    written = write_toml(constitution_fields(constitution))
    if load_constitution(written, constitution.file, constitution.words) != constitution:
        raise AssertionError("a rule file was written that does not say what was meant")
    return written


def constitution_fields(constitution: Constitution) -> Table:
    """The fields of a rule file for this constitution: the reverse of `compose_constitution`."""
    values: Table = {"ccg": constitution.ccg, "name": constitution.name}
    if len(constitution.tests) > 1 or constitution.combine is not Combine.ALL:
        values["combine"] = _combine(constitution.combine)
    if constitution.combine_quorums is not Combine.ALL:
        values["combine_quorums"] = constitution.combine_quorums.value
    if constitution.reballot != frozenset({Outcome.INQUORATE}):
        values["reballot"] = sorted(outcome.value for outcome in constitution.reballot)
    values["source"] = _source(constitution.source)
    if constitution.weight is not None:
        values["weight"] = _weight(constitution.weight)
    if constitution.quorums:
        values["quorum"] = _quorums(constitution.quorums)
    if constitution.locality_quorums:
        values["locality_quorum"] = [_locality_quorum(part) for part in constitution.locality_quorums]
    if constitution.tests:
        values["test"] = [_test(test) for test in constitution.tests]
    if constitution.locality_tests:
        values["locality_test"] = [_locality_test(test) for test in constitution.locality_tests]
    if constitution.casting_vote is not None:
        values["tie"] = {"casting_vote": constitution.casting_vote}
    if constitution.questions:
        values["question"] = {own.question: _question(own) for own in constitution.questions}
    return values


def _combine(combine: Combine | int) -> object:
    return combine.value if isinstance(combine, Combine) else {"at_least": combine}


def _source(source: RuleSource) -> Table:
    return {
        "document": source.document,
        "clause": source.clause,
        "wording": source.wording,
        "encoded_by": source.encoded_by,
        "approved_by": source.approved_by,
    }


def _weight(weight: Weight) -> Table:
    values: Table = {} if weight.column is None else {"column": weight.column}
    if weight.column is not None and weight.counts != weight.unit:
        values["counts"] = weight.counts.texts
    if weight.unit is not None:
        values["unit"] = weight.unit.texts
    if weight.is_open:
        values["per"] = weight.per
    if weight.rounding is not None:
        values["rounding"] = weight.rounding.value
    values |= {key: limit for key in ("minimum", "maximum") if (limit := getattr(weight, key)) is not None}
    values |= {"snapshot": weight.snapshot, "missing": weight.missing.value}
    if weight.bands:
        values["band"] = [_band(band) for band in weight.bands]
    return values


def _band(band: Band) -> Table:
    end: Table = {} if band.up_to is None else {"up_to": band.up_to}
    return {**end, "votes": band.votes}


def _quorums(quorums: tuple[Quorum, ...]) -> object:
    """One table, or several; for a question that has none, the word."""
    if not quorums:
        return "none"
    return _quorum(quorums[0]) if len(quorums) == 1 else [_quorum(quorum) for quorum in quorums]


def _locality_quorum(part: LocalityQuorum) -> Table:
    return {"column": part.column, "require": _require(part.require), **_quorum(part.quorum)}


def _quorum(quorum: Quorum) -> Table:
    return {"measure": quorum.unit.value, "counting": quorum.counting.value, **_threshold(quorum.threshold)}


def _test(test: Test) -> Table:
    about: Table = {} if test.option is None else {"option": test.option}
    if test.most_votes:
        about["most_votes"] = True
    if test.against:
        about["votes"] = "against"
    of = {} if test.threshold.is_number else {"of": test.base.value}
    return {**about, "measure": test.unit.value, **of, **_threshold(test.threshold)}


def _locality_test(part: LocalityTest) -> Table:
    return {"column": part.column, "require": _require(part.require), **_test(part.test)}


def _require(require: int | Threshold | None) -> object:
    if require is None:
        return "all"
    return {"at_least": require} if isinstance(require, int) else _threshold(require)


def _threshold(threshold: Threshold) -> Table:
    value = threshold.value if isinstance(threshold.value, int) else threshold.written
    return {threshold.comparison.value: value}


def _question(own: QuestionRule) -> Table:
    values: Table = {} if own.combine is None else {"combine": _combine(own.combine)}
    if own.combine_quorums is not None:
        values["combine_quorums"] = own.combine_quorums.value
    if own.quorums is not None:
        values["quorum"] = _quorums(own.quorums)
    if own.locality_quorums is not None:
        values["locality_quorum"] = [_locality_quorum(part) for part in own.locality_quorums] or "none"
    if own.casting_vote is not None:
        values["tie"] = {"casting_vote": own.casting_vote} if own.casting_vote else "none"
    if own.tests is not None:
        values["test"] = [_test(test) for test in own.tests] or "none"
    if own.locality_tests is not None:
        values["locality_test"] = [_locality_test(part) for part in own.locality_tests] or "none"
    return values
