"""Every route of the office, tried by every role and without signing in, with our form and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.tables import Base
from ballot.office.staff.accounts import seat_trustee
from ballot.office.staff.roles import StaffRole
from ballot.web import access
from ballot.web.access import AccessRule, NoRule, allow
from tests.integration.office.world import World
from tests.web.conftest import a_world, make_app
from tests.web.staff import a_door, enrolled, staff_client, token_of

ONE = StaffRole.REGISTRAR
"""The role of the route that these tests add, to see that the others are kept out."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On one database: who may do what is decided before any of the SQL that differs."""
    with a_world(tmp_path_factory.mktemp("office")) as world:
        yield world


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    """The app, with one route more that is for a single role."""
    app = make_app(world)

    @app.route("/office/one-role", methods=["GET", "POST"])
    @allow(AccessRule.STAFF, ONE)
    def one_role() -> str:
        return "done"

    access.check(app)
    return app


def office_routes(app: Flask) -> list[tuple[str, str, access.Access]]:
    """Method, address and rule of everything that is for forms or staff."""
    found = []
    for route in app.url_map.iter_rules():
        rule = access.rule_of(app, route.endpoint)
        if rule.rule in (AccessRule.FORM, AccessRule.STAFF):
            _, address = route.build({name: FILLED_BY_NAME.get(name, 1) for name in route.arguments}) or ("", "")
            found += [(method, address, rule) for method in sorted((route.methods or set()) & {"GET", "POST"})]
    return sorted(found, key=lambda one: one[:2])


@pytest.mark.parametrize("role", [StaffRole.RETURNING_OFFICER, StaffRole.REGISTRAR, StaffRole.TRUSTEE])
def test_every_page_of_a_sealed_programme_shows_its_fingerprint(tmp_path: Path, role: StaffRole) -> None:
    with a_world(tmp_path) as world:
        (world.open().folder / "config" / "merger").symlink_to(world.programme_folder)
        app = make_app(world)
        client = staff_client(app, world, role)
        if role is StaffRole.TRUSTEE:
            seat_trustee(a_door(world), "trustee@example.org", "merger", 1)
        with world.reading() as session:
            row = find_programme(session, "merger")
            assert row is not None
        seen = 0
        for method, address, rule in office_routes(app):
            if method == "GET" and "/merger" in address and role in rule.roles:
                answer = client.get(address)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    assert row.fingerprint in answer.text, address
                    seen += 1
        assert seen >= (1 if role is StaffRole.TRUSTEE else 5)


FILLED_BY_NAME: dict[str, object] = {"programme": "merger", "ccg": "00A", "practice": "Y00001"}
"""What stands for the parts of an address; anything else is 1."""


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with reading(engine) as session:
        tables = Base.metadata.sorted_tables
        return {table.name: sorted(map(tuple, session.execute(select(table))), key=repr) for table in tables}


def open_with(client: FlaskClient, method: str, address: str, token: str | None = None) -> int:
    sent = {"data": {"csrf_token": token}} if token else {}
    return client.open(address, method=method, **sent).status_code


def open_as_staff(client: FlaskClient, method: str, address: str) -> TestResponse:
    """As from a form of ours."""
    return client.open(address, method=method, data={"csrf_token": token_of(client)} if method == "POST" else None)


def word_of(answer: TestResponse) -> str | None:
    """The word of a refusal."""
    word: str | None = (answer.get_json(silent=True) or {}).get("word")
    return word


def test_there_are_routes_for_staff_and_none_of_the_office_is_for_anyone(app: Flask) -> None:
    listed = access.routes(app)

    assert len(office_routes(app)) > 15
    assert [line for line in listed if " /office" in line and line.endswith(" public")] == []


def test_nobody_gets_past_the_door(app: Flask) -> None:
    client = app.test_client()
    token = token_of(client, "/office/sign-in")
    for method, address, rule in office_routes(app):
        if rule.rule is AccessRule.STAFF:
            assert open_with(client, method, address, token) == 401, f"{method} {address}"
            page = client.open(address, method=method, data={"csrf_token": token}, headers={"Accept": "text/html"})
            assert page.status_code == 303
            assert page.headers["Location"].startswith("/office/sign-in?next=/office")


@pytest.mark.parametrize("role", StaffRole)
def test_a_role_gets_where_the_rule_lets_it(app: Flask, world: World, role: StaffRole) -> None:
    for method, address, rule in office_routes(app):
        if rule.rule is AccessRule.STAFF and role in rule.roles:
            client = staff_client(app, world, role)
            answer = open_as_staff(client, method, address)
            assert word_of(answer) != "not-for-your-role", f"{method} {address} {role.value}: {answer.status}"
            assert answer.status_code != 401 or rule.recent


@pytest.mark.parametrize("role", StaffRole)
def test_a_role_gets_nowhere_else_and_changes_nothing_there(app: Flask, world: World, role: StaffRole) -> None:
    client = staff_client(app, world, role)
    before = everything(world.engine)
    for method, address, rule in office_routes(app):
        if rule.rule is AccessRule.STAFF and role not in rule.roles:
            answer = open_as_staff(client, method, address)
            assert (answer.status_code, word_of(answer)) == (403, "not-for-your-role"), f"{method} {address}"
    assert everything(world.engine) == before


def test_whoever_is_held_back_is_in_the_log_by_number_and_word(
    app: Flask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = staff_client(app, world, StaffRole.OBSERVER)
    with caplog.at_level("WARNING", "ballot.staff"):
        client.post("/office/one-role", data={"csrf_token": token_of(client)})
        client.post("/office/sign-out")
        app.test_client().get("/office/account")
    told = [re.sub(r"account \d+", "account N", record.getMessage()) for record in caplog.records]
    assert told == [
        "account N: not-for-your-role at one_role",
        "account N: form-not-ours at sign_in.sign_out_here",
        "account unknown: not-signed-in at account.account_page",
    ]
    assert "example.org" not in caplog.text


@pytest.mark.parametrize("sent", ["no token", "another's token", "another site"])
def test_what_no_form_of_ours_sent_changes_nothing(app: Flask, world: World, sent: str) -> None:
    others = {role: token_of(staff_client(app, world, role)) for role in StaffRole}
    clients = {role: staff_client(app, world, role) for role in StaffRole}
    headers = {"Sec-Fetch-Site": "cross-site"} if sent == "another site" else {}
    somewhere = {"REMOTE_ADDR": f"192.0.2.{len(sent)}"}  # so that the limit of requests from one address is not reached
    before = everything(world.engine)
    for method, address, rule in office_routes(app):
        if method != "POST":
            continue
        role = min(rule.roles, key=lambda role: role.value, default=StaffRole.OBSERVER)
        tokens = {"no token": "", "another's token": others[role], "another site": token_of(clients[role])}

        form = {"csrf_token": tokens[sent]}
        answer = clients[role].post(address, data=form, headers=headers, environ_base=somewhere)

        assert (answer.status_code, answer.json["word"]) == (400, "form-not-ours"), address
    assert everything(world.engine) == before


def test_reading_changes_nothing(app: Flask, world: World) -> None:
    officer = staff_client(app, world, StaffRole.RETURNING_OFFICER)
    clients = [app.test_client(), officer, *(staff_client(app, world, role) for role in StaffRole)]
    before = everything(world.engine)
    for client in clients:
        for method, address, _ in office_routes(app):
            if method == "GET":
                client.get(address, headers={"Accept": "text/html"})
    for method, address, _ in office_routes(app):
        if method == "GET":
            officer.head(address)
            officer.options(address)
    assert everything(world.engine) == before


def test_reading_two_minutes_on_only_notes_when_the_session_was_used(app: Flask, world: World) -> None:
    client = staff_client(app, world, ONE)
    before = everything(world.engine)
    world.clock.now += timedelta(minutes=2)
    assert client.get("/office").status_code == 200
    after = everything(world.engine)

    assert {name for name in before if before[name] != after[name]} == {"staff_session"}


def test_there_is_no_office_where_it_is_not_asked_for(world: World) -> None:
    app = make_app(world, office=False)

    assert [line for line in access.routes(app) if "/office" in line] == []
    assert app.test_client().get("/office/sign-in").status_code == 404
    assert app.secret_key is None


@pytest.mark.parametrize(
    ("rule", "roles", "recent", "methods", "guarded"),
    [
        pytest.param(AccessRule.STAFF, (), False, ["GET"], True, id="staff without roles"),
        pytest.param(AccessRule.PUBLIC, (ONE,), False, ["GET"], True, id="roles on a public route"),
        pytest.param(AccessRule.FORM, (), True, ["POST"], True, id="a recent proof of nobody"),
        pytest.param(AccessRule.STAFF, (ONE,), False, ["DELETE"], True, id="deleting"),
        pytest.param(AccessRule.STAFF, (ONE,), False, ["GET"], False, id="staff where no guard is"),
        pytest.param(AccessRule.FORM, (), False, ["GET", "POST"], False, id="a form where no guard is"),
        pytest.param(AccessRule.FORM, (), False, ["GET"], True, id="a form that sends nothing"),
    ],
)
def test_the_app_does_not_start_with_a_rule_that_cannot_be_held(
    rule: AccessRule, roles: tuple[StaffRole, ...], recent: bool, methods: list[str], guarded: bool
) -> None:
    app = Flask("spoiled", static_folder=None)

    @app.route("/", methods=methods)
    @allow(rule, *roles, recent=recent)
    def view() -> str:
        return ""

    with pytest.raises(NoRule):
        access.check(app, guarded=guarded)


def test_an_account_made_for_one_test_is_signed_in_with_its_role(app: Flask, world: World) -> None:
    enrolled(world, StaffRole.TRUSTEE, "t@example.org")
    said = staff_client(app, world, StaffRole.TRUSTEE, "t@example.org").get("/office").text

    assert "Test Trustee</a>, trustee</p>" in said
