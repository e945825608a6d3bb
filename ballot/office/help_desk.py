"""Find a practice for someone on the telephone: by code, name, e-mail address or representative's name. Reads only.

The search covers every prepared programme of this installation, because a caller does not know which ballot they mean.
Capitals, accents, apostrophes and hyphens do not matter, nor does the order of the words: people spell names by ear.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ballot.db.practices import SearchedPractice, practices_to_search
from ballot.db.programmes import list_programmes
from ballot.db.session import reading
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_programme

MOST = 50
"""The most practices that one search shows."""
_APOSTROPHES = str.maketrans("", "", "'\u2018\u2019`")
_ORDER = (State.OPEN, State.SEALED, State.DRAFT, State.CLOSED, State.TALLIED, State.DECLARED, State.ABANDONED)
"""Calls are mostly about ballots in which one can vote."""


@dataclass(frozen=True, slots=True)
class FoundPractice:
    """A practice in one ballot of one programme."""

    programme: str
    programme_name: str
    ccg: str
    ballot: str
    practice: str
    name: str
    state: State
    is_struck: bool


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The first practices found, how many there are, and in how many programmes we looked."""

    shown: tuple[FoundPractice, ...]
    total: int
    programmes: int


def search_words(asked: str) -> tuple[str, ...]:
    """The words that a search looks for; empty if nothing of what was typed can be found."""
    plain = unicodedata.normalize("NFKD", asked.translate(_APOSTROPHES))
    kept = "".join(each for each in plain if not unicodedata.combining(each)).casefold()
    return tuple("".join(each if each.isalnum() else " " for each in kept).split())


def find_practices(engine: Engine, asked: str, now: datetime) -> SearchResult:
    """Every practice in which each word typed begins a word of its code, name, addresses or representative's name.

    What has an @ is part of an e-mail address, and is looked for as it is, ignoring capitals.
    """
    with reading(engine) as session:
        programmes = {row.id: read_programme(row.toml).name for row in list_programmes(session)}
        rows = practices_to_search(session)
    words, address = search_words(asked), "".join(asked.split()).casefold() if "@" in asked else None
    found = [row for row in rows if _matches(row, words, address)]

    def rank(row: SearchedPractice) -> tuple[bool, bool, int, str, str, str]:
        is_code = words == search_words(row.ods)
        begins = search_words(row.name)[: len(words)] == words
        return not is_code, not begins, _ORDER.index(_state(row, now)), row.name, row.ods, row.programme_id

    found.sort(key=rank)
    shown = tuple(
        FoundPractice(
            row.programme_id,
            programmes[row.programme_id],
            row.ccg,
            row.ballot,
            row.ods,
            row.name,
            _state(row, now),
            row.struck_at is not None,
        )
        for row in found[:MOST]
    )
    return SearchResult(shown, len(found), len(programmes))


def _matches(row: SearchedPractice, words: tuple[str, ...], address: str | None) -> bool:
    addresses = f"{row.email or ''} {row.notify or ''}"
    if address is not None:
        return address in addresses.casefold()
    told = " ".join(["", *search_words(f"{row.ods} {row.name} {row.representative or ''} {addresses}")])
    return bool(words) and all(f" {word}" in told for word in words)


def _state(row: SearchedPractice, now: datetime) -> State:
    return state_at(State(row.state), row.opens_at, row.closes_at, now)
