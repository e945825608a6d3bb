"""What the board proves: in C2SP's forms, checked as an outsider would with only the board's key."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from ballot.audit.run import Options, Stage, audit
from ballot.office.on_time import tick
from ballot.protocol.hashing import sha256_hex
from ballot.record.assets import check_assets_signature, parse_assets
from ballot.record.checkpoints import open_checkpoint, parse_checkpoint_line
from ballot.record.errors import InvalidRecord
from ballot.record.receipts import check_receipt
from ballot.record.tlog_proofs import (
    check_consistency_proof,
    parse_consistency_proof,
    parse_signed_checkpoint,
)
from ballot.web.assets import release
from tests.integration.office.world import World
from tests.support.inclusion_proofs import check_inclusion_proof, parse_inclusion_proof
from tests.web.addresses import CCG, SITE
from tests.web.conftest import a_world, make_app

LOG = f"{SITE}/logs/00A"
ORIGIN = "vote.example.org/merger/00A"


@dataclass(frozen=True)
class Site:
    """A board with three ballots, and their receipts."""

    world: World
    client: FlaskClient
    receipts: tuple[bytes, ...]
    payloads: tuple[str, ...]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_world(tmp_path_factory.mktemp("proofs")) as world:
        world.open()
        bodies = [world.ballot(link) for link in world.links()[:3]]
        answers = [world.cast(link, body) for link, body in zip(world.links(), bodies, strict=False)]
        receipts = tuple(answer.receipt or b"" for answer in answers)
        yield Site(world, make_app(world).test_client(), receipts, tuple(map(sha256_hex, bodies)))


def test_the_checkpoint_that_a_receipt_names_proves_its_ballot_with_the_boards_key_alone(site: Site) -> None:
    for data, payload in zip(site.receipts, site.payloads, strict=True):
        receipt = check_receipt(data, site.world.board.public)
        proof = parse_inclusion_proof(site.client.get(f"{CCG}/receipts/{payload}.tlog-proof").text)

        checkpoint = check_inclusion_proof(proof, receipt.chain_head, ORIGIN, site.world.board.public)

        assert proof.index == receipt.height
        assert (checkpoint.size, checkpoint.head) == (receipt.height + 1, receipt.chain_head)
        assert checkpoint.time == receipt.time


def test_every_event_is_proved_in_every_checkpoint_and_every_checkpoint_goes_on_from_those_before(site: Site) -> None:
    board = site.world.board.public
    notes = [
        open_checkpoint(note, board)
        for log, note in map(parse_checkpoint_line, site.client.get(f"{SITE}/checkpoints.jsonl").data.splitlines())
        if log == "00A"
    ]
    assert [note.size for note in notes] == [1, 2, 3, 4]
    for new in notes:
        for old in notes[: new.size]:
            inclusion = parse_inclusion_proof(site.client.get(f"{LOG}/inclusion/{old.size - 1}/{new.size}").text)
            consistency = parse_consistency_proof(site.client.get(f"{LOG}/consistency/{old.size}/{new.size}").text)
            assert check_inclusion_proof(inclusion, old.head, ORIGIN, board) == new
            assert check_consistency_proof(consistency, old.root, ORIGIN, board) == new
            with pytest.raises(InvalidRecord):
                check_inclusion_proof(inclusion, sha256_hex(b"another event"), ORIGIN, board)
            with pytest.raises(InvalidRecord):
                check_consistency_proof(consistency, bytes(32), ORIGIN, board)
            with pytest.raises(InvalidRecord):
                check_inclusion_proof(inclusion, old.head, "vote.example.org/merger/00B", board)


@pytest.mark.parametrize(
    "path",
    [
        "/checkpoint/0",
        "/checkpoint/5",
        "/checkpoint/01",
        "/checkpoint/-1",
        f"/checkpoint/{'9' * 3000}",
        "/inclusion/3/3",
        "/inclusion/0/99999999999",
        "/consistency/3/2",
        "/consistency/1/٣",
        "/cosigned",
    ],
)
def test_a_proof_of_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert site.client.get(LOG + path).status_code == 404


def test_a_log_that_is_not_there_is_not_found(site: Site) -> None:
    for path in ("/logs/00Z/checkpoint", "/logs/events%00/checkpoint", "/files/programme.toml%00", "/files/../x"):
        assert site.client.get(SITE + path).status_code == 404
    assert site.client.get(f"{CCG}/receipts/{'0' * 64}.tlog-proof").status_code == 404
    assert site.client.get(f"{CCG}/receipts/x.tlog-proof").status_code == 404


def test_a_proof_asks_the_database_the_same_few_questions_however_long_the_log_is(site: Site) -> None:
    asked: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(site.world.engine, "before_cursor_execute", listen)
    site.client.get(f"{LOG}/inclusion/0/4")
    event.remove(site.world.engine, "before_cursor_execute", listen)

    assert len([statement for statement in asked if statement.startswith("SELECT")]) == 4
    assert not any("archive_entry" in statement for statement in asked)


def test_the_logs_are_told_with_the_keys_that_witnesses_need(site: Site) -> None:
    told = {log["log"]: log for log in site.client.get(f"{SITE}/logs").json}

    assert set(told) == {"00A", "00B", "00C", "events"}
    assert told["00A"]["origin"] == ORIGIN
    assert told["00A"]["vkey"].startswith(f"{ORIGIN}+")
    assert told["00A"]["size"] == 4
    signed = parse_signed_checkpoint(site.client.get(told["00A"]["checkpoint"]).text)
    assert open_checkpoint(signed.note, site.world.board.public).head == told["00A"]["head"]


def test_the_files_that_the_terms_name_are_served_as_the_terms_hash_them(site: Site) -> None:
    terms = json.loads(site.client.get(f"{SITE}/terms.json").data)

    for name, hash in terms["files"].items():
        assert sha256_hex(site.client.get(f"{SITE}/files/{name}").data) == hash


def test_the_list_of_assets_is_signed_and_true(site: Site) -> None:
    manifest = parse_assets(site.client.get(f"{SITE}/assets.json").data)

    check_assets_signature(manifest, site.world.board.public)
    assert manifest.release == release()
    assert {"booth.js", "protocol.js", "ballot.css"} <= set(manifest.files)
    for name, hash in manifest.files.items():
        assert sha256_hex(site.client.get(f"/static/{manifest.release}/{name}").data) == hash
    assert set(manifest.pages) == {f"/vote/merger/{ccg}" for ccg in ("00A", "00B", "00C")}
    for address, hash in manifest.pages.items():
        assert sha256_hex(site.client.get(address).data) == hash


def test_the_record_so_far_is_verified_for_its_stage_and_made_once_a_minute_at_most(site: Site, tmp_path: Path) -> None:
    assert site.client.get(f"{SITE}/record-so-far.zip").status_code == 503
    tick(site.world.desk)
    first = site.client.get(f"{SITE}/record-so-far.zip").data
    (tmp_path / "record.zip").write_bytes(first)

    report = audit(tmp_path / "record.zip", Options(stage=Stage.VOTING))
    assert report.failed() == report.skipped() == []

    link = site.world.links("00B")[0]
    assert site.world.cast(link).status == 200
    again = site.client.get(f"{SITE}/record-so-far.zip").data
    site.world.clock.now += timedelta(minutes=1)
    later = site.client.get(f"{SITE}/record-so-far.zip").data
    assert again == first
    assert len(zipfile.ZipFile(io.BytesIO(later)).read("checkpoints.jsonl")) > len(
        zipfile.ZipFile(io.BytesIO(first)).read("checkpoints.jsonl")
    )


def test_before_sealing_there_is_nothing_to_prove(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        client = make_app(world.prepare()).test_client()

        for path in ("record-so-far.zip", "files/roll.csv", "logs/00A/checkpoint"):
            assert client.get(f"{SITE}/{path}").status_code == 404
        assert client.get("/board/merger/checkpoints").status_code == 200
