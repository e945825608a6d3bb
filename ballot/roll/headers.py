"""The names of columns, however a person or a spreadsheet spells them.

Capitals, blanks, hyphens and underscores do not matter: `E-mail` is `email`, `CCG ODS Code` is `ccg_ods_code`. A name
that is only near to that of an optional column is refused by name: its cells would be lost, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ballot.roll.problems import Problems, Reason, listed, note, shown
from ballot.roll.rows import Row

_LONGEST = 40
_NEAR = 0.8


def folded(name: str) -> str:
    """What two spellings of one column have in common: its letters and digits, in small letters."""
    return "".join(character for character in name.casefold() if character.isalnum())


def spell(header: Row, known: Sequence[str], file: str) -> tuple[Row, list[str]]:
    """The header with the columns in `known` under the names given there; a note where one was spelled otherwise."""
    names = {folded(name): name for name in known}
    cells = tuple(names.get(folded(cell), cell) for cell in header.cells)
    read = [f"{was} as {name}" for was, name in zip(header.cells, cells, strict=True) if was != name]
    notes = [note(file, f"columns were read under another spelling: {listed(read, most=30)}.")] if read else []
    return replace(header, cells=cells), notes


def check_near_misses(header: Row, absent: Iterable[str], ignored: Iterable[str], problems: Problems) -> None:
    """A problem for each column that would be ignored and seems to be meant for one that is absent."""
    others = list(ignored)
    for name in absent:
        for other in others:
            if _is_near(folded(other), folded(name)):
                sentence = (
                    f"the header has no such column, but {shown(other)}, which would be ignored. Call it {name}, or "
                    "take it out of the file."
                )
                problems.add(header.line, name, Reason.NEAR_COLUMN, sentence)


def _is_near(other: str, name: str) -> bool:
    if not other or len(other) > _LONGEST:
        return False
    return name in other or SequenceMatcher(None, other, name).ratio() >= _NEAR
