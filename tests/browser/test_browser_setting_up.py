"""The pages of setting up in a real browser: no barrier, nothing wider than a phone, a ballot begun by keyboard."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from ballot.config import Config, Site
from ballot.constitution.load import load_constitution
from ballot.mail.settings import read_mail
from ballot.office.staff.roles import StaffRole
from ballot.strict.toml_tables import table_of
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.browser.barriers import DESK, barriers, faults_in_every_window
from tests.browser.conftest import served
from tests.browser.watch import Watch
from tests.integration.office.world import World
from tests.web.conftest import a_world
from tests.web.staff import a_door, staff_client
from tests.web.test_web_setting_up import BASE, QUESTION, RULE, file, fill, post

CONFIG = Path(__file__).parents[2] / "config"
OPTIONS = "lancashire-south-cumbria-2020-options"
EMPTY = "/office/ballots/empty-2020"
PAGES = {
    "ballots": "/office/ballots",
    "tasks": BASE,
    "tasks-empty": EMPTY,
    "about": f"{BASE}/about",
    "question": f"{BASE}/question",
    "voting-pack": f"{BASE}/voting-pack",
    "ccgs": f"{BASE}/ccgs",
    "window": f"{BASE}/window",
    "outcome": f"{BASE}/outcome",
    "trustees": f"{BASE}/trustees",
    "constitutions": f"{BASE}/constitutions",
    "constitution": f"{BASE}/constitutions/00A",
    "constitution-empty": f"{EMPTY}/constitutions/00A",
    "constitution-tests": f"{BASE}/constitutions/00A/form?step=tests",
    "constitution-votes": f"{BASE}/constitutions/00A/form?step=votes",
    "constitution-trial": f"{BASE}/constitutions/00A/try",
    "constitution-sign": f"{BASE}/constitutions/00A/sign",
    "copy": f"{BASE}/copy",
    "delete": f"{BASE}/delete",
    "roll": f"{BASE}/roll",
    "roll-uploaded": f"{BASE}/roll/uploaded",
    "roll-with-problems": f"{EMPTY}/roll/uploaded",
    "preflight": f"{BASE}/preflight",
}


LATER = {
    "secrecy": f"{BASE}/secrecy",
    "secrecy-election": f"{BASE}/secrecy/00A",
    "prepare": f"{BASE}/prepare",
    "backup": f"{BASE}/backup",
    "mail-test": f"{BASE}/mail-test",
    "question-options": f"/office/ballots/{OPTIONS}/question",
    "outcome-groups": f"/office/ballots/{OPTIONS}/outcome",
    "constitution-options": f"/office/ballots/{OPTIONS}/constitutions/01K",
    "constitution-options-tests": f"/office/ballots/{OPTIONS}/constitutions/01K/form?step=tests",
}
"""What comes after the files, and the longest forms: looked at one after the other, since it is the looking that takes
time."""


@dataclass(frozen=True)
class Office:
    """The office on a port, and the cookie of an officer who is signed in."""

    base: str
    app: Flask
    world: World
    cookie: str


def office_app(world: World) -> Flask:
    """On the loopback, where browsers speak HTTP and cookies need not be Secure."""
    folder = world.folder
    site = Site("NHS Example Integrated Care Board", "the help desk", "help@vote.example.org", "01772 000000")
    table = {"channel": "maildir", "folder": str(folder / "mail"), "from": "a@example.org", "reply_to": "h@example.org"}
    config = Config(
        "",
        folder / "instance",
        "127.0.0.1",
        folder / "config",
        folder / "keys",
        site=site,
        mail=read_mail(table_of(table, "[mail]"), {}),
    )
    return create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world)))


def cookie_of(client: FlaskClient, app: Flask) -> str:
    found = client.get_cookie(app.config["STAFF_COOKIE_NAME"])
    assert found is not None
    return found.value


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with a_world(tmp_path_factory.mktemp("office")) as world:
        app = office_app(world)
        client = staff_client(app, world, StaffRole.RETURNING_OFFICER)
        for id in ("north-2020", "empty-2020"):
            assert post(client, "/office/ballots", id=id, name="North Lancashire merger").status_code == 303
        fill(client)
        roll = (world.folder / "config" / "north-2020" / "roll.csv").read_bytes()
        post(client, f"{BASE}/roll", roll=file(roll.replace(b"2000", b"2001", 1)))
        post(client, f"{EMPTY}/ccgs", listed="00A NHS One CCG")
        for part, data in (
            ("question", QUESTION),
            ("constitutions/00A/form", RULE),
            ("outcome", {"require": "all", "otherwise": "stop"}),
            ("trustees", {"names": "One\nTwo", "threshold": "2"}),
        ):
            post(client, f"{EMPTY}/{part}", **data)
        toml = world.folder / "config" / "north-2020" / "programme.toml"
        window = toml.read_text()[toml.read_text().index("[window]") :].partition("\n\n")[0]
        other = world.folder / "config" / "empty-2020" / "programme.toml"
        other.write_text(f"{other.read_text()}\n{window}\n")
        shutil.copytree(CONFIG / OPTIONS, world.folder / "config" / OPTIONS)
        post(client, f"{EMPTY}/roll", roll=file(roll.replace(b"2000", b"many").replace(b",Y00001,", b",???,")))
        with served(app) as base:
            yield Office(base, app, world, cookie_of(client, app))


def go(page: Page, here: Office, path: str, size: tuple[int, int] = DESK) -> None:
    name = here.app.config["STAFF_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": here.cookie, "url": here.base}])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(here.base + path)
    page.wait_for_selector("body.nhsuk-frontend-supported")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier_and_fits_every_window(page: Page, office: Office, name: str) -> None:
    go(page, office, PAGES[name])

    assert faults_in_every_window(page, f"office-{name}") == []


def look(page: Page, name: str) -> None:
    """At every width."""
    assert (name, faults_in_every_window(page, f"office-{name}")) == (name, [])


def test_no_page_before_sealing_has_a_barrier_or_is_too_wide(page: Page, office: Office) -> None:
    for name, path in LATER.items():
        go(page, office, path)
        look(page, name)


def test_a_rule_is_filled_in_with_entries_added_and_removed_and_without_any_script(
    chromium: Browser, office: Office
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    name = office.app.config["STAFF_COOKIE_NAME"]
    context.add_cookies([{"name": name, "value": office.cookie, "url": office.base}])
    page, rule = context.new_page(), office.world.folder / "config" / OPTIONS / "constitutions" / "00Q.toml"
    before = rule.read_bytes()
    page.goto(f"{office.base}/office/ballots/{OPTIONS}/constitutions/00Q")
    page.get_by_role("link", name="What a vote counts for").click()
    assert page.get_by_label("Number of patients for each vote, or of what else counts").is_hidden()
    page.get_by_label("Yes, in some test or in the quorum").check()
    assert page.get_by_label("Number of patients for each vote, or of what else counts").is_visible()
    page.get_by_label("No: one practice, one vote").check()
    page.get_by_label("No: one practice, one vote").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")  # goes on, and neither saves nor removes anything
    assert page.get_by_role("heading", level=1).inner_text().endswith("What must be met")
    for _ in range(6):
        with page.expect_navigation():
            page.get_by_role("button", name="Remove Test 1").click()
        if page.get_by_role("group", name="Test 2").count() == 0:
            break
    with page.expect_navigation():
        page.get_by_role("button", name="Add another test").click()
    expect(page.locator(f"[id='{page.url.partition('#')[2]}']")).to_be_in_viewport()
    for number, share in (("Test 1", "2/5"), ("Test 2", "1/3")):
        test = page.get_by_role("group", name=number, exact=True)
        test.get_by_label("What is tested").select_option("most-votes")
        test.get_by_label("Share").fill(share)
    with page.expect_navigation():
        page.get_by_role("button", name="Show the rule in words").click()
    beside = page.get_by_role("region", name="The rule in words")
    assert "2/5" in beside.inner_text()
    assert rule.read_bytes() == before
    for _ in range(2):
        with page.expect_navigation():
            page.get_by_role("button", name="Back").click()
    page.get_by_label("Clause", exact=True).fill("9.9")
    with page.expect_navigation():
        page.get_by_role("button", name="Save the rule").last.click()

    read = load_constitution(rule.read_bytes(), "00Q.toml")
    assert [(test.most_votes, test.threshold.written) for test in read.tests] == [(True, "2/5"), (True, "1/3")]
    assert read.source.clause == "9.9"
    context.close()


def test_an_error_takes_the_focus_and_leads_to_its_field(page: Page, watch: Watch, office: Office) -> None:
    watch.expect("status of 400")
    go(page, office, f"{BASE}/window")
    page.get_by_label("Month").last.fill("4")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    assert page.get_by_text("close after it opens").first.is_visible()
    assert barriers(page) == []


def test_an_error_after_add_another_takes_the_focus_and_is_in_sight(page: Page, watch: Watch, office: Office) -> None:
    watch.expect("status of 400")
    go(page, office, f"{BASE}/constitutions/00A/form?step=tests", (400, 700))
    page.get_by_role("button", name="Add another test").click()
    page.wait_for_selector("#rule-tests-1")
    assert "#rule-tests-1" in page.url
    page.get_by_role("button", name="Continue").last.click()

    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    box = page.locator(".nhsuk-error-summary").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 700


def test_a_ballot_is_begun_without_a_mouse_or_a_script(chromium: Browser, office: Office, tmp_path: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    name = office.app.config["STAFF_COOKIE_NAME"]
    context.add_cookies([{"name": name, "value": office.cookie, "url": office.base}])
    page = context.new_page()
    page.goto(f"{office.base}/office/ballots")
    page.get_by_label("Id").focus()
    page.keyboard.type("typed-2020")
    page.keyboard.press("Tab")
    page.keyboard.type("Typed")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.get_by_role("heading", level=1).inner_text().endswith("Typed")
    assert (office.world.folder / "config" / "typed-2020" / "programme.toml").is_file()
    context.close()
