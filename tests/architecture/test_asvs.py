"""The table of ASVS 5.0.0 speaks of every requirement of levels 1 and 2 once, and names places that exist.

`asvs_5_0_0.txt` has their numbers and levels, and nothing else of the standard. Whether a place does what its row says
is for people to judge.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST = (ROOT / "docs" / "asvs.md").read_text()
TABLES = [path.read_text() for path in sorted((ROOT / "docs" / "asvs").glob("*.md"))]
LEVELS = dict(line.split() for line in Path(__file__).with_name("asvs_5_0_0.txt").read_text().splitlines())
VERDICTS = ("met", "operator", "part", "not met", "n/a")
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| ([a-z /]+) \| (.+) \| (.+) \|$", re.M)
ROWS = [match.groups() for text in TABLES for match in ROW.finditer(text)]


def test_every_requirement_has_one_row_with_its_level_and_a_verdict() -> None:
    assert len(LEVELS) == 253
    assert sum(text.count("\n| V") for text in TABLES) == len(ROWS)
    assert [number for number, *_ in ROWS] == sorted(LEVELS, key=lambda n: [int(part) for part in n[1:].split(".")])
    assert {number: level for number, level, *_ in ROWS} == LEVELS
    assert {verdict for _, _, verdict, _, _ in ROWS} <= set(VERDICTS)


def test_every_place_that_is_named_exists() -> None:
    missing = []
    for number, _, verdict, _, places in ROWS:
        named = re.findall(r"`([^`]+)`", places)
        assert named or verdict == "n/a", number
        missing += [f"{number} {place}" for place in named if not (ROOT / place).exists()]
    assert missing == []


def test_the_first_page_counts_them_and_lists_all_that_is_not_met() -> None:
    for level in "12":
        counted = Counter(verdict for _, of, verdict, _, _ in ROWS if of == level)
        figures = [counted[verdict] for verdict in VERDICTS]
        assert f"| {level} | {' | '.join(map(str, [*figures, sum(figures)]))} |" in FIRST
    listed = re.findall(r"^\| (V\S+) \| [12] \| (part|not met) \|", FIRST, re.M)
    assert listed == [(number, verdict) for number, _, verdict, _, _ in ROWS if verdict in ("part", "not met")]
