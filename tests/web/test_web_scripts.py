"""The page's scripts as written: what each section may use, and that each says what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ballot.web.assets import STATIC
from ballot.web.templating import TEMPLATES
from tests.web.script_sections import BEGINNING, code_of, sections

BOOTH = sections(STATIC / "booth.js")
PROTOCOL = sections(STATIC / "protocol.js")
CEREMONY = sections(STATIC / "ceremony.js")
TRUSTEE = sections(STATIC / "trustee.js")
OURS = [STATIC / f"{name}.js" for name in ("booth", "browser", "ceremony", "checker", "keep", "protocol", "trustee")]

EVERY = {**CEREMONY, **TRUSTEE, **PROTOCOL, **BOOTH}

PAGE = r"\bdocument\b|\bwindow\b|\blocation\b|\bhistory\b"
NETWORK = r"\bfetch\s*\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource"


def knowing(pattern: str) -> list[str]:
    """The booth's sections in whose code this stands."""
    return [name for name, section in BOOTH.items() if re.search(pattern, code_of(section))]


def test_the_way_through_the_booth_knows_no_page_no_network_and_no_protocol() -> None:
    assert list(BOOTH) == [
        BEGINNING,
        "times",
        "flow",
        "service",
        "vouch",
        "page",
        "authority",
        "receipt",
        "booth",
        "acts",
    ]
    assert knowing(PAGE) == ["page", "authority", "booth", "acts"]
    assert knowing(NETWORK) == ["service"]
    assert knowing(r"\bparse(?:Json|Election)\b") == [BEGINNING, "vouch"]
    assert knowing(r"\bcreateBallot\b|\bopenPaper\b") == [BEGINNING, "booth"]
    assert knowing(r"innerHTML|outerHTML|insertAdjacent|\beval\b|[sS]torage\b|indexedDB|console") == []


def test_what_a_trustee_s_page_calculates_knows_no_page_and_no_network_and_keeps_nothing() -> None:
    for section in CEREMONY.values():
        assert not re.search(f"{PAGE}|{NETWORK}|[sS]torage", code_of(section))
    everything = code_of((STATIC / "trustee.js").read_text())
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|\beval\b|indexedDB|sessionStorage|console|cookie", everything
    )
    storing = [name for name, section in TRUSTEE.items() if "localStorage" in code_of(section)]
    assert storing == ["the count"]
    sending = [name for name, section in TRUSTEE.items() if re.search(NETWORK, code_of(section))]
    assert sending == ["page"]
    assert re.findall(r"fetch\([^)]*\)", everything) == ['fetch(url, { credentials: "same-origin" })'], (
        "GET, and no body"
    )


def test_fields_for_a_trustee_s_key_have_no_name_and_are_never_sent() -> None:
    macros = (TEMPLATES / "trustee" / "macros.html").read_text()
    own = (TEMPLATES / "trustee" / "own.html").read_text()
    secret = re.findall(r"<input[^>]*(?:data-(?:key-file|dkey-file|passphrase|new|again))[^>]*>", macros + own)
    assert len(secret) == 5
    assert [field for field in secret if re.search(r"\bname=", field)] == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_a_script_says_what_it_is_for_in_lines_that_fit(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(("/**", "// "))
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("name", [name for name in EVERY if name != BEGINNING])
def test_a_section_says_what_it_is_for_and_is_short(name: str) -> None:
    section = EVERY[name]
    assert section.startswith("// ")
    assert len(section.splitlines()) <= (250 if name == "booth" else 200)
