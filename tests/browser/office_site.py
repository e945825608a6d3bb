"""The office in a browser: an app under the name localhost, where browsers allow passkeys without TLS, and signing in.

with office_site(folder) as office:
    person = office.person(StaffRole.DEPUTY)
    sign_in(page, office, person)                 # password and app
    authenticator = add_authenticator(page)       # a virtual one, which says yes
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from playwright.sync_api import CDPSession, Page

from ballot.config import Config, Site
from ballot.office.staff.accounts import add_account
from ballot.office.staff.roles import StaffRole
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.browser.conftest import served
from tests.integration.office.world import World
from tests.web.conftest import a_world
from tests.web.staff import Person, a_door, enrolled

STEP = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Office:
    """Where it is, and the world behind it, whose clock tests may put on."""

    base: str
    world: World

    def person(self, role: StaffRole) -> Person:
        """Somebody who has enrolled with a password and an app."""
        return enrolled(self.world, role)

    def enrolment_link(self, login: str, name: str, role: StaffRole) -> str:
        """As `ballot staff add` prints it."""
        return f"{self.base}/office/enrol#{add_account(a_door(self.world), login, name, role)}"


@contextmanager
def office_site(folder: Path) -> Iterator[Office]:
    """An installation with nothing in it but the office."""
    with a_world(folder) as world, served(office_app(world)) as base:
        yield Office(base.replace("127.0.0.1", "localhost"), world)


def office_app(world: World, site: Site | None = None) -> Flask:
    """The app of a world under the name localhost."""
    folder = world.folder
    config = Config("", folder / "instance", "localhost", folder / "config", folder / "keys", site=site or Site())
    return create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world)))


def sign_in(page: Page, office: Office, person: Person) -> None:
    """With password and app, half a minute later than whatever was before, as each code works once."""
    office.world.clock.now += STEP
    page.goto(f"{office.base}/office/sign-in")
    page.get_by_label("E-mail address").fill(person.login)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_label("Code from your authenticator app").fill(person.code(office.world.clock.now))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{office.base}/office")


def add_authenticator(page: Page, transport: str = "internal") -> tuple[CDPSession, str]:
    """A virtual authenticator that keeps passkeys and says yes; how to speak to it, and its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session, str(made["authenticatorId"])
