"""From files to a sealable ballot: rolls, the meter, preparing, backup and restore, a preview invitation."""

from __future__ import annotations

import gzip
import io
import mailbox
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.config import Config
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.events import event_lines
from ballot.db.programmes import find_programme
from ballot.mail.settings import read_mail
from ballot.office.setup.draft import Draft, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.preflight import mail_test, measure_files
from ballot.office.setup.secrecy import measure_planned, meter_of, planned_elections
from ballot.office.staff.roles import StaffRole
from ballot.protocol.canonical import write_json
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Purpose, Role, SigningKey, base64_text
from ballot.record.programme_events import check_event_signatures, parse_programme_event
from ballot.registrar.keyring import read_public_keys
from ballot.registrar.sealing import open_by_both
from ballot.roll.simple import write_roll
from ballot.strict.toml_tables import table_of
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import World, ceremony, make_roll
from tests.web.conftest import a_world, make_app
from tests.web.locked_keys import lock_keys, passphrase_of
from tests.web.staff import a_door, staff_client, token_of

BASE = "/office/ballots/merger"
RO, DEPUTY = StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY
TRY = {"officer": passphrase_of("returning-officer"), "deputy": passphrase_of("deputy")}


def fill_folder(world: World) -> World:
    """Files that are complete, with roll and trustees in the folder."""
    folder = world.programme_folder / world.id
    folder.mkdir()
    for name in ("programme.toml", "constitutions"):
        (world.programme_folder / name).rename(folder / name)
    world.programme_folder = folder
    (folder / "roll.csv").write_bytes(write_roll(make_roll().members))
    (folder / "trustees.json").write_bytes(write_json(ceremony()[0].to_json()))
    return world


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Flask]]:
    """Files that are complete; keys under passphrases; e-mail into a folder."""
    with a_world(tmp_path_factory.mktemp("before")) as world:
        fill_folder(lock_keys(world))
        yield world, make_app(world)


@pytest.fixture
def world(here: tuple[World, Flask]) -> World:
    return here[0]


@pytest.fixture
def app(here: tuple[World, Flask]) -> Flask:
    return here[1]


def post(client: FlaskClient, path: str, **data: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data}, content_type="multipart/form-data")


def upload(client: FlaskClient, path: str, token: str, data: bytes) -> TestResponse:
    """A roll as a browser sends it, whatever its size, without a file of the test client's own."""
    parts = (("csrf_token", "", token.encode()), ("roll", '; filename="epraccur.csv"', data))
    body = b"".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for name, more, value in parts
    )
    headers = {"Accept": "text/html"}
    return client.post(
        path, data=body + b"--edge--\r\n", content_type="multipart/form-data; boundary=edge", headers=headers
    )


def file(data: bytes, name: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def test_the_meter_on_the_page_has_the_figures_of_sealing(app: Flask, world: World) -> None:
    draft = Draft(world.programme_folder)
    files = read_folder(draft.folder)
    roll = read_roll(draft, files)
    assert roll is not None
    sealing = measure_files(files, roll)
    elections = planned_elections(files, roll)
    for planned in elections:
        measured = measure_planned(planned)
        assert (measured.known, measured.cast) == (sealing[planned.name].known, sealing[planned.name].cast)
        assert meter_of(planned).planned == measured
    client = staff_client(app, world, StaffRole.OBSERVER)
    page = client.get(f"{BASE}/secrecy").text
    for planned in elections:
        found = sealing[planned.name]
        assert f"{found.known} of {found.cast} (" in page
    one = client.get(f"{BASE}/secrecy/00C").text
    assert "PLANNED: exact list sizes" in one
    assert "A unanimous result reveals every vote" in one
    assert one.count("<svg") == 1
    assert '<desc id="secrecy-desc">NHS 00C CCG (00C), PLANNED: exact list sizes: ' in one
    assert "<style" not in one
    assert client.get(f"{BASE}/secrecy/00Z").status_code == 404


def test_how_much_may_be_told_is_changed_on_the_page_and_nonsense_is_not(app: Flask, world: World) -> None:
    client, toml = staff_client(app, world, RO), world.programme_folder / "programme.toml"
    before = toml.read_bytes()
    for wrong, says in (("", "Enter a share"), ("0.1", "is not a fraction"), ("2/1", "at most 1"), ("1/0", "divides")):
        answer = post(client, f"{BASE}/secrecy", at_most=wrong)
        assert (answer.status_code, says in unescape(answer.text)) == (400, True), wrong
    assert toml.read_bytes() == before
    assert post(client, f"{BASE}/secrecy", at_most="1/20").status_code == 303
    page = client.get(f"{BASE}/secrecy").text
    assert "Limit 1/20" in page
    assert "Too much" in page
    assert post(staff_client(app, world, StaffRole.OBSERVER), f"{BASE}/secrecy", at_most="1/2").status_code == 403
    toml.write_bytes(before)


def zipped(name: str, body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return out.getvalue()


RUBBISH: tuple[tuple[str, bytes, str], ...] = (
    ("a workbook renamed .csv", zipped("[Content_Types].xml", b"<Types/>"), "this is an Excel workbook"),
    ("a ZIP file cut off", zipped("roll.csv", b"a" * 9000)[:-9], "the ZIP file is damaged or cut off"),
    ("a ZIP bomb", zipped("roll.csv", b"0" * 30_000_000), "larger, unpacked, than the"),
    ("an old workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 60, "this is an old Excel workbook"),
    ("UTF-16", "practice_code,name\n".encode("utf-16"), "this is UTF-16 or UTF-32 text; a CSV file is expected"),
    ("a PDF", b"%PDF-1.7", "this is a PDF"),
    ("a sign-in page", b"<!doctype html><title>Sign in</title>", "perhaps a sign-in page"),
    ("a gzip bomb", gzip.compress(b"\0" * 40_000_000), "larger, unpacked, than the"),
    ("a gzip file cut off", gzip.compress(b"a" * 9000)[:-9], "its end is missing"),
    ("semicolons", b"ccg_ods_code;practice_ods_code;practice_name\n", "separated by semicolons"),
    ("list sizes alone", b"PUBLICATION,EXTRACT_DATE,TYPE,CCG_CODE\n", "was expected"),
    ("bytes of nothing", bytes(range(1, 256)) * 20, "neither UTF-8"),
    ("a line of a million", b"ccg_ods_code,practice_ods_code\n" + b"a" * 1_000_000, "at most 20000 are expected"),
)


def test_what_is_no_roll_is_refused_with_what_it_is_and_what_to_do(app: Flask, world: World) -> None:
    client, roll = staff_client(app, world, RO), world.programme_folder / "roll.csv"
    before, token = roll.read_bytes(), token_of(client)
    for name, data, says in RUBBISH:
        answer = upload(client, f"{BASE}/roll", token, data)
        assert answer.status_code == 303, name
        page = unescape(client.get(f"{BASE}/roll/uploaded").text)
        assert "This roll cannot be used: 1 problem. The roll in use stays as it is." in page, name
        assert says in page, (name, re.findall(r"<td.*?</td>", page, re.S))
        assert len(page) < 20_000
        assert client.post(f"{BASE}/roll/uploaded", data={"csrf_token": token}).status_code == 409
    assert roll.read_bytes() == before


def test_the_roll_in_a_zip_file_is_taken_as_the_same_roll(app: Flask, world: World) -> None:
    client, roll = staff_client(app, world, RO), world.programme_folder / "roll.csv"
    answer = upload(client, f"{BASE}/roll", token_of(client), zipped("roll.csv", roll.read_bytes()))
    assert answer.status_code == 303
    page = unescape(client.get(f"{BASE}/roll/uploaded").text)
    assert "cannot be used" not in page
    assert "ZIP" not in page


def test_a_file_larger_than_any_roll_is_refused_in_words_that_help(app: Flask, world: World) -> None:
    client = staff_client(app, world, RO)
    answer = upload(client, f"{BASE}/roll", token_of(client), b"a" * 10_000_000)
    assert answer.status_code == 413
    assert "What you sent is too large" in answer.text
    assert "4 MB" in answer.text
    assert "any ballot" not in answer.text


@pytest.fixture(scope="module")
def posting(here: tuple[World, Flask]) -> Flask:
    """The same office with e-mail set up, into a folder."""
    world, folder = here[0], here[0].folder
    table = {"channel": "maildir", "folder": str(folder / "mail"), "from": "a@example.org", "reply_to": "h@example.org"}
    config = Config(
        "",
        folder / "instance",
        "vote.example.org",
        folder / "config",
        folder / "keys",
        mail=read_mail(table_of(table, "[mail]"), {}),
    )
    return create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world)))


def test_it_is_prepared_backed_up_and_tried_and_an_invitation_is_looked_at(
    app: Flask, posting: Flask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client, id = staff_client(app, world, RO), world.id
    assert "The server has no key yet. Prepare the ballot first." in client.get(f"{BASE}/backup").text
    assert post(client, f"{BASE}/backup").status_code == 409
    answer = post(client, f"{BASE}/prepare", passphrase="not this")
    assert (answer.status_code, "does not open" in answer.text) == (400, True)
    assert post(staff_client(app, world, DEPUTY), f"{BASE}/prepare", passphrase="x").status_code == 403
    roll = (world.programme_folder / "roll.csv").read_bytes()
    (world.programme_folder / "roll.csv").write_bytes(roll.replace(b"Y00001", b"???", 1))
    answer = post(client, f"{BASE}/prepare", passphrase=TRY["officer"])
    assert (answer.status_code, "roll.csv:3" in answer.text) == (400, True)
    (world.programme_folder / "roll.csv").write_bytes(roll)

    assert post(client, f"{BASE}/prepare", passphrase=TRY["officer"]).status_code == 303
    assert "This ballot is prepared" in client.get(f"{BASE}/prepare").text
    answer = post(client, f"{BASE}/prepare", passphrase=TRY["officer"])
    assert (answer.status_code, "already" in answer.text) == (400, True)

    backup = post(client, f"{BASE}/backup")
    assert (backup.status_code, backup.mimetype) == (200, "application/octet-stream")
    wrong = (
        ({**TRY, "backup": file(b"no backup", "b")}, "does not open with the key of the deputy"),
        ({**TRY, "backup": file(b"", "b")}, "Choose the backup file"),
        ({**TRY, "deputy": "no", "backup": file(backup.data, "b")}, "does not open the key deputy"),
        (
            {**TRY, "officer": TRY["deputy"], "backup": file(backup.data, "b")},
            "does not open the key returning-officer",
        ),
    )
    for sent, says in wrong:
        answer = post(client, f"{BASE}/backup/try", **sent)
        assert (answer.status_code, says in unescape(answer.text)) == (400, True), says
        assert not [secret for secret in TRY.values() if secret in unescape(answer.text)]
    assert "No one has tested the backup yet" in client.get(f"{BASE}/backup").text
    assert post(client, f"{BASE}/backup/try", **TRY, backup=file(backup.data, "b")).status_code == 303
    assert "Both officers have opened the backup" in client.get(f"{BASE}/backup").text
    with world.reading() as session:
        row = find_programme(session, id)
        assert row is not None
        assert row.backup_restored_at is not None
        acts = {(row.act, row.actor) for row in list_activity(session, ActivityFilter(programme=id))}
    assert {("prepared", "returning-officer@example.org"), ("downloaded", "returning-officer@example.org")} <= acts
    assert not [secret for secret in TRY.values() if secret in caplog.text]

    looks = staff_client(posting, world, RO)
    draft = Draft(world.programme_folder)
    for typed, says in (("", "Enter a practice's code"), ("Y99999", "not a member practice"), ("*", "not a member")):
        answer = post(looks, f"{BASE}/mail-test", practice=typed)
        assert (answer.status_code, says in unescape(answer.text)) == (400, True), typed
    assert mail_test(draft) is None
    page = post(looks, f"{BASE}/mail-test", practice=" y00001 ").text
    assert "The invitation as Y00001 would get it was sent to returning-officer@example.org." in page
    (message,) = mailbox.Maildir(world.folder / "mail", create=False)
    body = message.as_string()
    assert message["To"] == "returning-officer@example.org"
    assert "y01@example.org" not in body
    assert "THIS-IS-A-PREVIEW-AND-CANNOT-VOTE" in body.replace("=\n", "")
    assert (mail_test(draft) or (None, ""))[1] == "Y00001"
    assert "Last sent as Y00001 would get it" in looks.get(f"{BASE}/mail-test").text
    assert "E-mail is not set up" in client.get(f"{BASE}/mail-test").text
    assert (
        post(staff_client(posting, world, StaffRole.REGISTRAR), f"{BASE}/mail-test", practice="Y1").status_code == 403
    )
    steps = re.findall(r'id="before-(\d)-status"[^>]*>\s*(.*?)\s*</div>', client.get(BASE).text, re.S)
    assert [re.sub("<.*?>", "", text).strip() for _, text in steps] == [
        "In progress",
        "Completed",
        "Completed",
        "Not started",
        "Completed",
        "Cannot start yet",
        "Cannot start yet",
    ]


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[tuple[World, dict[Role, SigningKey]]]:
    """A server that holds neither officer's key, before anything is prepared."""
    with a_world(tmp_path) as world:
        keys = {key.role: key for key in (world.officer, world.deputy)}
        for role in keys:
            (world.keys / "private" / f"{role.value}.key").unlink()
        yield fill_folder(world), keys


def test_a_ballot_is_prepared_and_its_backup_tried_by_officers_whose_keys_are_not_here(
    apart: tuple[World, dict[Role, SigningKey]],
) -> None:
    world, keys = apart
    client = staff_client(make_app(world), world, RO)
    page = client.get(f"{BASE}/prepare").text
    assert "This server holds the keys of the registrar." in page
    assert 'name="passphrase"' not in page
    found = re.search(r'data-sign="event" data-message="([^"]+)"', page)
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert found is not None
    assert at is not None
    message, key = unescape(found[1]).encode(), keys[Role.RETURNING_OFFICER]
    for signer, purpose, moment in (
        (keys[Role.DEPUTY], Purpose.EVENT, at[1]),
        (key, Purpose.PROPOSAL, at[1]),
        (key, Purpose.EVENT, "2020-05-04T07:59:59Z"),
        (key, Purpose.EVENT, "2020-05-03T08:00:00Z"),
    ):
        wrong = base64_text(signer.sign(purpose, message))
        assert post(client, f"{BASE}/prepare", signature=wrong, at=moment).status_code == 400
    signature = base64_text(key.sign(Purpose.EVENT, message))
    assert post(client, f"{BASE}/prepare", signature=signature, at=at[1]).status_code == 303
    with world.reading() as session:
        row = find_programme(session, world.id)
        event = parse_programme_event(event_lines(session, world.id)[0])
    assert row is not None
    assert row.keys_held == "registrar"
    check_event_signatures(event, read_public_keys(world.keys))

    backup = post(client, f"{BASE}/backup").data
    proof = sha256_hex(open_by_both(backup, key, keys[Role.DEPUTY]))
    assert "ballot keys open-backup" in client.get(f"{BASE}/backup").text
    for said, status in (("", 400), ("0" * 64, 400), (f" {proof.upper()} ", 303)):
        assert post(client, f"{BASE}/backup/try", proof=said).status_code == status
    assert "Both officers have opened the backup" in client.get(f"{BASE}/backup").text
