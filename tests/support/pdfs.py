"""Elections of several shapes, and ballots in them with known randomness: for vectors and for tests of openings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from ballot.protocol.ballots import create_ballot
from ballot.protocol.credentials import PrivateCredential, derive_private_key, generate_credential
from ballot.protocol.elections import Election, generate_uuid
from ballot.protocol.group import Ed25519
from ballot.protocol.openings import OpenedPaper
from ballot.protocol.questions import HomomorphicQuestion

G = Ed25519()

Votes = tuple[tuple[int, ...], ...]

THREE = HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "Do you agree?")
SIX = HomomorphicQuestion(tuple("ABCDEF"), 1, 1, "Which one?")
SOME = HomomorphicQuestion(("One", "Two", "Three", "Four"), 1, 3, "Which ones?")
NONE_OR_ALL = HomomorphicQuestion(("Left", "Right"), 0, 2, "“Quotes”, \\ back\tslash, \x7f, ü, 🗳 and \u2028?")
BLANK = HomomorphicQuestion(("Yes", "No"), 1, 1, "Or nothing at all?", True)
BLANK_SOME = HomomorphicQuestion(("One", "Two", "Three"), 0, 2, "Or nothing of it?", True)
NO_BLANK = HomomorphicQuestion(("Yes", "No"), 1, 1, "No blank here", False)

SHAPES: dict[str, tuple[tuple[HomomorphicQuestion, ...], Votes]] = {
    "three-answers": ((THREE,), ((0, 1, 0),)),
    "six-answers": ((SIX,), ((0, 0, 0, 0, 0, 1),)),
    "two-questions": ((THREE, NO_BLANK), ((1, 0, 0), (0, 1))),
    "min-to-max": ((SOME,), ((1, 0, 1, 0),)),
    "none-of-any": ((NONE_OR_ALL,), ((0, 0),)),
    "all-of-any": ((NONE_OR_ALL,), ((1, 1),)),
    "blank": ((BLANK,), ((1, 0, 0),)),
    "blank-not-used": ((BLANK,), ((0, 0, 1),)),
    "blank-or-some": ((BLANK_SOME, THREE), ((0, 1, 1, 0), (0, 0, 1))),
    "blank-some-used": ((BLANK_SOME,), ((1, 0, 0, 0),)),
}


class Draws:
    """Numbers from a seed, the same on every machine and always; `drawn` keeps those below q, in order."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0
        self.drawn: list[int] = []

    def __call__(self, n: int) -> int:
        self._count += 1
        found = int.from_bytes(hashlib.sha512(f"{self._seed}|{self._count}".encode()).digest(), "big") % n
        if n == G.q:
            self.drawn.append(found)
        return found


@dataclass(frozen=True)
class Paper:
    """A ballot with everything its maker knew. `draws` are only the ballot's own, in order."""

    election: Election
    credential: PrivateCredential
    votes: Votes
    draws: tuple[int, ...]
    ballot: bytes
    randomness: tuple[tuple[int, ...], ...] = field(default=())

    def open(self) -> OpenedPaper:
        election = self.election
        return OpenedPaper(election.uuid, election.fingerprint, self.ballot, self.votes, self.randomness)


def make_election(seed: str, questions: tuple[HomomorphicQuestion, ...]) -> Election:
    draws = Draws(f"{seed}, the election")
    return Election(f"Élection «{seed}»", "A vote", G.base_power(draws(G.q)), questions, generate_uuid(draws))


def make_paper(seed: str, questions: tuple[HomomorphicQuestion, ...], votes: Votes) -> Paper:
    """One ballot, the same for the same seed."""
    election = make_election(seed, questions)
    credential = generate_credential(Draws(f"{seed}, the credential"))
    draws = Draws(f"{seed}, the ballot")
    ballot = create_ballot(G, election, derive_private_key(G, election.uuid, credential), votes, draws)
    return Paper(election, credential, votes, tuple(draws.drawn), ballot.to_bytes(), choices(questions, draws.drawn))


def choices(questions: tuple[HomomorphicQuestion, ...], draws: list[int]) -> tuple[tuple[int, ...], ...]:
    """The drawn numbers that are the r of the choices: those at the start of each question's part."""
    found, at = [], 0
    for question in questions:
        found.append(tuple(draws[at : at + question.length]))
        disjuncts = len(question.interval) + (1 if question.blank else 0)
        individual = question.length * 3  # w, and the challenge and response of the simulated proof
        at += question.length + individual + 1 + 2 * (disjuncts - 1) + (3 if question.blank else 0)
    return tuple(found)
