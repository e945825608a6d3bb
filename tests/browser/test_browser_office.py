"""Signing in to the office in a real browser: passkeys by a virtual authenticator, password and app, no barrier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from ballot.office.staff.roles import StaffRole
from tests.browser.barriers import faults_in_every_window
from tests.browser.office_site import Office, add_authenticator, office_site, sign_in
from tests.browser.watch import Watch
from tests.web.staff import PASSWORD


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with office_site(tmp_path) as office:
        yield office


def start_enrolment(page: Page, office: Office) -> None:
    """As far as the choice."""
    page.goto(office.enrolment_link("ann@example.org", "Ann Smith", StaffRole.RETURNING_OFFICER))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Choose how to sign in").wait_for()


def enrol_with_passkey(page: Page, office: Office) -> list[str]:
    """The recovery codes."""
    start_enrolment(page, office)
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    return page.locator("ol code").all_inner_texts()


def sign_in_with_passkey(page: Page, office: Office) -> None:
    page.goto(f"{office.base}/office/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="The office").wait_for()


def test_a_person_enrols_and_signs_in_with_a_passkey(page: Page, office: Office) -> None:
    add_authenticator(page)

    codes = enrol_with_passkey(page, office)
    sign_in_with_passkey(page, office)

    assert len(codes) == 10
    assert "Signed in as Ann Smith, returning officer" in page.inner_text("body")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/office/sign-in")
    page.goto(f"{office.base}/office")
    assert page.url == f"{office.base}/office/sign-in?next=/office"


def test_the_code_in_the_link_is_taken_out_of_the_address(page: Page, office: Office) -> None:
    link = office.enrolment_link("ann@example.org", "Ann Smith", StaffRole.RETURNING_OFFICER)
    page.goto(link)

    assert page.url == f"{office.base}/office/enrol"
    assert page.get_by_label("Enrolment code").input_value() == link.partition("#")[2]


def test_a_link_that_is_opened_over_the_open_page_fills_it_in_too(page: Page, office: Office) -> None:
    page.goto(f"{office.base}/office/enrol")
    start_enrolment(page, office)


def test_whoever_is_not_checked_by_the_passkey_is_not_let_in(page: Page, office: Office, watch: Watch) -> None:
    session, id = add_authenticator(page)
    enrol_with_passkey(page, office)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": id, "isUserVerified": False})

    page.goto(f"{office.base}/office/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Continue").click()

    page.get_by_text("You chose nothing, or it took too long. Try again.").wait_for()
    page.goto(f"{office.base}/office")
    assert page.url.startswith(f"{office.base}/office/sign-in")


def test_a_copied_passkey_whose_count_falls_back_is_refused(page: Page, office: Office, watch: Watch) -> None:
    session, id = add_authenticator(page)
    enrol_with_passkey(page, office)
    sign_in_with_passkey(page, office)
    (kept,) = session.send("WebAuthn.getCredentials", {"authenticatorId": id})["credentials"]
    session.send("WebAuthn.clearCredentials", {"authenticatorId": id})
    session.send("WebAuthn.addCredential", {"authenticatorId": id, "credential": {**kept, "signCount": 0}})
    page.get_by_role("button", name="Sign out").click()
    watch.expect("status of 403")

    page.goto(f"{office.base}/office/sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("alert").get_by_text("The details you entered do not match an account.").wait_for()


def test_a_grave_act_asks_again_after_five_minutes_and_a_passkey_answers(page: Page, office: Office) -> None:
    add_authenticator(page)
    enrol_with_passkey(page, office)
    sign_in_with_passkey(page, office)
    office.world.clock.now += timedelta(minutes=6)

    page.goto(f"{office.base}/office/account")
    page.get_by_role("button", name="Make 10 new recovery codes").click()
    page.get_by_role("heading", name="Confirm your identity").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Make 10 new recovery codes?").wait_for()
    page.get_by_role("button", name="Make them").click()

    page.get_by_role("heading", name="Your recovery codes").wait_for()


def test_a_second_passkey_is_added_and_the_last_one_stays(page: Page, office: Office, watch: Watch) -> None:
    session, id = add_authenticator(page)
    enrol_with_passkey(page, office)
    sign_in_with_passkey(page, office)
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": id})
    add_authenticator(page, "usb")

    page.goto(f"{office.base}/office/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("button", name="Remove passkey 2").wait_for()
    page.get_by_role("button", name="Remove passkey 1").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_role("button", name="Remove passkey 2").wait_for(state="detached")
    watch.expect("status of 400")
    page.get_by_role("button", name="Remove passkey 1").click()
    page.get_by_role("button", name="Remove it").click()

    page.get_by_text("You have no other way to sign in.").wait_for()


def test_a_person_enrols_and_signs_in_with_password_and_app_without_any_script(
    chromium: Browser, office: Office
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    link = office.enrolment_link("bea@example.org", "Bea Jones", StaffRole.DEPUTY)
    page.goto(link)
    page.get_by_label("Enrolment code").fill(link.partition("#")[2].lower())
    page.get_by_role("button", name="Continue").click()
    app = pyotp.TOTP(page.locator("main code").inner_text())
    page.get_by_label("Choose a password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_label("Code that the app shows now").fill(app.at(int(office.world.clock.now.timestamp()) - 30))
    page.get_by_role("button", name="Set the password and the app").click()
    codes = page.locator("ol code").all_inner_texts()

    page.get_by_role("link", name="Sign in now").click()
    page.get_by_label("E-mail address").fill("Bea@Example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code from your authenticator app").fill(app.at(int(office.world.clock.now.timestamp())))
    page.get_by_role("button", name="Sign in", exact=True).click()

    assert "Signed in as Bea Jones, deputy returning officer" in page.inner_text("body")
    assert all(re.fullmatch(r"\d(-[0-9A-Z]{4}){6}", code) for code in codes)
    context.close()


def test_no_page_at_the_door_has_a_barrier_or_is_too_wide(page: Page, office: Office, watch: Watch) -> None:
    def look(name: str) -> None:
        page.wait_for_selector("body.nhsuk-frontend-supported")
        assert faults_in_every_window(page, f"office-{name}") == []

    add_authenticator(page)
    page.goto(f"{office.base}/office/enrol")
    look("enrol")
    start_enrolment(page, office)
    look("choose")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    look("recovery-codes")
    page.goto(f"{office.base}/office/recover")
    look("recover")
    page.goto(f"{office.base}/office/sign-in")
    look("sign-in")
    page.get_by_role("button", name="Use a passkey").click()
    look("passkey")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="The office").wait_for()
    look("front")
    page.goto(f"{office.base}/office/account")
    look("account")
    page.get_by_role("button", name="Add a passkey").click()
    look("new-passkey")
    page.goto(f"{office.base}/office/confirm")
    look("confirm")
    page.goto(f"{office.base}/office/account/password")
    look("password")
    watch.expect("status of 400")
    page.goto(f"{office.base}/office/confirm")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("There is a problem").wait_for()
    look("confirm-with-errors")


def test_signing_in_by_password_is_there_for_other_tests(page: Page, office: Office) -> None:
    sign_in(page, office, office.person(StaffRole.OBSERVER))

    assert "observer" in page.inner_text("body")
