"""A CCG with localities on the public board: one row and set of addresses for each election, one place to vote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.protocol.hashing import sha256_hex
from ballot.record.terms import parse_terms
from tests.integration.office.world import THREE, World
from tests.web.addresses import SITE, bearer
from tests.web.conftest import make_app


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    engine = connect(f"sqlite:///{tmp_path / 'ballot.db'}")
    upgrade(engine)
    yield World(engine, tmp_path, ccgs=("00A", "00B"), practices=6, localities=THREE).open()
    engine.dispose()


@pytest.fixture
def client(world: World) -> FlaskClient:
    return make_app(world).test_client()


def test_each_election_has_a_row_of_its_own(client: FlaskClient) -> None:
    rows = client.get(SITE).json["ccgs"]

    assert [(row["election"], row["ccg"], row["locality"], row["eligible"]) for row in rows] == [
        ("00A", "00A", None, 6),
        ("00B.U11", "00B", "U11", 2),
        ("00B.U12", "00B", "U12", 2),
        ("00B.n-east", "00B", "n-east", 2),
    ]
    assert b"00B.n-east.bel" in client.get("/board/merger").data


def test_an_election_is_read_at_its_name_and_the_ccg_alone_is_none(client: FlaskClient, world: World) -> None:
    for name in world.elections:
        assert client.get(f"{SITE}/{name}/election.json").data == world.row(name).election
        assert client.get(f"{SITE}/{name}/election.bel").data == world.archive(name)
    for path in ("election.json", "election.bel", "board"):
        assert client.get(f"{SITE}/00B/{path}").status_code == 404
        assert client.get(f"{SITE}/00B.U99/{path}").status_code == 404


def test_the_lists_in_an_entry_are_of_the_practice_s_own_locality(client: FlaskClient, world: World) -> None:
    terms = parse_terms(client.get(f"{SITE}/terms.json").data)
    named = {election.election_name: election for election in terms.elections}
    for link in world.links("00B"):
        election = named[world.election_of(link)]
        said = client.post(f"{SITE}/00B/entry", headers=bearer(link.token)).json

        lists = [sha256_hex(said[name].encode()) for name in ("credentials_text", "roll_text")]
        assert lists == [election.credentials, election.roll]


@pytest.mark.parametrize("place", ["00B", "00B.U12"])
def test_a_practice_casts_under_its_ccg_or_its_election(client: FlaskClient, world: World, place: str) -> None:
    link = next(link for link in world.links("00B") if world.election_of(link) == "00B.U12")
    body = world.ballot(link)

    answer = client.post(f"{SITE}/{place}/ballots", data=body, headers=bearer(link.token))

    assert answer.status_code == 200
    assert json.loads(answer.data)["ccg"] == "00B"
    assert client.get(f"{SITE}/00B.U12/receipts/{sha256_hex(body)}").data == answer.data
    assert [len(client.get(f"{SITE}/{name}/board").json) for name in world.elections] == [0, 0, 1, 0]


def test_the_election_of_another_locality_refuses_a_practice(client: FlaskClient, world: World) -> None:
    link = next(link for link in world.links("00B") if world.election_of(link) == "00B.U12")

    answer = client.post(f"{SITE}/00B.U11/ballots", data=world.ballot(link), headers=bearer(link.token))

    assert (answer.status_code, answer.json["word"]) == (403, "token-for-another-ballot")


def test_a_locality_says_how_its_test_went_and_only_the_ccg_has_a_verdict(world: World) -> None:
    """00B is lost as its test holds in too few localities; that is no verdict on the one in which it holds."""
    for link in world.links("00B"):
        vote = (1, 0, 0) if world.election_of(link) == "00B.U12" else (0, 1, 0)
        assert world.cast(link, world.ballot(link, vote)).status == 200
    world.close()
    world.tally()
    page = make_app(world).test_client().get("/board/merger").text
    rows = [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
    (ccg,) = [row for row in rows if "All localities" in row]
    assert ("NHS 00B CCG" in ccg, "Not carried" in ccg) == (True, True)
    tests = {name: next(row for row in rows if f", {name}" in row or name in row) for name in ("U11", "U12")}
    assert "Its test holds" in tests["U12"]
    assert "Its test does not hold" in tests["U11"]
    assert "carried" not in (tests["U11"] + tests["U12"]).lower()
