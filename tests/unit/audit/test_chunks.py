"""A chunk contains exactly the weights of the credentials that its ballots name, found without parsing them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.audit.chunks import Chunk, NotAnAnswer, chunk_from_bytes, chunk_to_bytes, credential_of, findings_from_bytes
from ballot.protocol.ballots import Ballot, parse_ballot
from ballot.protocol.group import Ed25519, element_text
from tests.support.vectors.tampering import YES, small_election

G = Ed25519()


@pytest.fixture(scope="module")
def chunk() -> Chunk:
    sim = small_election()
    return Chunk(sim.election, {sim.public_of(0): 7}, (4,), (sim.ballot(0, YES),))


def test_a_ballot_names_its_credential(chunk: Chunk) -> None:
    assert credential_of(chunk.bodies[0]) == parse_ballot(G, chunk.bodies[0]).credential


def test_a_credential_inside_a_text_before_it_is_not_taken_for_it(chunk: Chunk) -> None:
    ballot: Ballot = parse_ballot(G, chunk.bodies[0])
    text = f'x","credential":"{element_text(G.g)}","'
    body = replace(ballot, election_hash=text).to_bytes()
    assert parse_ballot(G, body).election_hash == text
    assert credential_of(body) == ballot.credential


@pytest.mark.parametrize("body", [b"", b"{}", b'"credential":"' + b"f" * 64 + b'"', b'"credential":"F"'])
def test_what_is_no_ballot_names_nobody(body: bytes) -> None:
    assert credential_of(body) is None


def test_a_question_is_read_as_it_was_written(chunk: Chunk) -> None:
    assert chunk_from_bytes(G, chunk_to_bytes(chunk)) == chunk


BAD = [
    None,
    b"",
    b"null",
    b"[" * 100_000,
    b'{"faults":[],"voted":[],"tally":[],"by":""}',
    b'{"faults":[[5,"signature","x"]],"voted":[],"tally":[],"by":""}',
    b'{"faults":[[true,"signature","x"]],"voted":[],"tally":[],"by":""}',
    b'{"faults":[[4,"no such reason","x"]],"voted":[],"tally":[],"by":""}',
]


@pytest.mark.parametrize("answer", BAD, ids=[str(n) for n in range(len(BAD))])
def test_an_answer_that_is_none_is_refused(chunk: Chunk, answer: object) -> None:
    with pytest.raises(NotAnAnswer):
        findings_from_bytes(G, chunk, answer)
