"""A spoilt ballot, opened: it can be shown what it encrypts, and nothing else can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.protocol.elgamal import encrypt
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.openings import OpenedPaper, check_opening, parse_opening
from tests.support.pdfs import SHAPES, SIX, THREE, G, Paper, make_paper

PAPER = make_paper("three-answers", *SHAPES["three-answers"])
OTHER = make_paper("another", (THREE,), ((1, 0, 0),))


def reason_of(opened: OpenedPaper, paper: Paper = PAPER) -> Reason:
    with pytest.raises(InvalidMessage) as caught:
        check_opening(G, opened, paper.election)
    return caught.value.reason


@pytest.mark.parametrize("shape", SHAPES)
def test_the_opening_of_an_honest_paper_shows_what_it_encrypts(shape: str) -> None:
    paper = make_paper(shape, *SHAPES[shape])
    opened = parse_opening(G, paper.open().to_bytes())

    assert opened == paper.open()
    assert check_opening(G, opened, paper.election).to_bytes() == paper.ballot
    assert opened.votes == paper.votes


def test_another_vote_than_the_one_inside_is_not_shown() -> None:
    for votes in (((1, 0, 0),), ((0, 0, 1),)):
        assert reason_of(replace(PAPER.open(), votes=votes)) is Reason.OPENING


def test_no_randomness_opens_a_choice_as_another() -> None:
    r = PAPER.randomness[0]
    for forged in ((r[0] + 1, *r[1:]), (r[1], r[0], r[2]), (0, 0, 0)):
        assert reason_of(replace(PAPER.open(), randomness=(forged,))) is Reason.OPENING
    c = encrypt(G, PAPER.election.public_key, r[0], 0)
    assert encrypt(G, PAPER.election.public_key, r[0], 1) != c


@pytest.mark.parametrize("vote", [(0, 0, 0), (1, 1, 0), (1, 1, 1)])
def test_a_vote_that_the_question_does_not_allow_is_refused_before_any_arithmetic(vote: tuple[int, ...]) -> None:
    assert reason_of(replace(PAPER.open(), votes=(vote,))) is Reason.VOTE


def test_a_paper_of_another_election_is_refused() -> None:
    assert reason_of(OTHER.open()) is Reason.ELECTION_UUID
    assert reason_of(replace(PAPER.open(), election_hash=OTHER.election.fingerprint)) is Reason.ELECTION_HASH
    assert reason_of(replace(PAPER.open(), ballot=OTHER.ballot)) is Reason.OPENING


def test_what_is_missing_or_too_much_is_refused() -> None:
    opened = PAPER.open()
    for wrong in (
        replace(opened, votes=()),
        replace(opened, votes=opened.votes * 2),
        replace(opened, votes=(opened.votes[0][:2],)),
        replace(opened, randomness=()),
        replace(opened, randomness=(opened.randomness[0][:2],)),
        replace(opened, randomness=((*opened.randomness[0], 1),)),
        replace(opened, ballot=make_paper("three-answers", (SIX,), ((1, 0, 0, 0, 0, 0),)).ballot),
    ):
        assert reason_of(wrong) is Reason.WRONG_SHAPE


def test_a_ballot_that_would_not_be_accepted_is_refused() -> None:
    responses = PAPER.ballot.rsplit(b'"response":"', 1)
    spoiled = responses[0] + b'"response":"1' + responses[1][1:]

    assert reason_of(replace(PAPER.open(), ballot=spoiled)) is Reason.SIGNATURE
    assert reason_of(replace(PAPER.open(), ballot=PAPER.ballot + b"\n")) is Reason.NOT_CANONICAL


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        pytest.param('"votes":[[0', '"votes":[[2', Reason.NUMBER_RANGE, id="neither 0 nor 1"),
        pytest.param('"votes":[[0', '"votes":[["0"', Reason.WRONG_TYPE, id="a string"),
        pytest.param('"votes":[[0', '"votes": [[0', Reason.NOT_CANONICAL, id="a space"),
        pytest.param('"randomness":[["', '"randomness":[["0', Reason.SCALAR_RANGE, id="a leading zero"),
        pytest.param('"randomness":[["', f'"randomness":[["{G.q}', Reason.SCALAR_RANGE, id="not below q"),
        pytest.param('"votes"', '"vote"', Reason.WRONG_FIELDS, id="another field"),
        pytest.param('{"el', '["el', Reason.NOT_JSON, id="no JSON"),
    ],
)
def test_an_opening_in_another_form_is_refused(old: str, new: str, reason: Reason) -> None:
    data = PAPER.open().to_bytes().decode()
    assert old in data
    with pytest.raises(InvalidMessage) as caught:
        parse_opening(G, data.replace(old, new, 1).encode())
    assert caught.value.reason is reason
