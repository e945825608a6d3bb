"""The restore drill: a backup during voting; another machine continues from it to the result."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ballot.audit.catalogue import Stage
from ballot.audit.report import Status
from ballot.audit.run import Options, audit
from ballot.db.accepted import AcceptedRow
from ballot.db.copy import TABLES
from ballot.db.session import reading, transaction
from ballot.office.board.publish import publish
from ballot.office.board.record_so_far import RecordsSoFar
from ballot.office.chronicle import open_chronicle
from ballot.office.safekeeping import (
    NO_MIRRORS,
    UnusableBackup,
    compare_with_mirror,
    make_backup,
    restore_backup,
)
from tests.integration.office.world import Clock, World
from tests.support.databases import KINDS, fresh_database


def so_far(world: World, file: Path) -> Path:
    """The record as anybody may download it while voting goes on."""
    records = RecordsSoFar()  # its folder goes with it
    return Path(shutil.copy(records.take(world.desk, world.id), file))


def backed_up(world: World, file: Path) -> Path:
    with file.open("wb") as stream:
        make_backup(world.engine, world.clock, world.folder / "config", world.keys, stream)
    return file


@pytest.fixture(scope="module", params=KINDS)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server: Callable[[], str]
) -> Iterator[tuple[World, Path]]:
    """A world in which two have voted, a backup made while a third and fourth did, and its kind of database."""
    folder = tmp_path_factory.mktemp("kept")
    with fresh_database(request.param, folder, server) as engine:
        world = World(engine, folder / "old").open()
        with transaction(engine) as session:
            assert open_chronicle(session, world.desk, world.id).open_all_due()  # as the worker would
        links = world.links()
        bodies = {link: world.ballot(link) for link in links}
        for link in links[:2]:
            assert world.cast(link, bodies[link]).status == 200
        thread = threading.Thread(target=lambda: [world.cast(link, bodies[link]) for link in links[2:]])
        thread.start()
        backup = backed_up(world, folder / "ballot.backup")
        thread.join()
        yield world, backup


def test_another_machine_goes_on_from_the_backup_and_every_receipt_in_it_is_honoured(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str]
) -> None:
    old, backup = kept
    other = "postgresql" if old.engine.dialect.name == "sqlite" else "sqlite"
    with fresh_database(other, tmp_path, server) as engine:
        config, keys = tmp_path / "new" / "config", tmp_path / "new" / "keys"
        done = restore_backup(engine, backup, config, keys)
        assert done.rows > 50
        with old.reading() as session:
            before = {row.payload: row.receipt for row in session.scalars(select(AcceptedRow))}
        new = World(engine, tmp_path / "again", keys_of=old.keys, clock=Clock(old.clock.now))
        new.vault, new.instance, new.installation = old.vault, old.instance, old.installation
        with new.reading() as session:
            after = {row.payload: row.receipt for row in session.scalars(select(AcceptedRow))}
        assert len(after) in (2, 3, 4)
        assert after.items() <= before.items()
        assert (config / "programme.toml").read_bytes() == (old.programme_folder / "programme.toml").read_bytes()
        for link in new.links():
            assert new.cast(link).status in (200, 409)  # whoever is in the backup has voted already
        new.close()
        new.tally()
        publish(new.desk, new.id, tmp_path / "record", lambda _: None)
        receipts = []
        for payload, receipt in after.items():
            receipts.append(tmp_path / f"{payload}.json")
            receipts[-1].write_bytes(receipt)
        report = audit(tmp_path / "record", Options(stage=Stage.TALLIED, receipts=receipts))
        assert [finding for finding in report.results.values() if finding.status is Status.FAIL] == []


def test_a_backup_holds_no_vault_and_no_private_key(kept: tuple[World, Path]) -> None:
    old, backup = kept
    with zipfile.ZipFile(backup) as archive:
        names = archive.namelist()
        everything = b"".join(archive.read(name) for name in names)
    assert {name.partition("/")[0] for name in names} == {"manifest.json", "tables", "programmes", "keys"}
    assert {f"tables/{table.name}.jsonl" for table in TABLES} <= set(names)
    assert all(name.endswith(".pub") for name in names if name.startswith("keys/"))
    assert b"PRIVATE KEY" not in everything
    assert old.vault.read_bytes()[:40] not in everything
    for link in old.links():
        assert link.token.encode() not in everything
        assert str(link.credential).encode() not in everything


def test_a_mirror_that_knows_more_than_the_backup_stops_the_restore(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str]
) -> None:
    old, _ = kept
    publish(old.desk, old.id, tmp_path / "as-of-now", lambda _: None)
    earlier = backed_up(old, tmp_path / "earlier")
    assert old.cast(old.links("00B")[0]).status in (200, 409)
    publish(old.desk, old.id, tmp_path / "later", lambda _: None)
    with fresh_database("sqlite", tmp_path, server) as engine:
        with pytest.raises(UnusableBackup, match=r"00B.bel has ballots that came after the backup|has events"):
            restore_backup(engine, earlier, tmp_path / "c", tmp_path / "k", {"merger": tmp_path / "later"})
        assert not (tmp_path / "c").exists()
        restore_backup(engine, earlier, tmp_path / "c", tmp_path / "k", {"merger": tmp_path / "as-of-now"})
        with pytest.raises(UnusableBackup, match="not empty"):
            restore_backup(engine, earlier, tmp_path / "c", tmp_path / "k", NO_MIRRORS)


def test_a_mirror_may_be_the_zip_that_is_downloaded_while_voting_goes_on(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str]
) -> None:
    old, _ = kept
    as_of_now = so_far(old, tmp_path / "record-so-far.zip")
    backup = backed_up(old, tmp_path / "ballot.backup")
    assert old.cast(old.links("00C")[0]).status in (200, 409)
    later = so_far(old, tmp_path / "later.zip")
    with zipfile.ZipFile(as_of_now) as archive:
        archive.extractall(tmp_path / "unpacked")
    with fresh_database("sqlite", tmp_path, server) as engine:
        to = (tmp_path / "c", tmp_path / "k")
        with pytest.raises(UnusableBackup, match=r"00C.bel has ballots that came after the backup"):
            restore_backup(engine, backup, *to, {"merger": later})
        restore_backup(engine, backup, *to, {"merger": as_of_now})
        with reading(engine) as session:
            compare_with_mirror(session, "merger", tmp_path / "unpacked")


def test_a_mirror_of_a_programme_that_the_backup_has_not_is_refused_by_name(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str]
) -> None:
    old, backup = kept
    mirror = so_far(old, tmp_path / "record-so-far.zip")
    with (
        fresh_database("sqlite", tmp_path, server) as engine,
        pytest.raises(UnusableBackup, match=r"The backup has no programme north; there are: merger\."),
    ):
        restore_backup(engine, backup, tmp_path / "c", tmp_path / "k", {"north": mirror})


@pytest.mark.parametrize("shape", ["nothing", "text", "bel", "empty folder", "cut", "other zip", "a link"])
def test_what_is_no_record_is_no_mirror(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str], shape: str
) -> None:
    old, backup = kept
    mirror = tmp_path / "mirror"
    whole = so_far(old, tmp_path / "whole.zip").read_bytes()
    match shape:
        case "text" | "bel" | "cut":
            mirror.write_bytes({"text": b"<html>", "bel": b'{"a"', "cut": whole[: len(whole) // 2]}[shape])
        case "other zip":
            mirror.write_bytes(backup.read_bytes())
        case "a link":
            with zipfile.ZipFile(io.BytesIO(whole)) as archive:
                archive.extractall(mirror)
            (mirror / "roll.csv").unlink()
            (mirror / "roll.csv").symlink_to("/dev/zero")
        case "empty folder":
            mirror.mkdir()
    with fresh_database("sqlite", tmp_path, server) as engine:
        with pytest.raises(UnusableBackup, match=r"^The mirror cannot be used: .*\w\.$"):
            restore_backup(engine, backup, tmp_path / "c", tmp_path / "k", {"merger": mirror})
        assert not (tmp_path / "c").exists()


def rewritten(backup: Path, change: Callable[[dict[str, bytes]], None]) -> io.BytesIO:
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out


def flip(members: dict[str, bytes]) -> None:
    members["tables/accepted.jsonl"] = members["tables/accepted.jsonl"].replace(b"00", b"01", 1)


def drop(members: dict[str, bytes]) -> None:
    del members["tables/checkpoint.jsonl"]


def smuggle(members: dict[str, bytes]) -> None:
    manifest = json.loads(members["manifest.json"])
    manifest["sha256"]["programmes/../../evil"] = hashlib.sha256(b"x").hexdigest()
    members |= {"programmes/../../evil": b"x", "manifest.json": json.dumps(manifest).encode()}


def age(members: dict[str, bytes]) -> None:
    members["manifest.json"] = json.dumps({**json.loads(members["manifest.json"]), "tables": "0001"}).encode()


@pytest.mark.parametrize("change", [flip, drop, smuggle, age, None])
def test_a_damaged_or_foreign_backup_changes_nothing(
    kept: tuple[World, Path], tmp_path: Path, server: Callable[[], str], change: Callable[[dict[str, bytes]], None]
) -> None:
    file = tmp_path / "bad"
    file.write_bytes(b"PK no" if change is None else rewritten(kept[1], change).getvalue())
    with fresh_database("sqlite", tmp_path, server) as engine:
        with pytest.raises(UnusableBackup):
            restore_backup(engine, file, tmp_path / "c", tmp_path / "k")
        with engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(TABLES[0])) == 0
