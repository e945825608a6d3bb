"""The size limit of a ballot follows from its election: every honest one fits."""

from __future__ import annotations

import pytest

from ballot.office.casting.cast import SMALLEST_LIMIT, size_limit
from ballot.protocol.questions import HomomorphicQuestion
from tests.support.simulator import Simulator


@pytest.mark.parametrize(("choices", "questions"), [(3, 1), (3, 20), (90, 1), (2, 60)])
def test_an_honest_ballot_fits(choices: int, questions: int) -> None:
    question = HomomorphicQuestion(tuple(f"{n}" for n in range(choices)), 1, 1, "?")
    election = Simulator(questions=[question] * questions, weights=(None,))
    votes = [(1, *[0] * (choices - 1))] * questions
    assert len(election.ballot(0, *votes)) < size_limit(election.election)


def test_the_limit_is_never_less_than_64_kilobytes() -> None:
    assert size_limit(Simulator().election) == SMALLEST_LIMIT == 65536
