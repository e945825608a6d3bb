"""docs/standards.md: every row has a verdict and names places that exist; the Council of Europe's 49 are all there.

Whether a place does what its row says is for people to judge.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "standards.md").read_text()
VERDICTS = ("met", "part", "not met", "theirs", "not ours")
LINES = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
ROWS = [cells for cells in LINES if cells[1] != "verdict"]
HONEST = (
    "No outsider has reviewed the software or this page",
    "No\none has tested it with people who use assistive technology",
    "is shown only to the voter who opens a spoilt ballot",
    "We knew this code from summaries only",
    "we did not have its text at hand",
)


def section(title: str) -> str:
    """The part of the page under a heading that begins so."""
    (found,) = [part for part in PAGE.split("\n## ") if part.startswith(title)]
    return found


def test_every_row_has_a_verdict_and_says_how_unless_it_is_not_ours() -> None:
    assert len(ROWS) > 120
    assert [cells for cells in ROWS if len(cells) != 4] == []
    assert {verdict for _, verdict, _, _ in ROWS} == set(VERDICTS)
    assert [clause for clause, verdict, how, where in ROWS if verdict != "not ours" and not (how or where)] == []


def test_every_place_that_is_named_exists() -> None:
    places = [(clause, place) for clause, _, _, where in ROWS for place in re.findall(r"`([^`]+)`", where)]
    assert len(places) > 100
    assert [(clause, place) for clause, place in places if not (ROOT / place).exists()] == []
    unplaced = [clause for clause, verdict, _, where in ROWS if verdict in ("met", "part") and "`" not in where]
    assert unplaced == []


def test_all_standards_of_the_council_of_europe_are_there_in_order() -> None:
    numbers = re.findall(r"^\| (\d+) ", section("Council of Europe"), re.M)
    assert [int(number) for number in numbers] == list(range(1, 50))


def test_the_main_articles_of_the_swiss_ordinance_are_there() -> None:
    told = section("Swiss Federal Chancellery")
    assert all(re.search(rf"^\| (?:\d+, )?{number}\b", told, re.M) for number in range(3, 16))


def test_the_page_says_what_was_not_done() -> None:
    assert [sentence for sentence in HONEST if sentence not in PAGE] == []
