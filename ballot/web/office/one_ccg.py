"""Long lists of practices: all of them, or one CCG at a time, `?ccg=CODE` in the address.

A table of thousands of rows helps no one and takes seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

Entry = TypeVar("Entry")

MOST = 500
"""The most rows on a page that shows all."""


@dataclass(frozen=True, slots=True)
class CcgSelection(Generic[Entry]):
    """The entries of a page. `ccgs` maps every CCG to its number of rows, if one must be chosen."""

    shown: tuple[Entry, ...]
    chosen: str
    ccgs: tuple[tuple[str, int], ...]


def one_ccg_at_a_time(entries: Iterable[Entry], ccg_of: Callable[[Entry], str]) -> CcgSelection[Entry]:
    """All entries, or those of the CCG in the address, or none and a choice of CCGs."""
    every = tuple(entries)
    chosen = request.args.get("ccg", "").strip().upper()[:10]
    ccgs = tuple(Counter(map(ccg_of, every)).items()) if len(every) > MOST else ()
    if chosen:
        return CcgSelection(tuple(entry for entry in every if ccg_of(entry) == chosen), chosen, ccgs)
    return CcgSelection(() if ccgs else every, "", ccgs)
