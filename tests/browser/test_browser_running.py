"""The pages of a running ballot in a real browser: no barrier, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from ballot.db.outbox import list_messages
from ballot.db.session import transaction
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.staff.roles import StaffRole
from tests.browser.barriers import faults_in_every_window
from tests.browser.conftest import served
from tests.browser.test_browser_setting_up import Office, cookie_of, go, look, office_app
from tests.integration.office.world import OPENS
from tests.web.conftest import a_world
from tests.web.staff import staff_client, token_of

BASE = "/office/ballots/merger"
LONG = f"the.practice.manager@{'a-surgery-with-a-long-name.' * 2}example.nhs.uk"
MAIL = ("mail", "mail/invitation", "mail/reminder")
PAGES = {name: f"{BASE}/{name}" for name in ("turnout", "authority", *MAIL, "incidents")}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Office]]:
    """Open for some days, with votes, and an invitation that bounced."""
    with a_world(tmp_path_factory.mktemp("running")) as world:
        world.open()
        invite(world.engine, world.clock, world.id, Everyone())
        with transaction(world.engine) as session:
            row, practice = list_messages(session, world.id)[5]
            row.state, row.answer = "bounced", "550 no such mailbox"
            practice.email = row.to = LONG
        for i, link in enumerate([*world.links()[:3], *world.links("00B")[2:]]):
            world.clock.now = OPENS + timedelta(days=2 * i)
            assert world.cast(link).status == 200
        app = office_app(world)
        client = staff_client(app, world, StaffRole.RETURNING_OFFICER)
        registrar = staff_client(app, world, StaffRole.REGISTRAR)
        with served(app) as base:
            yield Office(base, app, world, cookie_of(client, app)), Office(base, app, world, cookie_of(registrar, app))


@pytest.fixture
def running(offices: tuple[Office, Office]) -> Office:
    """As the returning officer."""
    return offices[0]


@pytest.fixture
def registrar_s(offices: tuple[Office, Office]) -> Office:
    """As the registrar."""
    return offices[1]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier_and_fits_every_window(page: Page, running: Office, name: str) -> None:
    go(page, running, PAGES[name])

    assert faults_in_every_window(page, f"office-{name.replace('/', '-')}") == []


def test_the_pages_on_people_keys_and_bounces_have_no_barrier(page: Page, running: Office, registrar_s: Office) -> None:
    client = staff_client(running.app, running.world, StaffRole.DEPUTY)
    asked = {"name": "Ann Smith", "login": "ann.with.a.long.name@surgery.example.nhs.uk", "role": "registrar"}
    client.post("/office/people/add", data={"csrf_token": token_of(client), **asked})
    for office, name in (
        *((running, each) for each in ("people", "people/add", "people/1", "bounces", "key")),
        (registrar_s, "vault"),
        (registrar_s, "key"),
    ):
        go(page, office, f"/office/{name}")
        assert faults_in_every_window(page, f"office-{name.replace('/', '-')}") == []


def test_the_list_stands_before_the_button_that_sends(page: Page, running: Office) -> None:
    go(page, running, f"{BASE}/mail/reminder")
    page.get_by_label("One CCG").check()
    page.get_by_label("Which CCG?").select_option("00B")
    page.get_by_role("button", name="Show who gets it").click()

    assert page.get_by_text("2 messages, for 2 practices. Nothing has been sent yet.").is_visible()
    assert page.get_by_role("button", name="Send", exact=True).is_visible()
    assert faults_in_every_window(page, "office-mail-plan") == []


def test_a_bounced_address_is_mended_from_the_list_to_the_letter(page: Page, offices: tuple[Office, Office]) -> None:
    officer, registrar = offices
    go(page, officer, f"{BASE}/mail")
    page.get_by_role("link", name="Fix this for Y10001").click()
    page.wait_for_selector("body.nhsuk-frontend-supported")
    look(page, "mend")
    page.get_by_label("The practice has another address or another representative").check()
    page.get_by_role("button", name="Continue").click()
    assert page.get_by_label("Practice").input_value() == "Y10001"
    assert page.get_by_label("E-mail address").input_value() == LONG
    page.go_back()
    page.get_by_label("E-mail does not work for this practice: print a letter").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Ask the registrar to sign in").wait_for()
    here = page.url.removeprefix(registrar.base)

    go(page, registrar, f"{BASE}/links")
    look(page, "links")
    go(page, registrar, f"{BASE}/links/issue")
    look(page, "issue")
    go(page, registrar, f"{here}/reissue")
    look(page, "reissue")
    go(page, registrar, here)
    look(page, "practice")
    page.get_by_role("button", name="Make a letter with its link").click()
    page.wait_for_selector("body.nhsuk-frontend-supported")
    look(page, "letter")
    for field in ("#passphrase", "#vault"):
        page.locator(field).fill("any, since these keys are kept without")
    with page.expect_download() as letter:
        page.get_by_role("button", name="Make the letter").click()
    assert letter.value.suggested_filename == "letter-Y10001.pdf"
    assert letter.value.path().read_bytes().startswith(b"%PDF-")


def test_the_help_desk_finds_a_practice_by_keyboard_alone(page: Page, running: Office) -> None:
    go(page, running, "/office/help-desk")
    look(page, "help-desk")
    page.get_by_label("Who is calling?").focus()
    page.keyboard.type("y1")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="4 found").wait_for()
    page.wait_for_selector("body.nhsuk-frontend-supported")
    look(page, "help-desk-found")
    page.get_by_role("link", name="Practice 1-1 (Y10001)").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="On the telephone").wait_for()
    page.wait_for_selector("body.nhsuk-frontend-supported")
    assert page.get_by_text(f"The message with your link to {LONG} did not arrive.").is_visible()
    look(page, "help-desk-practice")
    page.get_by_role("button", name="Send the link again").focus()
    page.keyboard.press("Enter")
    page.get_by_text("An e-mail with its link is waiting to be sent.").wait_for()
    page.go_back()
    page.get_by_role("link", name="Note an incident").click()
    assert page.get_by_label("Code of the practice").input_value() == "Y10001"
