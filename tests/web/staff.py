"""People of the office for tests: `staff_client(app, world, role)` is a test client in which one is signed in.

    client = staff_client(make_app(world), world, StaffRole.DEPUTY)
    client.post("/office/...", data={"csrf_token": token_of(client), ...})

A `Person` has been enrolled with a password and an app, so that a browser can sign in as they do: `person.code(now)`.
"""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from ballot.db.session import transaction
from ballot.db.staff import find_account
from ballot.office.staff.accounts import add_account
from ballot.office.staff.enrol import enrol_with_password, find_enrolment
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import Door, begin_session
from tests.integration.office.world import World

PASSWORD = "correct horse battery staple"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Not to be used for anything else."""


def a_door(world: World) -> Door:
    """The door of this world's office."""
    return Door(world.engine, world.clock, secrets.token_bytes, world.storage, QUICK)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has enrolled, and all that they know."""

    login: str
    password: str
    secret: bytes
    recovery_codes: tuple[str, ...]

    def code(self, now: datetime, step: int = 0) -> str:
        """What their app shows now, or so many half minutes later."""
        return pyotp.TOTP(b32encode(self.secret).decode()).at(int(now.timestamp()) + 30 * step)


def enrolled(world: World, role: StaffRole, login: str | None = None) -> Person:
    """A new person with a password and an app. The app's code of half a minute ago is used up by it."""
    door = a_door(world)
    login = login or f"{role.value}@example.org"
    code = add_account(door, login, f"Test {role.value}".title(), role)
    found = find_enrolment(door, code)
    person = Person(login, PASSWORD, found.app, ())
    codes = enrol_with_password(door, code, PASSWORD, person.code(world.clock(), -1))
    return Person(login, PASSWORD, found.app, tuple(codes))


def staff_client(app: Flask, world: World, role: StaffRole, login: str | None = None) -> FlaskClient:
    """A client in which somebody of this role is signed in, made if they are not there yet."""
    door, login = a_door(world), login or f"{role.value}@example.org"
    with transaction(world.engine) as session:
        known = find_account(session, login) is not None
    if not known:
        enrolled(world, role, login)
    with transaction(world.engine) as session:
        account = find_account(session, login)
        assert account is not None
        id = begin_session(session, door, account, world.clock())
    client = app.test_client()
    client.set_cookie(app.config["STAFF_COOKIE_NAME"], id)
    return client


def token_of(client: FlaskClient, path: str = "/office/confirm") -> str:
    """The token of a form, without which nothing can be sent: from any page that has a form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found is not None, f"{path} has no form"
    return found.group(1)
