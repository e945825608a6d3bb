"""Opening a spoilt ballot: showing what its encryption holds.

Spec: none; the maker of a Belenios ballot can always open it. Cast or audit: a voter who doubts a page lets it
encrypt, notes the tracking number, and has the ballot opened instead of cast. With the vote and the randomness r of
every choice, anyone can encrypt again and compare. An opened ballot must never be cast, because everyone who has the
opening knows its vote. What is *not* done here: preventing that a spoilt ballot is cast.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.ballots import Ballot, ballot_faults, parse_ballot, tracking_number
from ballot.protocol.canonical import array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import encrypt
from ballot.protocol.errors import InvalidBallot, Reason
from ballot.protocol.group import Group, parse_scalar
from ballot.protocol.questions import check_vote

FIELDS = ("election_uuid", "election_hash", "ballot", "votes", "randomness")


@dataclass(frozen=True, slots=True)
class OpenedPaper:
    """The exact bytes of a ballot, with the plain vote and the randomness of every question's choices."""

    election_uuid: str
    election_hash: str
    ballot: bytes
    votes: tuple[tuple[int, ...], ...]
    randomness: tuple[tuple[int, ...], ...]

    def to_bytes(self) -> bytes:
        return write_json(
            {
                "election_uuid": self.election_uuid,
                "election_hash": self.election_hash,
                "ballot": self.ballot.decode(),
                "votes": [list(vote) for vote in self.votes],
                "randomness": [[str(r) for r in numbers] for numbers in self.randomness],
            }
        )

    @property
    def tracking_number(self) -> str:
        """The ballot's tracking number, to compare with the one shown before it was opened."""
        return tracking_number(self.ballot)


def parse_opening(G: Group, data: bytes) -> OpenedPaper:
    """The opening written as `data`; raises InvalidMessage unless it is canonical and of the right types."""
    value = fields(parse_json(data), FIELDS)
    votes = tuple(tuple(integer(m, 0, 1) for m in array(vote)) for vote in array(value["votes"]))
    randomness = tuple(tuple(parse_scalar(G, r) for r in array(numbers)) for numbers in array(value["randomness"]))
    ballot = text(value["ballot"])
    opened = OpenedPaper(
        text(value["election_uuid"]), text(value["election_hash"]), ballot.encode("utf-8"), votes, randomness
    )
    check_canonical(data, value, "the opening")
    return opened


def check_opening(G: Group, opened: OpenedPaper, election: Election) -> Ballot:
    """The opened ballot; raises InvalidMessage with the first reason why it does not provably encrypt those votes.

    (1) It names this election, (2) it holds one allowed vote for each question and a number for each choice,
    (3) every choice encrypts its entry with that number, (4) the ballot's proofs and its signature hold.
    """
    if opened.election_uuid != election.uuid:
        raise InvalidBallot(Reason.ELECTION_UUID, f"expected election {election.uuid}, found {opened.election_uuid}")
    if opened.election_hash != election.fingerprint:
        raise InvalidBallot(Reason.ELECTION_HASH, "the ballot was made for other election parameters")
    ballot = parse_ballot(G, opened.ballot)
    parts = (ballot.answers, opened.votes, opened.randomness)
    questions = election.homomorphic_questions
    if any(len(part) != len(questions) for part in parts):
        raise InvalidBallot(Reason.WRONG_SHAPE, f"expected {len(questions)} answers, each opened")
    for i, (question, answer, vote, numbers) in enumerate(zip(questions, *parts, strict=True)):
        if any(len(part) != question.length for part in (answer.choices, vote, numbers)):
            raise InvalidBallot(Reason.WRONG_SHAPE, f"expected {question.length} choices in answer {i}, each opened")
        try:
            check_vote(question, vote)
        except ValueError as error:
            raise InvalidBallot(Reason.VOTE, str(error)) from None
        for j, (c, m, r) in enumerate(zip(answer.choices, vote, numbers, strict=True)):
            if encrypt(G, election.public_key, r, m) != c:
                raise InvalidBallot(Reason.OPENING, f"choice {j} of answer {i} does not encrypt {m}")
    for fault in ballot_faults(G, ballot, election, {ballot.credential}):
        raise fault
    return ballot
