"""The files under config/ are read like any others, and together show everything that a rule can say."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.lint import check_constitution, check_outcome_rule
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.programme import load_programme
from ballot.constitution.rule import Constitution, Denominator, Unit
from ballot.constitution.threshold import Comparison

CONFIG = Path(__file__).parents[3] / "config"
FOLDER = CONFIG / "lancashire-south-cumbria-2020"
OPTIONS = CONFIG / "lancashire-south-cumbria-2020-options"
RULE_FILES = sorted((FOLDER / "constitutions").glob("*.toml"))
OPTION_FILES = sorted((OPTIONS / "constitutions").glob("*.toml"))


@pytest.fixture(scope="module")
def constitutions() -> list[Constitution]:
    return [load_constitution(file.read_bytes(), file.name) for file in RULE_FILES]


def test_the_programme_has_a_rule_file_for_each_of_its_ccgs(constitutions: list[Constitution]) -> None:
    programme = load_programme((FOLDER / "programme.toml").read_bytes(), "programme.toml")

    assert {ccg.ods: ccg.name for ccg in programme.ccgs} == {rule.ccg: rule.name for rule in constitutions}
    assert programme.rehearsal
    assert not list(check_outcome_rule(programme.outcome))


def test_the_programme_with_options_creates_one_body_or_five_and_every_rule_fits_its_question() -> None:
    programme = load_programme((OPTIONS / "programme.toml").read_bytes(), "programme.toml")
    found = [load_constitution(file.read_bytes(), file.name) for file in OPTION_FILES]

    for constitution in found:
        check_fits(constitution, programme)
    assert {ccg.ods: ccg.name for ccg in programme.ccgs} == {rule.ccg: rule.name for rule in found}
    assert len(programme.questions[0].options) == 6
    assert [(group.name, group.rule.ccgs) for group in programme.outcome.groups[1:]] == [
        ("Fylde Coast", ("00R", "02M")),
        ("Pennine Lancashire", ("00Q", "01A")),
        ("Central Lancashire", ("00X", "01E")),
        ("Morecambe Bay", ("01K",)),
        ("West Lancashire", ("02G",)),
    ]
    assert {rule.ccg for rule in found if rule.locality_column} == {"01K"}
    assert not list(check_outcome_rule(programme.outcome))


@pytest.mark.parametrize("file", [*RULE_FILES, *OPTION_FILES], ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_every_rule_file_is_named_after_its_ccg_and_says_it_is_a_demonstration(file: Path) -> None:
    found = load_constitution(file.read_bytes(), file.name)

    assert found.ccg == file.stem
    assert file.read_text().startswith("# DEMONSTRATION. This is NOT the clause of ")
    assert "not this CCG's" in found.source.document
    assert "not this CCG's real clause" in found.source.wording
    assert not list(check_constitution(found))


def test_together_they_use_every_base_both_comparisons_and_a_double_majority(
    constitutions: list[Constitution],
) -> None:
    tests = [test for constitution in constitutions for test in constitution.tests]

    assert {test.base for test in tests} == set(Denominator)
    assert {test.threshold.comparison for test in tests} == {Comparison.AT_LEAST, Comparison.MORE_THAN}
    assert sum(constitution.weight is not None for constitution in constitutions) <= 3
    units = [{test.unit for test in constitution.tests} for constitution in constitutions]
    assert {Unit.WEIGHT} in units
    assert {Unit.WEIGHT, Unit.PRACTICES} in units


@pytest.mark.parametrize("file", [*RULE_FILES, OPTION_FILES[3], *(f / "programme.toml" for f in (FOLDER, OPTIONS))])
def test_a_file_cut_off_anywhere_is_refused_and_nothing_worse(file: Path) -> None:
    content = file.read_bytes()
    loaders = (load_programme, load_outcome_rule) if file.stem == "programme" else (load_constitution,)

    lines = {0}
    for length in range(0, len(content), 7):
        for loader in loaders:
            try:
                loader(content[:length], file.name)
            except ConstitutionError as refusal:
                lines.add(refusal.line)

    assert lines <= set(range(content.count(b"\n") + 2))
