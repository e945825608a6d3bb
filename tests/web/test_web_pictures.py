"""Every readable page has its pictures in docs/pictures, at both widths, or a reason why not."""

from __future__ import annotations

import re
from pathlib import Path

from tests.web.test_web_routes import GOLDEN

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
LARGEST = 4_000_000
NO_PAGE = ("/api/", "/static/", "/healthz", "/readyz", "/metrics")
"""Answers that programs read."""
WITHOUT = {
    "/board/<programme>/decision.pdf": "a PDF",
    "/board/<programme>/declaration.pdf": "a PDF",
    "/board/<programme>/declaration.csv": "a file",
    "/board/<programme>/declaration.json": "a file",
    "/board/<programme>/declaration.sig.json": "a file",
    "/board/<programme>/evidence.zip": "a file",
    "/office/ballots/<programme>/authority/<election>/<ballot>.json": "a file",
    "/board/<programme>/<ccg>/dates.ics": "a file",
    "/office/ballots/<programme>/roll/template.csv": "a file",
    "/office/trustee/<programme>/files/<name>": "a file",
    "/office/ballots/<programme>/scrutiny/<what>": "a file",
}
LINE = re.compile(r"\| \S+ \| `(\S+)` \| \[desk\]\((\S+)\) \| \[phone\]\((\S+)\) \|")


def pictured() -> dict[str, list[str]]:
    """The files of each route, as the index tells."""
    found: dict[str, list[str]] = {}
    for route, *files in LINE.findall((FOLDER / "README.md").read_text()):
        found.setdefault(route, []).extend(files)
    return found


def pages() -> set[str]:
    lines = [line.split() for line in GOLDEN.read_text().splitlines()]
    return {route for methods, route, *_ in lines if "GET" in methods.split(",") and not route.startswith(NO_PAGE)}


def test_every_page_has_its_pictures_or_a_reason_why_none() -> None:
    assert pages() - set(pictured()) - set(WITHOUT) == set(), "look at it in a browser test, then: make pictures"
    assert set(WITHOUT) <= pages()


def test_every_picture_of_the_index_is_there_and_there_is_no_other() -> None:
    named = {name for files in pictured().values() for name in files}
    assert named == {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.png")}


def test_the_pictures_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*.png")) < LARGEST
