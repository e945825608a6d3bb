"""How the made-up practices vote: each CCG has a mood, drawn from the seed, which its practices follow by and large."""

from __future__ import annotations

import random

from ballot.constitution.programme import Programme
from ballot.constitution.question import Question

YES_OR_NO = ((75, 12, 5, 8), (60, 25, 7, 8), (48, 38, 6, 8), (55, 10, 5, 30))
"""How many in a hundred practices of a CCG vote for, against, abstain, and do not vote; each CCG has one of these."""
FAVOURITES = (68, 60, 52, 40)
"""Where there are options: how many in a hundred are for the CCG's favourite; the rest are spread over the others."""
ABSTAIN, AWAY = 4, 8

Paper = list[tuple[int, ...]]
"""A vote on every question, answer by answer, as the protocol has it."""


class Moods:
    """The votes of a programme's practices, the same for the same seed."""

    def __init__(self, programme: Programme, seed: str) -> None:
        self._questions = programme.questions
        self._random = random.Random(seed)
        self._moods: dict[str, list[tuple[int, ...]]] = {}

    def vote(self, ccg: str) -> Paper | None:
        """How the next practice of a CCG votes; None if it stays away."""
        if ccg not in self._moods:
            self._moods[ccg] = [self._mood(question) for question in self._questions]
        papers = [
            self._answer(question, mood) for question, mood in zip(self._questions, self._moods[ccg], strict=True)
        ]
        return None if None in papers else [paper for paper in papers if paper is not None]

    def _mood(self, question: Question) -> tuple[int, ...]:
        if not question.options:
            return self._random.choice(YES_OR_NO)
        number, favourite = len(question.options), self._random.choice(FAVOURITES)
        rest = (100 - favourite - ABSTAIN - AWAY) // (number - 1)
        place = self._random.choices(range(number), weights=[1 + 20 * (i == number - 2) for i in range(number)])[0]
        return (*(favourite if i == place else rest for i in range(number)), ABSTAIN, AWAY)

    def _answer(self, question: Question, mood: tuple[int, ...]) -> tuple[int, ...] | None:
        number = len(question.answers)
        chosen = self._random.choices([*range(number), None], weights=mood)[0]
        return None if chosen is None else tuple(int(place == chosen) for place in range(number))
