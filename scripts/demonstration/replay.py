"""A vote that was held, replayed: how many practices of each CCG voted how, from a programme's `votes.csv`.

    ccg_ods_code,practices,merge,constitution
    08Y,8,For,Against

Each row is so many practices of a CCG with these answers, in the order of the roll. Those that no row counts stay away.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Protocol

from ballot.constitution.programme import Programme
from scripts.demonstration.moods import Paper

FILE = "votes.csv"


class InvalidVotes(Exception):
    """A row that the programme does not have. The message has file, line and what was expected."""


class Votes(Protocol):
    """How the practices vote: `moods.Moods`, or a replay."""

    def vote(self, ccg: str) -> Paper | None: ...


class Replay:
    """The votes of `votes.csv`. Raises InvalidVotes."""

    def __init__(self, programme: Programme, file: Path) -> None:
        self._left: dict[str, list[Paper]] = {ccg.ods: [] for ccg in programme.ccgs}
        with file.open(newline="", encoding="utf-8") as source:
            for number, row in enumerate(csv.DictReader(source), start=2):
                try:
                    paper = [_answer(question.answers, row[question.id]) for question in programme.questions]
                    self._left[row["ccg_ods_code"]] += repeat(paper, int(row["practices"]))
                except (KeyError, TypeError, ValueError):
                    sentence = "expected a CCG, a number of practices and an answer to each question of the programme"
                    raise InvalidVotes(f"{file}:{number}: {sentence}.") from None

    def vote(self, ccg: str) -> Paper | None:
        """How the next practice of a CCG votes; None if it stays away."""
        return self._left[ccg].pop(0) if self._left[ccg] else None

    def __iter__(self) -> Iterator[tuple[str, Paper]]:
        """Every vote, with its CCG."""
        for ccg, papers in self._left.items():
            yield from ((ccg, paper) for paper in papers)


def _answer(answers: tuple[str, ...], given: str) -> tuple[int, ...]:
    place = answers.index(given)
    return tuple(int(number == place) for number in range(len(answers)))
