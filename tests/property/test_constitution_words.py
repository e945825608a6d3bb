"""Sentences about any rule and any counts use the programme's words, and differ in nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from ballot.constitution.clauses import usual_clause
from ballot.constitution.counts import Counts
from ballot.constitution.decide import decide
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.programme import load_programme
from ballot.constitution.reading import read_constitution_aloud, read_for_signing, read_programme_aloud
from ballot.constitution.rule import Rule
from ballot.constitution.words import DEFAULT_WORDS, Noun, Words
from tests.support.constitution_strategies import rules_and_counts

OTHER = Words(
    Noun("tribe", "tribes"), Noun("hearth", "hearths"), Noun("pebble", "pebbles"), Noun("covenant", "covenants")
)
CONFIG = Path(__file__).parents[2] / "config"


def as_usual(sentences: Iterable[str]) -> list[str]:
    """Sentences in other words, with the usual ones put in."""
    found = []
    for sentence in sentences:
        for key, noun in OTHER.values.items():
            usual = DEFAULT_WORDS.values[key]
            for mine, theirs in (*zip(noun, usual, strict=True),)[::-1]:
                sentence = sentence.replace(mine, theirs).replace(mine.capitalize(), theirs[0].upper() + theirs[1:])
        found.append(sentence.replace("ounted in weighted votes alone", "ounted in weight alone"))
    return found


@given(rules_and_counts())
def test_a_decision_is_explained_in_other_words_as_in_the_usual_ones(drawn: tuple[Rule, Counts]) -> None:
    rule, counts = drawn
    usual, other = (decide(replace(rule, words=words), counts).explanation for words in (DEFAULT_WORDS, OTHER))

    assert as_usual(other) == list(usual)
    assert not any("practice" in sentence or "weighted vote" in sentence for sentence in other)
    assert as_usual([usual_clause(replace(rule, words=OTHER))]) == [usual_clause(rule)]


@pytest.mark.parametrize("file", sorted(CONFIG.glob("*/constitutions/*.toml")), ids=lambda file: file.stem)
def test_what_a_governing_body_signs_is_in_the_words_of_its_programme(file: Path) -> None:
    usual, other = (load_constitution(file.read_bytes(), file.name, words) for words in (DEFAULT_WORDS, OTHER))

    assert as_usual(read_for_signing(other)) == list(read_for_signing(usual))
    assert as_usual(read_constitution_aloud(other)) == list(read_constitution_aloud(usual))
    odd = [[oddity.sentence for oddity in check_constitution(one)] for one in (usual, other)]
    assert as_usual(odd[1]) == odd[0]
    rule = [line for line in read_for_signing(other) if line not in (other.name, *other.source.wording.splitlines())]
    assert not any("weighted vote" in line for line in rule)


@pytest.mark.parametrize("file", sorted(CONFIG.glob("*/programme.toml")), ids=lambda file: file.parent.name)
def test_a_programme_is_read_aloud_in_its_own_words(file: Path) -> None:
    text = re.sub(rb"(?ms)^\[words\]\n.*?\n\n", b"", file.read_bytes())
    usual = load_programme(text, file.name)
    table = "\n".join(f"{key} = {list(texts)}" for key, texts in OTHER.values.items()).replace("'", '"')
    other = load_programme(text + f"\n[words]\n{table}\n".encode(), file.name)

    assert as_usual(read_programme_aloud(other))[2:] != []
    assert len(list(read_programme_aloud(other))) == len(list(read_programme_aloud(usual)))
    said = " ".join(read_programme_aloud(other))
    for text in (
        programme_text for question in usual.questions for programme_text in (question.text, *question.answers)
    ):
        said = said.replace(text, "")
    for ccg in usual.ccgs:
        said = said.replace(ccg.name, "").replace(ccg.name.removesuffix(" CCG"), "")
    assert "practice" not in said.lower()
    assert "merger" not in said.replace(usual.name, "")
