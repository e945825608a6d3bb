"""Publishing: an unverified record never replaces the published one, and no secret is in it."""

from __future__ import annotations

import logging
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy import text as sql

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.audit.source import open_source
from ballot.office.acts.counting import Decide, Declare
from ballot.office.board.publish import publish
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.record.manifest import parse_manifest
from tests.integration.office.world import OPENS, World


def accept(packed: Path) -> None:
    with open_source(packed) as source:
        assert source.faults == []
        assert "manifest.json" in source.names()


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_and_the_zip_hold_the_same_files_and_the_manifest_names_them(sealed: World) -> None:
    folder = sealed.folder / "public" / "record"
    packed = publish(sealed.desk, sealed.id, folder, accept)
    found = files(folder)
    with zipfile.ZipFile(packed) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == found
    assert set(parse_manifest(found["manifest.json"]).files) == set(found) - {"manifest.json"}
    assert sorted(path.name for path in folder.parent.iterdir()) == ["record", "record.zip"]


def test_what_is_not_verified_is_not_published_and_what_was_published_stays(sealed: World) -> None:
    folder = sealed.folder / "public" / "record"
    publish(sealed.desk, sealed.id, folder, accept)
    before = files(folder.parent)
    sealed.clock.now = OPENS
    sealed.cast(sealed.links()[0])

    def refuse(record: Path) -> None:
        raise RuntimeError("not verified")

    with pytest.raises(RuntimeError, match="not verified"):
        publish(sealed.desk, sealed.id, folder, refuse)
    assert files(folder.parent) == before


def test_nothing_is_published_before_sealing(world: World) -> None:
    world.prepare()
    with pytest.raises(Refused) as refused:
        publish(world.desk, world.id, world.folder / "record", accept)
    assert refused.value.reason is Refusal.WRONG_STATE
    assert not (world.folder / "record").exists()


def test_who_voted_is_published_after_closing_and_not_before(opened: World) -> None:
    folder = opened.folder / "record"
    link = opened.links()[1]
    opened.cast(link)
    publish(opened.desk, opened.id, folder, accept)
    assert not (folder / "returned.csv").exists()
    opened.close("00A")
    publish(opened.desk, opened.id, folder, accept)
    header, row = (folder / "returned.csv").read_text().splitlines()
    assert header == "ccg_ods_code,practice_ods_code,practice_name"
    assert row == f"00A,{link.practice},{link.name}"


def test_what_is_published_while_practices_vote_is_whole_and_only_grows(opened: World) -> None:
    casts = [(link, opened.ballot(link)) for ccg in opened.ccgs for link in opened.links(ccg)]
    older: list[Path] = []

    def check(folder: Path) -> None:
        report = audit(folder, Options(stage=Stage.VOTING, since=older[-1] if older else None))
        assert not [*report.failed(), *report.skipped()], report.to_text()

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(opened.cast, *cast) for cast in casts]
        while not older or not all(answer.done() for answer in answers):
            folder = opened.folder / f"record-{len(older)}"
            publish(opened.desk, opened.id, folder, check)
            older.append(folder)
    publish(opened.desk, opened.id, opened.folder / "record", check)
    assert {answer.result().status for answer in answers} == {200}


def test_no_secret_is_in_the_database_the_files_the_receipts_or_the_log(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    world.open()
    links = [link for ccg in world.ccgs for link in world.links(ccg)]
    answers = [world.cast(link) for link in links]
    answers += [world.cast(link, b"{}") for link in links] + [world.cast(link, token="no.token") for link in links]
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    publish(world.desk, world.id, world.folder / "record", accept)
    secrets = [secret for link in links for secret in (link.token, link.credential)]
    secrets += [secret.replace("-", "") for secret in secrets]
    secrets += [part for link in links for part in link.token.split(".")]
    places = {
        "database": database_text(world),
        "log": caplog.text + "".join(capfd.readouterr()),
        "answers": repr(answers),
        **{name: data.decode("latin-1") for name, data in files(world.folder).items()},
    }
    assert "instance/registrar.vault" in places
    for name, text in places.items():
        assert not [secret for secret in secrets if secret in text], f"a secret in {name}"
    emails = [link.email for link in links if link.email]
    record = [text for name, text in places.items() if name.startswith("record/")]
    assert not any(email in text for email in emails for text in record)


def database_text(world: World) -> str:
    """Every value of every table, whatever the database."""
    with world.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        rows = [row for table in tables for row in connection.execute(sql(f'SELECT * FROM "{table}"'))]
    return "\n".join(
        value.decode("latin-1") if isinstance(value, bytes) else str(value) for row in rows for value in row
    )
