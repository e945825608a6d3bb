"""A rule file that we write reads back as the intended rule, for any rule and words."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, example, given
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
from tests.support.constitution_strategies import ANY_OR_ALL, REQUIRES, SOME_QUORUMS, TESTS, any_test, weights

CONFIG = Path(__file__).parents[2] / "config"
RULES = sorted(CONFIG.glob("*/constitutions/*.toml"))
PROGRAMMES = sorted(CONFIG.glob("*/programme.toml"))
TEXT = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
LINE = st.text(TEXT, min_size=1).filter(str.strip) | st.sampled_from(['"""', "\\", "a # b", '\\"', "\u202e"])
LINES = st.lists(LINE | st.just(""), min_size=1, max_size=4).map("\n".join).filter(str.strip)
IDS = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)


def any_tests(options: bool) -> st.SearchStrategy[Test]:
    """Tests of one kind of question."""
    named = any_test(option="one-ccg", options=True) | any_test(option=None, options=True)
    return named if options else TESTS


@st.composite
def locality_tests(draw: st.DrawFn, options: bool) -> tuple[LocalityTest, ...]:
    tests = draw(st.just([]) | st.lists(any_tests(options), max_size=2))
    return tuple(LocalityTest(test, "pcn_code", draw(REQUIRES)) for test in tests)


@st.composite
def question_rules(draw: st.DrawFn, question: str, options: bool) -> QuestionRule:
    tests = draw(st.none() | st.just(()) | st.lists(any_tests(options), min_size=1, max_size=3).map(tuple))
    quorums = draw(st.none() | SOME_QUORUMS)
    return QuestionRule(
        question,
        tests,
        draw(st.none() | combines(tests)) if tests else None,
        quorums,
        locality_tests=draw(st.none() | locality_tests(options)),
        combine_quorums=draw(ANY_OR_ALL) if quorums and len(quorums) > 1 else None,
        locality_quorums=draw(st.none() | locality_quorums()),
        casting_vote=draw(st.sampled_from([None, None, "", "the Chair"])),
    )


def combines(tests: tuple[Test, ...]) -> st.SearchStrategy[Combine | int]:
    return st.sampled_from(Combine) | st.integers(1, max(len(tests), 1)) if tests else st.just(Combine.ALL)


@st.composite
def constitutions(draw: st.DrawFn) -> Constitution:
    """Some of them are contradictory: whoever draws one lets the reader say so."""
    options = draw(st.booleans())
    local = draw(locality_tests(options))
    tests = tuple(draw(st.lists(any_tests(options), min_size=0 if local else 1, max_size=3)))
    quorums = draw(SOME_QUORUMS)
    can_tie = not options and not local and any(test.can_tie for test in tests)
    ids = sorted(draw(st.just(set()) | st.sets(IDS, max_size=2)))
    return Constitution(
        ccg="00A",
        name=draw(LINE),
        source=RuleSource(draw(LINE), draw(LINE), draw(LINES), draw(LINE), draw(LINE)),
        combine=draw(combines(tests)),
        reballot=frozenset(draw(st.sets(st.sampled_from([Outcome.INQUORATE, Outcome.NOT_CARRIED])))),
        weight=draw(st.one_of(weights(), weights(), weights(), st.none())),
        casting_vote=draw(st.sampled_from([None, "the Chair"])) if can_tie else None,
        quorums=quorums,
        tests=tests,
        questions=tuple(draw(question_rules(id, options)) for id in ids),
        locality_tests=local,
        combine_quorums=draw(ANY_OR_ALL) if len(quorums) > 1 else Combine.ALL,
        locality_quorums=draw(locality_quorums()),
    )


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
