"""Officers whose keys never reach the server: each makes a key file in their own browser, and signs with it there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from ballot.db.events import event_lines
from ballot.declaration.scrutiny import check_report
from ballot.declaration.statements import STATEMENTS
from ballot.office.activity import Who
from ballot.office.incidents import Incident, note_incident
from ballot.office.on_time import tick
from ballot.office.scrutiny import signed_report
from ballot.office.staff.roles import StaffRole
from ballot.record.keys import PublicKey, Role
from ballot.record.programme_events import check_event_signatures, parse_programme_event
from ballot.registrar.keyring import read_public_keys
from ballot.registrar.officer_key import open_officer_key, open_scrutineer_key, seal_officer_key
from tests.browser.barriers import faults_in_every_window
from tests.browser.office_site import Office, office_site, sign_in
from tests.browser.test_browser_two_people import LATER
from tests.browser.watch import Watch
from tests.web.test_web_scrutiny import publish_result

PASSPHRASE = "three words of my own"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_site(tmp_path) as office:
        yield office


@pytest.fixture
def other(chromium: Browser, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    watch.over(page)
    yield page
    context.close()


def look(page: Page, name: str) -> None:
    page.wait_for_selector("body.nhsuk-frontend-supported")
    assert faults_in_every_window(page, f"office-{name}") == []


def open_key(page: Page, file: Path, passphrase: str = PASSPHRASE) -> None:
    page.get_by_label("Your key file").set_input_files(file)
    page.get_by_label("Its passphrase").fill(passphrase)


def draw(number: int) -> bytes:
    return bytes(range(number))


def test_a_key_that_is_made_in_the_browser_stays_there(page: Page, office: Office, tmp_path: Path) -> None:
    world, sent = office.world, list[str]()
    for file in (world.keys / "deputy.pub", world.keys / "private" / "deputy.key"):
        file.unlink()
    sign_in(page, office, office.person(StaffRole.DEPUTY))
    page.goto(f"{office.base}/office/key")
    look(page, "own-key-none")
    page.get_by_label("Choose a passphrase").fill(PASSPHRASE)
    page.get_by_label("The same passphrase again").fill(PASSPHRASE)

    def note(request: Request) -> None:
        sent.append(request.post_data or "")

    page.on("request", note)
    with page.expect_download() as download:
        page.get_by_role("button", name="Make my key file and save it").click()
    download.value.save_as(tmp_path / "key.json")
    page.get_by_text("Your key is not on this server.").wait_for()
    look(page, "own-key-made")

    key = open_officer_key((tmp_path / "key.json").read_bytes(), PASSPHRASE)
    assert (key.role, key.public) == (Role.DEPUTY, read_public_keys(world.keys)[Role.DEPUTY])
    assert not (world.keys / "private" / "deputy.key").exists()
    assert not any("words" in each for each in sent)


def test_two_officers_propose_and_approve_with_key_files_that_the_server_never_sees(
    page: Page, other: Page, office: Office, tmp_path: Path, watch: Watch
) -> None:
    world = office.world.open()
    files = {}
    for key in (world.officer, world.deputy):
        files[key.role] = tmp_path / f"{key.role.value}-key.json"
        files[key.role].write_bytes(seal_officer_key(key, PASSPHRASE, draw))
    sign_in(page, office, office.person(StaffRole.RETURNING_OFFICER))
    sign_in(other, office, office.person(StaffRole.DEPUTY))
    page.goto(f"{office.base}/office/ballots/merger/proposals/new/extend")
    page.get_by_label("CCG", exact=True).select_option("00A")
    for label, value in LATER.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Reason, which is published").select_option("technical-failure")
    page.get_by_role("button", name="Continue, and sign with my own key file").click()
    look(page, "proposal-to-sign")

    fault = page.locator("form[data-sign] [data-fault]")
    open_key(page, files[Role.DEPUTY])
    page.get_by_role("button", name="Sign and propose").click()
    expect(fault).to_have_text("This is the key file of the deputy, not yours.")
    open_key(page, files[Role.RETURNING_OFFICER], "three words of another")
    page.get_by_role("button", name="Sign and propose").click()
    expect(fault).to_contain_text("The passphrase does not open the officer's key file")
    open_key(page, files[Role.RETURNING_OFFICER])
    page.get_by_role("button", name="Sign and propose").click()
    page.get_by_text("You cannot approve your own proposal").wait_for()

    other.goto(page.url)
    look(other, "proposal-approve-apart")
    open_key(other, files[Role.DEPUTY])
    other.get_by_role("button", name="Approve exactly this with my key file").click()
    other.get_by_text("Approved and done").wait_for()
    with world.reading() as session:
        event = parse_programme_event(event_lines(session, world.id)[-1])
    assert event.signers == (Role.RETURNING_OFFICER, Role.DEPUTY)
    check_event_signatures(event, read_public_keys(world.keys))


def test_the_scrutineer_reads_the_draft_then_answers_and_signs_with_a_key_that_stays_in_the_browser(
    page: Page, office: Office, tmp_path: Path
) -> None:
    world, report = office.world.open(), "/office/ballots/merger/scrutiny"
    tick(world.desk)
    assert world.cast(world.links()[0]).status == 200
    happened = Incident(world.clock.now, "The mail server was down for an hour", "It was restarted", "00A")
    note_incident(world.engine, world.clock, world.id, happened, Who("deputy@example.org", acting_for="deputy"))
    watcher = office.person(StaffRole.SCRUTINEER)
    sign_in(page, office, watcher)
    page.goto(f"{office.base}{report}")
    look(page, "scrutiny-draft")
    page.goto(f"{office.base}/office/key")
    look(page, "own-key-scrutineer")
    page.get_by_label("Choose a passphrase").fill(PASSPHRASE)
    page.get_by_label("The same passphrase again").fill(PASSPHRASE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Make my key file and save it").click()
    download.value.save_as(tmp_path / "watcher.json")
    page.get_by_text("Your key is not on this server.").wait_for()

    publish_result(world)
    sign_in(page, office, watcher)
    page.goto(f"{office.base}{report}/sign")
    for statement in STATEMENTS:
        page.locator(f"input[name={statement.id}][value=yes]").check()
    look(page, "scrutiny-sign")
    page.get_by_role("button", name="Continue, and sign").click()
    page.get_by_role("button", name="Sign the report").wait_for()
    look(page, "scrutiny-sign-key")
    open_key(page, tmp_path / "watcher.json", "another passphrase of mine")
    page.get_by_role("button", name="Sign the report").click()
    fault = page.locator("form[data-sign] [data-fault]")
    expect(fault).to_contain_text("The passphrase does not open the scrutineer's key file")
    open_key(page, tmp_path / "watcher.json")
    page.get_by_role("button", name="Sign the report").click()
    page.get_by_text("Signed by the scrutineer").wait_for()
    look(page, "scrutiny-signed")
    key = open_scrutineer_key((tmp_path / "watcher.json").read_bytes(), PASSPHRASE)
    signed = signed_report(world.engine, world.id)
    assert signed is not None
    record = world.instance / "records" / "merger.zip"
    check_report(signed, record, PublicKey(key.public_key().public_bytes_raw()))
