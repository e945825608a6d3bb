"""Whoever casts a vote says who they are: with the vote or not at all, proved under the root, removed in its time."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ballot.audit.authority import check_statement
from ballot.audit.run import Options, audit
from ballot.cli.authority import authority_command
from ballot.constitution.programme import STATEMENT
from ballot.db.authority import AuthorityRow, list_statements, statement_hashes
from ballot.office.acts.counting import Decide, Declare
from ballot.office.authority import prove_statement, proxies, statements
from ballot.office.board.publish import publish
from ballot.office.errors import Refused
from ballot.office.perform import perform
from ballot.office.retention import remove_personal
from ballot.office.subject_export import personal_data_of
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.record.authority import Authority, Capacity, StatementProof, parse_statement_proof
from tests.integration.office.world import CLOSES, World
from tests.support.simulator import AGAINST

PROXY = Authority("Dr Bo Elm", Capacity.PROXY, STATEMENT)


@pytest.fixture
def opened(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path, policy="last-counts", ccgs=("00A",), practices=3).open()


def rows(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(AuthorityRow)) or 0


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (None, "authority-missing"),
        (b"", "authority-malformed"),
        (b"null", "authority-malformed"),
        (Authority("B\no", Capacity.PROXY, STATEMENT).to_bytes(), "authority-malformed"),
        (Authority("Bo", Capacity.PROXY, "I am not").to_bytes(), "authority-malformed"),
    ],
)
def test_a_vote_without_it_is_refused_by_name_and_leaves_nothing(opened: World, said: bytes | None, word: str) -> None:
    answer = opened.cast(opened.links()[0], said=said)

    assert (answer.status, answer.word, answer.receipt) == (400, word, None)
    assert rows(opened) == 0


def test_a_refused_ballot_leaves_no_statement_and_the_same_ballot_again_writes_no_second(opened: World) -> None:
    link = opened.links()[0]
    body = opened.ballot(link)
    assert opened.cast(link, body[:-3] + b'0"}').status == 400
    assert opened.cast(link, body, token=opened.links()[1].token).status == 403
    assert rows(opened) == 0
    receipt = opened.cast(link, body, said=PROXY.to_bytes()).receipt

    assert opened.cast(link, body).receipt == opened.cast(link, body, said=None).receipt == receipt
    assert rows(opened) == 1
    with opened.reading() as session:
        (made,) = list_statements(session, opened.row().id)
    assert (made.name, made.capacity, made.practice) == ("Dr Bo Elm", "proxy", link.practice)


def test_a_second_vote_writes_a_further_statement_and_only_votes_that_count_are_counted(opened: World) -> None:
    first, second = opened.links()[:2]
    opened.cast(first, said=PROXY.to_bytes())
    opened.cast(first, opened.ballot(first, AGAINST))
    opened.cast(second, said=PROXY.to_bytes())

    (found,) = statements(opened.engine, opened.id)
    assert [(vote.practice, vote.capacity.value, vote.counts) for vote in found.votes] == [
        (first.practice, "proxy", False),
        (first.practice, "representative", True),
        (second.practice, "proxy", True),
    ]
    with opened.reading() as session:
        assert proxies(session, opened.row().id) == found.proxies == 1


def published(world: World) -> tuple[Path, StatementProof]:
    """The record of an election in which two practices voted, and the proof of the first."""
    link = world.links()[0]
    body = world.ballot(link)
    world.cast(link, body, said=PROXY.to_bytes())
    world.cast(world.links()[1])
    with pytest.raises(Refused):
        prove_statement(world.engine, world.id, "00A", sha256_hex(body))
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    folder = world.folder / "record"
    publish(world.desk, world.id, folder, lambda made: None)
    return folder, prove_statement(world.engine, world.id, "00A", sha256_hex(body))


def test_the_record_verifies_and_a_statement_is_proved_by_the_command(
    opened: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record, proof = published(opened)
    report = audit(record, Options())
    assert report.verified, report.faults
    with opened.reading() as session:
        assert len(statement_hashes(session, opened.row().id)) == 2
    file = tmp_path / "statement.json"
    file.write_bytes(proof.to_bytes())

    assert authority_command(["check", str(file), str(record)]) == 0
    told = capsys.readouterr().out
    assert "Dr Bo Elm, proxy for the representative" in told
    assert "The record has exactly this statement" in told
    for name, value in (("name", "Dr Bo Oak"), ("capacity", "representative"), ("practice", "Y00001"), ("index", 1)):
        file.write_text(json.dumps({**json.loads(proof.to_bytes()), name: value}, separators=(",", ":")))
        assert authority_command(["check", str(file), str(record)]) == 1, name
        assert "The record does not have this statement" in capsys.readouterr().err
    assert check_statement(record, parse_statement_proof(proof.to_bytes())).election_name == "00A"
    events = record / "events.jsonl"
    events.write_text(events.read_text().replace('"rows":2', '"rows":3'))
    with pytest.raises(InvalidMessage):
        check_statement(record, proof)


def test_retention_removes_names_and_salts_and_keeps_what_the_record_counts(opened: World) -> None:
    published(opened)
    perform(opened.desk, opened.id, Declare(), opened.two)
    (practice, *_), name = personal_data_of(opened.engine, "y00@example.org")["practices"], None
    assert practice["votes"][0]["capacity"] == "proxy"
    assert practice["votes"][0]["name"] is name, "the proxy is somebody else"
    with opened.reading() as session:
        hashes = statement_hashes(session, opened.row().id)
    later = CLOSES + timedelta(days=400)

    assert remove_personal(opened.engine, lambda: later, opened.id, 365, None).people >= 2

    with opened.reading() as session:
        kept = list_statements(session, opened.row().id)
        assert [(made.name, made.salt) for made in kept] == [(None, None)] * 2
        assert (statement_hashes(session, opened.row().id), proxies(session, opened.row().id)) == (hashes, 1)
    with pytest.raises(Refused):
        prove_statement(opened.engine, opened.id, "00A", kept[0].payload)


def test_a_programme_can_leave_it_out_and_then_keeps_no_name(engine: Engine, tmp_path: Path) -> None:
    world = World(engine, tmp_path, ccgs=("00A",), practices=2)
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text() + "\n[authority]\nask = false\n")
    world._seal()
    world.clock.now = world.row().opens_at
    assert world.cast(world.links()[0]).word == "authority-not-asked"
    assert world.cast(world.links()[0], said=None).status == 200
    assert rows(world) == 0
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    record = world.folder / "record"
    publish(world.desk, world.id, record, lambda made: None)

    assert audit(record, Options()).verified
    assert '"authority"' not in (record / "terms.json").read_text() + (record / "events.jsonl").read_text()
