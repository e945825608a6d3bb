"""No form is lost through signing in, a proof of identity, or a session that is over; and no passphrase is kept."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from wtforms import Form

from ballot.db.session import transaction
from ballot.db.sessions import KeptFormRow
from ballot.office.staff.accounts import disable_account
from ballot.office.staff.kept_forms import LARGEST
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import IDLE, KEPT
from ballot.web.forms import PasswordField
from tests.integration.office.world import World
from tests.web.conftest import make_app
from tests.web.staff import Person, a_door, enrolled, staff_client, token_of
from tests.web.test_web_two_people import EXTEND

NEW = "/office/ballots/merger/proposals/new/extend"
BROWSER = {"Accept": "text/html"}
SECRET = "my passphrase, which no one else knows"


@pytest.fixture
def app(opened: World) -> Flask:
    return make_app(opened)


@pytest.fixture
def ann(opened: World) -> Person:
    return enrolled(opened, StaffRole.RETURNING_OFFICER, "ann@example.org")


def send(client: FlaskClient, token: str, **more: str) -> TestResponse:
    data = {"csrf_token": token, **EXTEND, "passphrase": SECRET, **more}
    return client.post(NEW, data=data, headers=BROWSER)


def sign_in_again(client: FlaskClient, world: World, person: Person, path: str) -> str:
    """Where one is led after signing in at this address."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert token is not None
    world.clock.now += timedelta(seconds=30)
    data = {"login": person.login, "password": person.password, "code": person.code(world.clock.now)}
    answer = client.post(path, data={"csrf_token": token[1], **data}, headers=BROWSER)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def kept_fields(page: str) -> dict[str, str]:
    form = page.partition("<main")[2]
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    }


def rows(world: World) -> list[bytes]:
    with world.reading() as session:
        return [row.body for row in session.query(KeptFormRow)]


def test_what_was_typed_before_the_session_was_over_is_put_back_after_signing_in(
    app: Flask, opened: World, ann: Person
) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token = token_of(client)
    opened.clock.now += IDLE + timedelta(seconds=1)
    staff_client(app, opened, StaffRole.DEPUTY)  # someone else signs in meanwhile

    answer = send(client, token)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/office/sign-in?next=/office/kept"
    assert sign_in_again(client, opened, ann, answer.headers["Location"]) == "/office/kept"
    page = client.get("/office/kept").text
    assert f'action="{NEW}"' in page
    found = kept_fields(page)
    assert found.items() >= EXTEND.items()

    back = client.post(NEW, data=found, headers=BROWSER)
    assert "Enter the passphrase" in back.text
    assert 'value="31"' in back.text
    assert "Dr A rang" in back.text


def test_what_was_typed_before_a_proof_was_asked_for_is_put_back_too(app: Flask, opened: World, ann: Person) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token = token_of(client)
    opened.clock.now += timedelta(minutes=6)
    assert send(client, token).headers["Location"] == "/office/confirm?next=/office/kept"
    assert kept_fields(client.get("/office/kept").text)["note"] == "Dr A rang"


def test_no_passphrase_is_kept_and_nothing_can_be_read_in_the_table(app: Flask, opened: World, ann: Person) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token = token_of(client)
    opened.clock.now += timedelta(minutes=6)
    send(client, token)
    (body,) = rows(opened)
    assert b"Dr A rang" not in body
    assert SECRET.encode() not in opened.storage.open(body, "it")
    assert SECRET not in client.get("/office/kept").text


def test_only_the_same_account_gets_it_back_and_only_for_an_hour(app: Flask, opened: World, ann: Person) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token = token_of(client)
    opened.clock.now += timedelta(minutes=6)
    send(client, token)
    other = staff_client(app, opened, StaffRole.DEPUTY)
    assert other.get("/office/kept").headers["Location"] == "/office"
    with opened.reading() as session:
        row = session.query(KeptFormRow).one()
    opened.clock.now = row.kept_at + KEPT
    again = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    assert again.get("/office/kept").headers["Location"] == "/office"


@pytest.mark.parametrize("why", ["a stranger", "another's form", "signed out", "too large", "disabled"])
def test_nothing_is_kept_for(app: Flask, opened: World, ann: Person, why: str) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token, more = token_of(client), {}
    if why == "a stranger":
        client.delete_cookie(app.config["STAFF_COOKIE_NAME"])
    if why == "another's form":
        token = "forged"
    if why == "signed out":
        client.post("/office/sign-out", data={"csrf_token": token})
    if why == "too large":
        more = {"note": "x" * LARGEST}
    if why == "disabled":
        disable_account(a_door(opened), ann.login)
    opened.clock.now += IDLE + timedelta(seconds=1)
    assert send(client, token, **more).status_code in (303, 413)
    assert rows(opened) == []


def test_a_new_form_takes_the_place_of_the_one_before_and_old_ones_go(app: Flask, opened: World, ann: Person) -> None:
    client = staff_client(app, opened, StaffRole.RETURNING_OFFICER, ann.login)
    token = token_of(client)
    opened.clock.now += timedelta(minutes=6)
    for note in ("first", "second"):
        send(client, token, note=note)
    assert len(rows(opened)) == 1
    assert kept_fields(client.get("/office/kept").text)["note"] == "second"
    with transaction(opened.engine) as session:
        account_id = session.query(KeptFormRow).one().account_id
    opened.clock.now += KEPT + timedelta(seconds=1)
    staff_client(app, opened, StaffRole.DEPUTY)  # anyone who signs in
    with opened.reading() as session:
        assert session.get(KeptFormRow, account_id) is None


def test_a_field_for_a_secret_that_keeping_would_not_leave_out_cannot_be_made() -> None:
    class Odd(Form):
        pin = PasswordField("PIN")

    with pytest.raises(LookupError, match="pin"):
        Odd()
