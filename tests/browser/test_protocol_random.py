"""Ballots of many random elections made in Chromium: Python accepts each, and refuses every altered one."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from playwright.sync_api import Page

from ballot.protocol.ballots import check_ballot, parse_ballot, tracking_number
from ballot.protocol.credentials import derive_public_credential, generate_credential
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.openings import check_opening, parse_opening
from ballot.protocol.questions import HomomorphicQuestion, check_vote
from tests.support.pdfs import G, make_election

MAKE = """
async (cases) => {
  const made = [];
  for (const { election, credential, votes } of cases) {
    const parsed = await protocol.parseElection(election);
    const paper = await protocol.createBallot(parsed, credential, votes);
    made.push({ bytes: paper.bytes, trackingNumber: paper.trackingNumber, opening: protocol.openPaper(parsed, paper) });
  }
  return made;
}
"""
TEXTS = ("Yes", "Nein danke", "Ja — «später»", 'a "quote" \\ and \t', "\x7f\u2028\u2029", "🗳️", "e\u0301", "")


def draw_question(chance: random.Random) -> HomomorphicQuestion:
    """From two to ten answers, any interval, with blank, without, or with nothing said."""
    n = chance.choice([2, 2, 3, 3, 3, 4, 6, 10])
    low = chance.randint(0, n)
    high = chance.randint(low, min(n, low + 3))
    blank = chance.choice([None, False, True])
    return HomomorphicQuestion(tuple(chance.choice(TEXTS) for _ in range(n)), low, high, chance.choice(TEXTS), blank)


def draw_vote(chance: random.Random, question: HomomorphicQuestion) -> list[int]:
    """Any vote that the question allows."""
    n = len(question.answers)
    if question.blank and chance.random() < 0.4:
        return [1] + [0] * n
    chosen = set(chance.sample(range(n), chance.randint(question.min, question.max)))
    vote = ([0] if question.blank else []) + [int(i in chosen) for i in range(n)]
    check_vote(question, vote)
    return vote


def draw_case(chance: random.Random) -> tuple[Election, dict[str, Any]]:
    """An election, a credential and votes."""
    questions = tuple(draw_question(chance) for _ in range(chance.choice([1, 1, 1, 2, 3])))
    election = make_election(f"{chance.random()}", questions)
    votes = [draw_vote(chance, question) for question in questions]
    credential = generate_credential(chance.randrange)
    return election, {"election": election.to_bytes().decode(), "credential": credential, "votes": votes}


@pytest.mark.parametrize("seed", range(4))
def test_python_accepts_every_ballot_made_in_chromium_and_none_altered(protocol: Page, seed: int) -> None:
    chance = random.Random(seed)
    cases = [draw_case(chance) for _ in range(4)]

    for (election, case), made in zip(cases, protocol.evaluate(MAKE, [case for _, case in cases]), strict=True):
        data = made["bytes"].encode()
        ballot = parse_ballot(G, data)
        credential = derive_public_credential(G, election.uuid, case["credential"])
        check_ballot(G, ballot, election, {credential})
        assert tracking_number(data) == made["trackingNumber"]

        opened = parse_opening(G, made["opening"].encode())
        assert check_opening(G, opened, election) == ballot
        assert [list(vote) for vote in opened.votes] == case["votes"]

        for altered in alterations(chance, data):
            with pytest.raises(InvalidMessage):
                check_ballot(G, parse_ballot(G, altered), election, {credential})


def alterations(chance: random.Random, data: bytes) -> list[bytes]:
    """One character changed, two exchanged, one left out, each at a place by chance."""
    found = []
    for _ in range(10):
        i, j = chance.randrange(len(data)), chance.randrange(len(data))
        other = chance.choice([c for c in b"0123456789abcdef" if c != data[i]])
        found.append(data[:i] + bytes([other]) + data[i + 1 :])
        found.append(data[:j] + data[j + 1 :])
    return found


def test_the_same_vote_is_never_encrypted_twice_alike(protocol: Page) -> None:
    _, case = draw_case(random.Random(9))
    first, second = (json.loads(made["bytes"]) for made in protocol.evaluate(MAKE, [case, case]))

    alphas = [c["alpha"] for ballot in (first, second) for answer in ballot["answers"] for c in answer["choices"]]
    assert len(set(alphas)) == len(alphas)


def test_a_vote_that_a_question_does_not_allow_is_not_encrypted(protocol: Page) -> None:
    election = make_election(
        "not allowed",
        (HomomorphicQuestion(("A", "B", "C"), 1, 1, "One?"), HomomorphicQuestion(("A", "B"), 1, 1, "?", True)),
    )
    refused = """
    async ([election, all]) => {
      const parsed = await protocol.parseElection(election);
      const words = [];
      for (const votes of all) {
        await protocol.createBallot(parsed, "abcde-fghijk-mnopq-rstuvw", votes).then(
          () => words.push(null), (error) => words.push(error.reason));
      }
      return words;
    }
    """
    wrong = [
        [[1, 1, 0], [0, 1, 0]],
        [[0, 0, 0], [0, 1, 0]],
        [[1, 0], [0, 1, 0]],
        [[1, 0, 0, 0], [0, 1, 0]],
        [[2, 0, -1], [0, 1, 0]],
        [["1", 0, 0], [0, 1, 0]],
        [[True, False, False], [0, 1, 0]],
        [[1, 0, 0], [1, 1, 0]],
        [[1, 0, 0], [0, 0, 0]],
        [[1, 0, 0], [0, 1]],
        [[1, 0, 0]],
        [],
    ]
    assert protocol.evaluate(refused, [election.to_bytes().decode(), wrong]) == ["vote"] * len(wrong)


def test_numbers_are_drawn_below_their_bound_and_evenly(protocol: Page) -> None:
    draw = "([n, count]) => Array.from({ length: count }, () => String(protocol.randomBelow(BigInt(n))))"

    small = [int(x) for x in protocol.evaluate(draw, ["5", 5000])]
    assert set(small) == {0, 1, 2, 3, 4}
    assert all(850 < small.count(x) < 1150 for x in range(5))  # seven standard deviations
    large = [int(x) for x in protocol.evaluate(draw, [str(G.q), 2000])]
    assert max(large) < G.q
    assert 850 < sum(2 * x < G.q for x in large) < 1150
    assert set(protocol.evaluate(draw, ["1", 3])) == {"0"}
