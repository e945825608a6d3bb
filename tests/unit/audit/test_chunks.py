"""A chunk contains exactly the weights of the credentials that its ballots name, found without parsing them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ballot.audit import audit
from ballot.audit.chunks import (
    Chunk,
    NotAnAnswer,
    check_chunk,
    chunk_from_bytes,
    chunk_to_bytes,
    credential_of,
    findings_from_bytes,
    findings_to_bytes,
)
from ballot.protocol.ballots import Ballot, parse_ballot
from ballot.protocol.group import Ed25519, element_text
from tests.support.vectors.tampered_shuffles import ELM, LISTS, RANK
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


def shuffled_chunk() -> Chunk:
    """Two ballots of every kind of question."""
    sim = small_election(questions=(RANK, LISTS))
    bodies = (sim.ballot(0, (1, 2, 3), ELM), sim.ballot(2, (3, 2, 1), ELM))
    return Chunk(sim.election, sim.public.weights(), (1, 2), bodies)


def test_the_answer_holds_every_choice_that_is_to_be_shuffled() -> None:
    chunk = shuffled_chunk()
    findings = check_chunk(G, chunk)
    assert (findings.faults, [len(row) for row in findings.tally]) == ([], [2, 5])
    assert findings_from_bytes(G, chunk, findings_to_bytes(findings)) == findings


@pytest.mark.parametrize("place", [0, 1])
def test_an_answer_that_leaves_out_a_choice_is_refused(place: int) -> None:
    chunk = shuffled_chunk()
    findings = check_chunk(G, chunk)
    findings.tally = tuple(row[1:] if i == place else row for i, row in enumerate(findings.tally))
    with pytest.raises(NotAnAnswer):
        findings_from_bytes(G, chunk, findings_to_bytes(findings))


def test_chunks_of_one_ballot_are_tallied_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.audit.ballots.CHUNK", 1)
    assert audit(Path(__file__).parents[2] / "vectors" / "good--shuffled-every-kind.bel").exit_status == 0
