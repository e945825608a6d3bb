"""Two officers in two browsers: one proposes, the other reads and approves; and no page has a barrier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ballot.office.staff.roles import StaffRole
from tests.browser.barriers import DESK, faults_in_every_window, resize
from tests.browser.office_site import Office, office_site, sign_in
from tests.browser.watch import Watch
from tests.integration.office.world import CLOSES

LATER = {"Day": "31", "Month": "5", "Year": "2020", "Hour (24-hour clock)": "17", "Minute": "00"}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_site(tmp_path) as office:
        office.world.open()
        yield office


@pytest.fixture
def other(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """The other officer's browser."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    watch.over(page)
    yield page
    context.close()


def fill_in(page: Page, office: Office, hour: str = "17") -> None:
    """The form of an extension, as far as the button."""
    page.goto(f"{office.base}/office/ballots/merger/proposals")
    page.get_by_role("link", name="Keep voting open for longer").click()
    page.get_by_label("CCG", exact=True).select_option("00A")
    for label, value in (LATER | {"Hour (24-hour clock)": hour}).items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Reason, which is published").select_option("technical-failure")
    page.get_by_label("Note (optional)").fill("The mail server was down on Monday")
    page.locator("#passphrase").fill("any, since these keys are kept without")


def test_two_officers_in_two_browsers_extend_and_no_page_has_a_barrier(
    page: Page, other: Page, office: Office, watch: Watch
) -> None:
    for each in (page, other):
        resize(each, DESK)

    def look(seen: Page, name: str) -> None:
        seen.wait_for_selector("body.nhsuk-frontend-supported")
        assert faults_in_every_window(seen, f"office-{name}") == []

    sign_in(page, office, office.person(StaffRole.RETURNING_OFFICER))
    sign_in(other, office, office.person(StaffRole.DEPUTY))
    page.goto(f"{office.base}/office/proposals")
    look(page, "proposals-programmes")
    fill_in(page, office, hour="25")
    watch.expect("status of 400")
    page.get_by_role("button", name="Propose").click()
    page.get_by_text("There is a problem").wait_for()
    look(page, "propose-with-errors")
    fill_in(page, office)
    look(page, "propose")
    page.get_by_role("button", name="Propose").click()
    page.get_by_text("You cannot approve your own proposal").wait_for()
    look(page, "proposal-own")
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw it").wait_for()
    look(page, "withdraw")

    other.goto(f"{office.base}/office/ballots/merger/proposals")
    look(other, "proposals")
    other.get_by_role("table").get_by_role("link").first.click()
    shown = other.locator("dl").first.inner_text()
    assert "5pm on Sunday 31 May 2020, British Summer Time; that is 16:00:00 UTC" in shown
    assert not other.locator("pre").is_visible()
    other.get_by_text("The same, byte for byte").click()
    assert "New closing time: 5pm on Sunday 31 May 2020" in other.locator("pre").inner_text()
    look(other, "proposal")
    there = other.url
    other.get_by_role("button", name="Decline").click()
    other.get_by_role("button", name="Decline it").wait_for()
    look(other, "decline")
    other.goto(there)
    other.locator("#passphrase").fill("any")
    assert office.world.row().closes_at == CLOSES
    other.get_by_role("button", name="Approve exactly this and carry it out").click()
    other.get_by_text("Approved and done").wait_for()
    look(other, "proposal-done")
    assert office.world.row().closes_at > CLOSES
    assert other.locator("dl").first.inner_text() == shown
    other.goto(f"{office.base}/office/activity")
    other.get_by_label("What", exact=True).select_option("Closing time extended")
    other.get_by_role("button", name="Show these entries").click()
    other.get_by_role("heading", name="1 entry").wait_for()
    other.locator("details.app-log summary").click()
    assert "technical failure" in other.inner_text("details.app-log dl")
    look(other, "activity")
    watch.expect("status of 400")
    other.goto(f"{office.base}/office/activity?since=yesterday")
    look(other, "activity-with-errors")


def test_what_was_typed_is_put_back_after_a_proof_and_no_page_has_a_barrier(
    page: Page, office: Office, watch: Watch
) -> None:
    resize(page, DESK)
    person = office.person(StaffRole.RETURNING_OFFICER)
    sign_in(page, office, person)
    fill_in(page, office)
    office.world.clock.now += timedelta(minutes=6)
    page.get_by_role("button", name="Propose").click()
    page.get_by_role("heading", name="Confirm your identity").wait_for()
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_label("Code from your authenticator app").fill(person.code(office.world.clock.now))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="What you typed is still here").wait_for()
    assert faults_in_every_window(page, "office-kept") == []
    watch.expect("status of 400")
    page.get_by_role("button", name="Continue with the form").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    assert page.get_by_label("Note (optional)").input_value() == "The mail server was down on Monday"
    assert page.locator("#passphrase").input_value() == ""
