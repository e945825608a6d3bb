"""Accounts on the pages: one officer asks, the other confirms, and neither can give access alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.staff import AccountRow, find_account
from ballot.office.staff.accounts import seated
from ballot.office.staff.enrol import find_enrolment
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World, write_folder
from tests.web.conftest import make_app
from tests.web.staff import a_door, enrolled, staff_client, token_of

RO, DEPUTY, TRUSTEE = StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY, StaffRole.TRUSTEE
NEW = {"name": "Ann Smith", "login": "Ann@Example.org", "role": "registrar"}
PEOPLE = "/office/people"


@pytest.fixture
def app(world: World) -> Flask:
    return make_app(world)


@pytest.fixture
def officer(app: Flask, world: World) -> FlaskClient:
    return staff_client(app, world, RO)


@pytest.fixture
def deputy(app: Flask, world: World) -> FlaskClient:
    return staff_client(app, world, DEPUTY)


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data})


def waiting(client: FlaskClient) -> str:
    """The address of the one change that waits."""
    (found,) = re.findall(rf'action="({PEOPLE}/changes/[0-9a-f]+)/refuse"', client.get(PEOPLE).text)
    return str(found)


def account(world: World, login: str) -> AccountRow | None:
    with world.reading() as session:
        return find_account(session, login)


def id_of(world: World, login: str) -> int:
    found = account(world, login)
    assert found is not None
    return found.id


def test_a_person_is_added_when_the_other_officer_confirms_and_the_link_is_shown_once(
    world: World, officer: FlaskClient, deputy: FlaskClient
) -> None:
    assert post(officer, f"{PEOPLE}/add", **NEW).status_code == 303
    assert account(world, "ann@example.org") is None
    assert "Add Ann Smith, ann@example.org, as registrar" in deputy.get(PEOPLE).text

    asks = "Confirm or refuse a change to people's accounts"
    assert asks in deputy.get("/office").text
    assert "Nothing is waiting for you." not in deputy.get("/office").text
    assert asks not in officer.get("/office").text

    change = waiting(deputy)
    page = post(deputy, f"{change}/confirm").text

    found = re.search(r"https://vote\.example\.org/office/enrol#([0-9A-Z-]{24})<", page)
    assert found is not None
    assert find_enrolment(a_door(world), found[1]).login == "ann@example.org"
    assert found[1] not in deputy.get(PEOPLE).text
    with world.reading() as session:
        entries = list_activity(session, ActivityFilter(act="account-changed"))
    entry = next(entry for entry in entries if "ann@example.org" in entry.details)
    assert (entry.actor, entry.second) == ("returning-officer@example.org", "deputy@example.org")


def test_no_officer_can_confirm_their_own_request_nor_another_of_the_same_role(
    app: Flask, world: World, officer: FlaskClient
) -> None:
    post(officer, f"{PEOPLE}/add", **NEW)
    same = staff_client(app, world, RO, "another@example.org")
    for client in (officer, same):
        assert "/confirm" not in client.get(PEOPLE).text
        answer = post(client, f"{waiting(officer)}/confirm")
        assert (answer.status_code, "The other officer must confirm this." in answer.text) == (409, True)
    assert account(world, "ann@example.org") is None


def test_a_role_an_enrolment_and_an_end_are_changed_by_two(
    world: World, officer: FlaskClient, deputy: FlaskClient
) -> None:
    enrolled(world, StaffRole.OBSERVER, "olive@example.org")
    one = f"{PEOPLE}/{id_of(world, 'olive@example.org')}"
    for what in ("role-changed:registrar", "reset", "disabled"):
        assert post(officer, one, what=what).status_code == 303
        before = account(world, "olive@example.org")
        assert before is not None
        assert post(deputy, f"{waiting(deputy)}/confirm").status_code in (200, 303)
        after = account(world, "olive@example.org")
        assert after is not None
        changed = (before.role, before.password, before.disabled_at) != (after.role, after.password, after.disabled_at)
        assert changed, what
    assert (after.role, after.password, after.disabled_at is not None) == ("registrar", None, True)


def test_an_officer_alone_can_only_sign_a_person_out(app: Flask, world: World, officer: FlaskClient) -> None:
    observer = staff_client(app, world, StaffRole.OBSERVER)
    assert observer.get(PEOPLE).status_code == 200

    one = f"{PEOPLE}/{id_of(world, 'observer@example.org')}"
    assert post(officer, one, what="sign-out").status_code == 303

    assert observer.get(PEOPLE).status_code == 401


def test_a_trustee_is_seated_in_a_place_of_the_settings(
    world: World, officer: FlaskClient, deputy: FlaskClient
) -> None:
    write_folder(world.folder / "config" / "merger", "merger", "final")
    enrolled(world, TRUSTEE)
    one = f"{PEOPLE}/{id_of(world, 'trustee@example.org')}"
    assert post(officer, one, what="seated:9:merger").status_code == 400
    assert post(officer, one, what="seated:2:merger").status_code == 303
    assert post(deputy, f"{waiting(deputy)}/confirm").status_code == 303
    assert seated(world.engine, "merger") == {2: "Test Trustee"}


def test_a_request_ends_by_refusal_or_withdrawal_or_after_three_days(
    world: World, officer: FlaskClient, deputy: FlaskClient
) -> None:
    for client in (officer, deputy):
        post(officer, f"{PEOPLE}/add", **NEW)
        change = waiting(client)
        assert post(client, f"{change}/refuse").status_code == 303
        assert post(deputy, f"{change}/confirm").status_code == 409
    post(officer, f"{PEOPLE}/add", **NEW)
    change = waiting(officer)
    world.clock.now += timedelta(hours=73)
    deputy = staff_client(make_app(world), world, DEPUTY)
    assert "No change waits." in deputy.get(PEOPLE).text
    assert post(deputy, f"{change}/confirm").status_code == 409


def test_what_cannot_be_is_refused_before_the_other_officer_is_asked(world: World, officer: FlaskClient) -> None:
    again = NEW | {"login": "returning-officer@example.org"}
    answer = post(officer, f"{PEOPLE}/add", **again)
    assert (answer.status_code, "There is already an account" in answer.text) == (400, True)
    assert "No change waits." in officer.get(PEOPLE).text


def test_trustees_are_given_their_places_with_their_names_and_the_other_officer_confirms_all_at_once(
    world: World, officer: FlaskClient, deputy: FlaskClient
) -> None:
    write_folder(world.folder / "config" / "merger", "merger", "final")
    for number in (1, 2):
        enrolled(world, TRUSTEE, f"t{number}@example.org")
    trustees, sent = "/office/ballots/merger/trustees", {"names": "One\nTwo\nThree", "threshold": "2"}
    for accounts, says in (
        ("t1@example.org\nT1@example.org", "different address"),
        ("deputy@example.org", "is not the account of a trustee"),
        ("\n\n\nt1@example.org", "no more addresses than trustees"),
    ):
        answer = post(officer, trustees, **sent, accounts=accounts)
        assert (answer.status_code, says in answer.text) == (400, True), says
    assert post(officer, trustees, **sent, accounts="t1@example.org\n\nt2@example.org").status_code == 303
    assert post(officer, trustees, **sent, accounts="t1@example.org\n\nt2@example.org").status_code == 303
    assert "t1@example.org\n\nt2@example.org</textarea>" in officer.get(trustees).text
    assert seated(world.engine, "merger") == {}

    page = deputy.get(PEOPLE).text
    assert "Confirm all 2 places of trustees" in page
    assert "Confirm all" not in officer.get(PEOPLE).text
    places = re.findall(r'name="place" value="([0-9a-f]+)"', page)
    assert post(officer, f"{PEOPLE}/add", **NEW).status_code == 303
    everything = re.findall(rf"{PEOPLE}/changes/([0-9a-f]+)/refuse", deputy.get(PEOPLE).text)
    assert len(everything) == 3
    data = {"csrf_token": token_of(deputy), "place": [everything[-1], *places]}
    assert deputy.post(f"{PEOPLE}/changes/confirm-places", data=data).status_code == 303
    assert list(seated(world.engine, "merger")) == [1, 3]
    assert account(world, "ann@example.org") is None
