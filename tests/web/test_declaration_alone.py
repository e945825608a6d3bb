"""The declaration as one HTML file: it says what the data say, and loads nothing."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from ballot.audit.source import open_source
from ballot.declaration.model import Declaration
from ballot.declaration.tell import tell_declaration
from ballot.web.board.declared import page_alone

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
GOOD = ("good--record.zip", "good--record-localities.zip", "good--record-nobody-voted.zip")


def declared(name: str) -> Declaration:
    with open_source(VECTORS / name) as source:
        return tell_declaration(source)


def words_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<body>")[2])).split())


@pytest.mark.parametrize("name", GOOD)
def test_it_has_every_outcome_and_every_sentence(name: str) -> None:
    declaration = declared(name)
    said = words_of(page_alone(declaration))
    assert declaration.headline in said
    for limit in declaration.limits:
        assert limit in said
    for ccg in declaration.ccgs:
        assert f"{ccg.name} ({ccg.ods})" in said
        for result in ccg.results:
            for sentence in (*result.rule, *result.working, *result.margin):
                assert " ".join(sentence.split()) in said


@pytest.mark.parametrize("name", GOOD)
def test_it_is_read_without_a_network(name: str) -> None:
    page = page_alone(declared(name))
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe|base|form)\b", page)
    assert [found for found in re.findall(r'\b(?:src|href|action)="([^"]*)"', page) if not found.startswith("#")] == []
    assert {found for found in re.findall(r"url\(([^)]{5})", page) if not found.startswith("#")} == {"data:"}
    assert "@import" not in page


def test_every_place_that_it_leads_to_is_in_it() -> None:
    page = page_alone(declared("good--record.zip"))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)
