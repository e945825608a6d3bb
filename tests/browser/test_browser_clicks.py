"""A whole ballot set up by hand in a real browser, from an empty folder to the proposal to seal it, counting clicks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ballot.office.activity import COMMAND_LINE
from ballot.office.setup.draft import TRUSTEES, Draft
from ballot.office.setup.trial_decryption import add_trial_decryption
from ballot.office.staff.accounts import seated
from ballot.office.staff.roles import StaffRole
from ballot.roll.simple import write_roll
from tests.browser.conftest import served
from tests.browser.office_site import STEP, Office
from tests.browser.test_browser_setting_up import office_app
from tests.browser.watch import Watch
from tests.integration.office.world import CCGS, World, ceremony, make_roll, practices
from tests.web.conftest import a_world
from tests.web.staff import Person, enrolled

MOST = 34
"""The most clicks of both officers and the registrar together, signing in included. The trustees' own are not counted:
test_browser_trustees.py plays their ceremony. Everybody has an account already.
"""
ID = "north-2020"
SOURCE = {
    "Document": "Constitution, version 3",
    "Clause": "6.4",
    "Wording of the clause": "More than half of the votes cast.",
    "Who approves that this form says the same as the clause": "The governing body",
}
RULES = (
    ("More than half of the votes cast. Abstentions are votes cast", "At least half of all practices must vote"),
    ("The same as the clause of NHS 00A CCG",),
    ("More than half of the votes cast, both by practices and by registered patients",),
)
OPENS = {"day": "1", "month": "6", "year": "2020", "hour": "9", "minute": "00"}
CLOSES = {**OPENS, "day": "19", "hour": "17"}


@dataclass
class Hand:
    """One person's mouse: it counts each click and each choice. Typing and choosing a file are not clicks."""

    page: Page
    office: Office
    who: StaffRole
    clicks: Counter[str]
    passphrase: str = "any, since these keys are kept without"
    log: list[str] = field(default_factory=list)

    @cached_property
    def person(self) -> Person:
        return self.office.person(self.who)

    def count(self, what: str) -> None:
        self.clicks[self.who.value] += 1
        self.office.world.clock.now += timedelta(seconds=20)
        self.log.append(what)

    def press(self, name: str) -> None:
        self.count(name)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).last.click()

    def follow(self, name: str) -> None:
        self.count(name)
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name, exact=True).first.click()

    def choose(self, label: str) -> None:
        self.count(label)
        self.page.get_by_label(label, exact=True).check()

    def type(self, **fields: str) -> None:
        for id, text in fields.items():
            self.page.locator(f"[id='{id.replace('__', '-')}']").fill(text)

    def fill(self, fields: dict[str, str]) -> None:
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)

    def upload(self, id: str, name: str, data: bytes) -> None:
        self.page.locator(f"#{id}").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})

    def sees(self, heading: str) -> None:
        assert self.page.get_by_role("heading", level=1).inner_text().endswith(heading)

    def sign_in(self) -> None:
        self.office.world.clock.now += STEP
        person = self.person
        self.page.goto(f"{self.office.base}/office/sign-in")
        self.page.get_by_label("E-mail address").fill(person.login)
        self.page.get_by_label("Password", exact=True).fill(person.password)
        self.page.get_by_label("Code from your authenticator app").fill(person.code(self.office.world.clock.now))
        self.press("Sign in")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with a_world(tmp_path) as world, served(office_app(world)) as base:
        yield Office(base, world)


@pytest.fixture
def other(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """The registrar's browser."""
    yield from another(chromium, watch)


@pytest.fixture
def third(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """The deputy's browser."""
    yield from another(chromium, watch)


def another(chromium: Browser, watch: Watch) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    watch.over(page)
    yield page
    context.close()


def the_trustees_do_their_part(world: World) -> None:
    """The ceremony and the trial decryptions, whose pages have their own tests and clicks."""
    draft = Draft(world.folder / "config" / ID)
    draft.keep(TRUSTEES, json.dumps(ceremony()[0].to_json(), separators=(",", ":")).encode(), world.clock())
    for body in practices():
        add_trial_decryption(world.engine, world.clock, ID, COMMAND_LINE, body, draft)


def test_an_officer_sets_up_a_ballot_of_three_ccgs_in_fewer_than_35_clicks(
    page: Page, other: Page, third: Page, office: Office
) -> None:
    world, clicks = office.world, Counter[str]()
    trustees = [enrolled(world, StaffRole.TRUSTEE, f"trustee{number}@example.org").login for number in (1, 2, 3)]
    deputy = Hand(third, office, StaffRole.DEPUTY, clicks)
    officer = Hand(page, office, StaffRole.RETURNING_OFFICER, clicks)
    registrar = Hand(other, office, StaffRole.REGISTRAR, clicks)

    officer.sign_in()
    officer.follow("Set up a ballot")
    officer.type(id=ID, name="North Lancashire merger")
    officer.press("Save and go to the first task")
    officer.sees("Write the question")
    officer.type(questions__0__text="Do you agree to the merger?")
    officer.press("Save and go to the next task")
    officer.sees("List the CCGs")
    officer.type(listed="\n".join(f"{ccg} NHS {ccg} CCG" for ccg in CCGS))
    officer.press("Save and go to the next task")
    officer.type(**{f"opens__{part}": value for part, value in OPENS.items()})
    officer.type(**{f"closes__{part}": value for part, value in CLOSES.items()})
    officer.press("Save and go to the next task")
    assert page.get_by_label("Every one of them").is_checked()
    officer.press("Save and go to the next task")

    # Two CCGs with the same clause and quorum, and one that counts patients too. Each rule is read whole before saving.
    for number, chosen in enumerate(RULES):
        officer.sees(f"Constitution of NHS {CCGS[number]} CCG")
        officer.fill(SOURCE)
        for label in chosen:
            officer.choose(label)
        if number == 2:
            officer.type(snapshot="2020-04-01")
        officer.press("Continue")
        officer.sees("Check the rule")
        assert "more than 1/2 must be for" in page.inner_text("main")
        following = [*(f"NHS {ccg} CCG" for ccg in CCGS[1:]), "the next task"][number]
        officer.press(f"Save and go to {following}")
    officer.sees("Name the trustees, and add the key they made")
    officer.type(names="One\nTwo\nThree", threshold="2", accounts="\n".join(trustees))
    officer.press("Save and go to the next task")
    officer.upload("roll", "roll.csv", write_roll(make_roll(practices=60).members))
    officer.press("Upload and check")
    page.get_by_text("180 practices of 3 CCGs.").wait_for()

    deputy.sign_in()
    deputy.follow("Confirm or refuse 3 changes to people's accounts")
    deputy.press("Confirm all 3 places of trustees")
    assert seated(world.engine, ID) == dict.fromkeys((1, 2, 3), "Test Trustee")
    the_trustees_do_their_part(world)

    world.clock.now += timedelta(days=2)
    officer.sign_in()
    officer.follow("Prepare the ballot")
    officer.type(passphrase=officer.passphrase)
    officer.press("Prepare the ballot")
    officer.count("Download the backup")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the backup").click()
    officer.upload("backup", "server.backup", Path(download.value.path()).read_bytes())
    officer.type(officer=officer.passphrase, deputy=officer.passphrase)
    officer.press("Test the backup")

    registrar.sign_in()
    registrar.follow("Issue the voting links")
    registrar.type(passphrase=registrar.passphrase)
    registrar.press("Issue the voting links")

    officer.follow("send me the invitation")
    officer.type(practice=world.roll.members[0].practice)
    officer.press("Send it to me")
    officer.follow("propose to seal the ballot")
    assert "Fingerprint of the sealed programme" in page.inner_text("main")
    officer.type(passphrase=officer.passphrase)
    officer.press("Propose")

    page.get_by_text("You cannot approve your own proposal").wait_for()
    assert clicks.total() <= MOST, (clicks, officer.log)
    assert clicks["registrar"] == clicks["deputy"] == 3
