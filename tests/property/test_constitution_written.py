"""A rule file that we write reads back as the intended rule, for any rule and words."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from ballot.constitution.errors import InvalidRule
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import load_programme
from ballot.constitution.rule import (
    Combine,
    Constitution,
    LocalityTest,
    Outcome,
    QuestionRule,
    RuleSource,
    Test,
)
from ballot.constitution.write import write_constitution
from ballot.strict.toml_write import write_toml
from tests.property.test_constitution_options_and_localities import locality_quorums
from tests.support.constitution_strategies import ANY_OR_ALL, REQUIRES, SOME_QUORUMS, TESTS, weights

CONFIG = Path(__file__).parents[2] / "config"
RULES = sorted(CONFIG.glob("*/constitutions/*.toml"))
PROGRAMMES = sorted(CONFIG.glob("*/programme.toml"))
TEXT = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
LINE = st.text(TEXT, min_size=1).filter(str.strip) | st.sampled_from(['"""', "\\", "a # b", '\\"', "\u202e"])
LINES = st.lists(LINE | st.just(""), min_size=1, max_size=4).map("\n".join).filter(str.strip)
COMBINES = st.sampled_from(Combine) | st.integers(1, 4)
CASTING = st.sampled_from([None] * 9 + ["the Chair"])
SOME_TESTS = st.lists(TESTS, min_size=1, max_size=4).map(tuple)
IDS = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)


@st.composite
def locality_tests(draw: st.DrawFn) -> tuple[LocalityTest, ...]:
    return tuple(LocalityTest(test, "pcn_code", draw(REQUIRES)) for test in draw(st.lists(TESTS, max_size=2)))


@st.composite
def question_rules(draw: st.DrawFn, question: str) -> QuestionRule:
    parts = draw(st.none() | st.just(()) | SOME_TESTS), draw(st.none() | COMBINES), draw(st.none() | SOME_QUORUMS)
    return QuestionRule(
        question,
        *parts,
        locality_tests=draw(st.none() | locality_tests()),
        combine_quorums=draw(st.none() | ANY_OR_ALL),
        locality_quorums=draw(st.none() | locality_quorums()),
        casting_vote=draw(CASTING | st.sampled_from([None, ""])),
    )


@st.composite
def constitutions(draw: st.DrawFn) -> Constitution:
    """Some of them are contradictory: whoever draws one lets the reader say so."""
    tests = draw(SOME_TESTS | st.just(()))
    if draw(st.booleans()):
        tests = tuple(draw(st.sampled_from([with_option(test), most_votes(test)])) for test in tests)
    return Constitution(
        ccg="00A",
        name=draw(LINE),
        source=RuleSource(draw(LINE), draw(LINE), draw(LINES), draw(LINE), draw(LINE)),
        combine=draw(COMBINES),
        reballot=frozenset(draw(st.sets(st.sampled_from([Outcome.INQUORATE, Outcome.NOT_CARRIED])))),
        weight=draw(st.none() | weights()),
        casting_vote=draw(CASTING),
        quorums=draw(SOME_QUORUMS),
        tests=tests,
        questions=tuple(draw(question_rules(id)) for id in sorted(draw(st.sets(IDS, max_size=2)))),
        locality_tests=draw(locality_tests()),
        combine_quorums=draw(ANY_OR_ALL),
        locality_quorums=draw(locality_quorums()),
    )


def with_option(test: Test) -> Test:
    return dataclasses.replace(test, option="one-ccg")


def most_votes(test: Test) -> Test:
    return dataclasses.replace(test, most_votes=True)


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(constitutions())
def test_a_written_constitution_is_read_as_it_was_meant(constitution: Constitution) -> None:
    try:
        written = write_constitution(constitution)
    except InvalidRule:
        assume(False)
    assert load_constitution(written, "") == constitution


@pytest.mark.parametrize("path", RULES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_files_that_people_wrote_are_the_same_rules_when_we_write_them(path: Path) -> None:
    read = load_constitution(path.read_bytes(), path.name)
    assert load_constitution(write_constitution(read), path.name) == read


@pytest.mark.parametrize("path", PROGRAMMES, ids=lambda path: path.parent.name)
def test_a_programme_file_written_from_its_values_is_the_same_programme(path: Path) -> None:
    values = tomllib.loads(path.read_text())
    written = write_toml(values)
    assert tomllib.loads(written.decode()) == values
    assert load_programme(written, "f") == load_programme(path.read_bytes(), "f")


SCALARS = st.text(st.characters(exclude_categories=("Cs",))) | st.integers(-(2**62), 2**62) | st.booleans()
KEYS = st.text(st.characters(exclude_categories=("Cs",)), max_size=4)
VALUES = st.recursive(
    SCALARS | st.dates() | st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, VALUES, max_size=4))
@example({"combine": {"a": [{"b": {"c": "x\ny"}}]}, "list": [{}, {"deep": [{"er": 1}]}]})
@example({"text": 'ends with a quotation mark"\n"', "\u007f": "\r\n\x00"})
def test_whatever_is_written_is_read_back(values: dict[str, object]) -> None:
    assert tomllib.loads(write_toml(values).decode()) == values


def test_no_float_is_written() -> None:
    with pytest.raises(TypeError, match="no float"):
        write_toml({"share": 0.5})
