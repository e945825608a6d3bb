"""Reading changes nothing, even prefetching; every download is the beginning of later ones."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from ballot.db.session import reading
from ballot.db.tables import Base
from ballot.office.board.publish import publish
from tests.integration.office.world import CCGS, SECOND, World
from tests.web.addresses import CAST, CCG, READABLE, SITE, bearer, receipt_of
from tests.web.conftest import make_app

GROWING = (f"{SITE}/events.jsonl", f"{SITE}/checkpoints.jsonl", *(f"{SITE}/{ccg}/election.bel" for ccg in CCGS))


def bytes_of(folder: Path) -> dict[str, str]:
    """Every file of the installation but SQLite's index into its own log, which readers share."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.endswith("-shm")
    }


def test_whoever_prefetches_every_address_many_times_changes_no_byte(voted: World, client: FlaskClient) -> None:
    link = voted.links()[2]
    addresses = [*READABLE, f"{SITE}/record.zip", CAST, receipt_of(voted.ballot(link)), "/nowhere"]
    for move in range(3):  # while it is open, when it is about to be closed, and after a clock that stepped back
        before = bytes_of(voted.folder)
        for _ in range(5):
            for path in addresses:
                for method in ("GET", "HEAD", "OPTIONS"):
                    client.open(path, method=method, headers=bearer(link.token), query_string={"token": link.token})
        assert bytes_of(voted.folder) == before
        voted.clock.now += SECOND * (10**7 if move == 0 else -(10**7))


def rows_of(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with reading(world.engine) as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_what_is_refused_changes_nothing_but_the_count_of_refusals(voted: World, client: FlaskClient) -> None:
    def kept() -> object:
        files = {name: data for name, data in bytes_of(voted.folder).items() if not name.startswith("ballot.db")}
        return files, rows_of(voted) | {"refused_cast": []}

    link, other = voted.links()[2], voted.links("00B")[0]
    before = kept()

    for body in (b"", b"{}", b"x" * 70000, voted.ballot(other), voted.ballot(link)[:-1]):
        assert client.post(CAST, data=body, headers=bearer(link.token)).status_code in (400, 413, 403)
    assert client.post(CAST, data=voted.ballot(link), headers=bearer(other.token)).status_code == 403

    assert kept() == before
    assert sum(int(str(row[-1])) for row in rows_of(voted)["refused_cast"]) == 6


def test_before_sealing_there_is_nothing_to_download(world: World) -> None:
    client = make_app(world.prepare()).test_client()

    for path in (f"{SITE}/terms.json", f"{CCG}/election.json", f"{CCG}/election.bel"):
        assert client.get(path).status_code == 404
    assert client.post(CAST, data=b"{}").status_code == 404
    assert client.get(f"{CCG}/board").json == []
    standing = client.get(SITE).json["ccgs"][0]
    assert (standing["state"], standing["height"], standing["head"]) == ("draft", None, None)
    assert b"Not sealed yet" in client.get("/").data


def test_an_installation_without_a_programme_says_so(world: World) -> None:
    client = make_app(world).test_client()

    assert client.get("/api/programmes").json == []
    assert b"No programme has been prepared here yet" in client.get("/").data


def test_every_download_is_the_beginning_of_every_later_one(world: World) -> None:
    world.seal()
    client = make_app(world).test_client()
    downloads = {path: [client.get(path).data] for path in GROWING}

    def look() -> None:
        for path in GROWING:
            downloads[path].append(client.get(path).data)

    world.clock.now = world.row().opens_at
    for ccg in CCGS:
        for link in world.links(ccg)[:2]:
            assert (
                client.post(f"{SITE}/{ccg}/ballots", data=world.ballot(link), headers=bearer(link.token)).status_code
                == 200
            )
        look()
    world.close()
    look()
    world.tally()
    look()

    for path, found in downloads.items():
        assert all(later.startswith(earlier) for earlier, later in pairwise(found)), path
        assert len(found[-1]) > len(found[0])
    assert [client.get(path).data for path in GROWING[2:]] == [world.archive(ccg) for ccg in CCGS]


def test_the_board_lists_every_ballot_by_height(voted: World, client: FlaskClient) -> None:
    listed = client.get(f"{CCG}/board").json

    assert [entry["height"] for entry in listed] == [1, 2]
    assert all(len(entry["tracking_number"]) == 43 and entry["superseded_at"] is None for entry in listed)
    standing = client.get(SITE).json["ccgs"][0]
    assert (standing["state"], standing["eligible"], standing["returned"], standing["height"]) == ("open", 4, 2, 2)


def test_no_address_of_a_person_is_ever_answered(voted: World, client: FlaskClient) -> None:
    told = b"".join(client.get(path).data for path in READABLE)

    assert b"@example.org" not in told
    assert b"Dr A" not in told


def test_the_record_is_there_once_it_is_published_and_is_that_very_file(voted: World, client: FlaskClient) -> None:
    missing = client.get(f"{SITE}/record.zip")
    assert (missing.status_code, missing.json["word"]) == (404, "not-published")

    packed = publish(voted.desk, voted.id, voted.instance / "records" / voted.id, lambda folder: None)
    answer = client.get(f"{SITE}/record.zip", buffered=True)

    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.data == packed.read_bytes()
    assert "merger.zip" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-cache"  # may be kept, and must be asked about


def test_a_part_of_the_record_can_be_asked_for(voted: World, client: FlaskClient) -> None:
    packed = publish(voted.desk, voted.id, voted.instance / "records" / voted.id, lambda folder: None)

    answer = client.get(f"{SITE}/record.zip", headers={"Range": "bytes=0-99"}, buffered=True)

    assert answer.data in (packed.read_bytes()[:100], packed.read_bytes())


def test_a_programme_is_told_as_json_that_any_program_reads(voted: World, client: FlaskClient) -> None:
    told = json.loads(client.get(SITE).data)

    assert told["programme"] == "merger"
    assert told["policy"] == "final"
    assert told["rehearsal"] is True
    assert len(told["fingerprint"]) == 64
    assert [ccg["ccg"] for ccg in told["ccgs"]] == list(CCGS)
    assert told["questions"][0]["answers"] == ["For", "Against", "Abstain"]
