"""How the made-up practices vote: each CCG has a mood, drawn from the seed, which most of its practices follow."""

from __future__ import annotations

import random

from ballot.constitution.programme import Programme
from ballot.constitution.question import Question

YES_OR_NO = ((75, 12, 5, 8), (60, 25, 7, 8), (48, 38, 6, 8), (55, 10, 5, 30))
"""How many in a hundred practices of a CCG vote for, against, abstain, and do not vote; each CCG has one of these."""
FAVOURITES = (68, 60, 52, 40)
"""With options: how many in a hundred choose the CCG's favourite; the rest are spread over the others."""
ABSTAIN, AWAY = 4, 8

Paper = list[tuple[int, ...]]
"""A vote on every question, answer by answer, as the protocol has it."""


class Moods:
    """The votes of a programme's practices: the same for the same seed, in whatever order the CCGs come."""

    def __init__(self, programme: Programme, seed: str) -> None:
        self._questions = programme.questions
        self._draws = {ccg.ods: random.Random(f"{seed}:{ccg.ods}") for ccg in programme.ccgs}
        self._moods: dict[str, list[tuple[int, ...]]] = {}

    def vote(self, ccg: str) -> Paper | None:
        """How the next practice of a CCG votes; None if it stays away."""
        draw = self._draws[ccg]
        if ccg not in self._moods:
            self._moods[ccg] = [_mood(draw, question) for question in self._questions]
        papers = [
            _answer(draw, question, mood) for question, mood in zip(self._questions, self._moods[ccg], strict=True)
        ]
        return None if None in papers else [paper for paper in papers if paper is not None]


def _mood(draw: random.Random, question: Question) -> tuple[int, ...]:
    if not question.options:
        return draw.choice(YES_OR_NO)
    number, favourite = len(question.options), draw.choice(FAVOURITES)
    rest = (100 - favourite - ABSTAIN - AWAY) // (number - 1)
    place = draw.choices(range(number), weights=[1 + 20 * (i == number - 2) for i in range(number)])[0]
    return (*(favourite if i == place else rest for i in range(number)), ABSTAIN, AWAY)


def _answer(draw: random.Random, question: Question, mood: tuple[int, ...]) -> tuple[int, ...] | None:
    number = len(question.answers)
    chosen = draw.choices([*range(number), None], weights=mood)[0]
    return None if chosen is None else tuple(int(place == chosen) for place in range(number))
