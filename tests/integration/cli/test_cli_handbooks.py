"""Every command in a handbook exists, with the options used there."""

from __future__ import annotations

import contextlib
import io
import re
from functools import cache
from pathlib import Path

import pytest

from ballot.cli.main import main

DOCS = Path(__file__).resolve().parents[3] / "docs"
NAMED = re.compile(r"(?:^    |`)ballot ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*){0,2})([^\n`|#]*)", re.MULTILINE)


@cache
def help_of(words: tuple[str, ...]) -> str | None:
    """What `--help` of a command prints; None where there is no such command."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = main([*words, "--help"])
        except SystemExit as end:
            status = int(end.code or 0)
    return None if status else out.getvalue()


def faults(text: str) -> list[str]:
    """Each command of a handbook that is not there, or that does not know an option."""
    found = []
    for match in NAMED.finditer(text):
        words = tuple(match[1].split())
        if match[2][:1].isalnum():  # "ballot proposal v1" begins a line of a record
            continue
        group = (help_of(words[:1]) or "").partition("\n\n")[0]
        fewest = 2 if group.rstrip().endswith("...") else 1
        known = [told for n in (3, 2, 1) if len(words) >= n >= fewest and (told := help_of(words[:n])) is not None]
        options = re.findall(r"--[a-z][a-z-]*", match[2])
        if not known or any(option not in known[0] for option in options):
            found.append(match[0].strip())
    return found


@pytest.mark.parametrize("handbook", sorted(path.name for path in DOCS.glob("handbook-*.md")))
def test_every_command_that_a_handbook_names_is_there(handbook: str) -> None:
    assert faults((DOCS / handbook).read_text()) == []


def test_a_command_that_is_not_there_is_found() -> None:
    assert faults("    ballot office frobnicate\n    ballot office seal --sideways\n") == [
        "ballot office frobnicate",
        "ballot office seal --sideways",
    ]
