"""The page's scripts read as text: their sections, each headed by a comment line, and their code without comments."""

from __future__ import annotations

import re
from pathlib import Path

BEGINNING = ""
"""The name of what stands above the first section."""

_HEAD = re.compile(r"^// -- (.+?) --\n", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_DECLARED = re.compile(
    r"^(?:export )?(?:async )?(?:function|const|let|class) (?:\{ (.+?) \}|([A-Za-z]\w*))", re.MULTILINE
)


def sections(path: Path) -> dict[str, str]:
    """Name and text of each section, in their order."""
    beginning, *parts = _HEAD.split(path.read_text())
    return {BEGINNING: beginning, **dict(zip(parts[::2], parts[1::2], strict=True))}


def code_of(text: str) -> str:
    """A script without its comments."""
    return _COMMENT.sub("", text)


def declared(text: str, *, exported: bool = False) -> list[str]:
    """The names that a section declares, all of them or only those it exports."""
    found = []
    for match in _DECLARED.finditer(text):
        if match[0].startswith("export") or not exported:
            found += [name.split(":")[-1].strip() for name in (match[1] or match[2]).split(",")]
    return found
