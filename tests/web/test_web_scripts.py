"""The page's scripts as they are written: what each section may know, and that every one says what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ballot.web.assets import STATIC
from tests.web.script_sections import BEGINNING, code_of, sections

BOOTH = sections(STATIC / "booth.js")
PROTOCOL = sections(STATIC / "protocol.js")
OURS = sorted(STATIC.glob("*.js"))

PAGE = r"\bdocument\b|\bwindow\b|\blocation\b|\bhistory\b"
NETWORK = r"\bfetch\s*\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource"


def knowing(pattern: str) -> list[str]:
    """The booth's sections in whose code this stands."""
    return [name for name, section in BOOTH.items() if re.search(pattern, code_of(section))]


def test_the_way_through_the_booth_knows_no_page_no_network_and_no_protocol() -> None:
    assert list(BOOTH) == [BEGINNING, "times", "flow", "service", "vouch", "page", "receipt", "booth"]
    assert knowing(PAGE) == ["page", "booth"]
    assert knowing(NETWORK) == ["service"]
    assert knowing(r"\bparse(?:Json|Election)\b") == [BEGINNING, "vouch"]
    assert knowing(r"\bcreateBallot\b|\bopenPaper\b") == [BEGINNING, "booth"]
    assert knowing(r"innerHTML|outerHTML|insertAdjacent|\beval\b|[sS]torage\b|indexedDB|console") == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_a_script_says_what_it_is_for_in_lines_that_fit(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(("/**", "// "))
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", [name for name in {**PROTOCOL, **BOOTH} if name != BEGINNING])
def test_a_section_says_what_it_is_for_and_is_short(name: str) -> None:
    section = {**PROTOCOL, **BOOTH}[name]
    assert section.startswith("// ")
    assert len(section.splitlines()) <= (250 if name == "booth" else 200)
