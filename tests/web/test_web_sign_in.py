"""Signing in over HTTP, on both databases: cookies, session fixation, timing, and one answer for every fault."""

from __future__ import annotations

import itertools
import logging
import re
from base64 import b32decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.session import reading, transaction
from ballot.db.sessions import SessionRow
from ballot.db.staff import AccountRow, PasskeyRow
from ballot.office.staff.accounts import add_account, change_role, disable_account, end_sessions, reset_account
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import IDLE, LONGEST, session_hash
from ballot.service import Service
from ballot.web.limits import SHARE_OF_PASSWORDS
from ballot.web.office.session import CHECK_PASSWORDS, way_back
from tests.integration.office.world import World
from tests.support.databases import KINDS, ON_ONE, as_app, lent_database, postgresql_server
from tests.web.conftest import make_app
from tests.web.staff import PASSWORD, Person, a_door, enrolled, staff_client, token_of

STEP = timedelta(seconds=30)
COOKIE = "__Host-ballot-staff"
BROWSER = {"Accept": "text/html"}
SAME = "The details you entered do not match an account."


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[], str]]:
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(kind: str, tmp_path: Path, server: Callable[[], str]) -> Iterator[World]:
    with lent_database(kind, tmp_path, server) as owner, as_app(owner) as engine:
        yield World(engine, tmp_path)


@pytest.fixture
def app(world: World) -> Flask:
    return make_app(world)


@pytest.fixture
def ann(world: World) -> Person:
    return enrolled(world, StaffRole.RETURNING_OFFICER, "ann@example.org")


def try_to(client: FlaskClient, login: str, password: str, code: str, path: str = "/office/sign-in") -> tuple[int, str]:
    """The status, and what the error summary says."""
    answer = client.post(
        path,
        data={"csrf_token": token_of(client, "/office/sign-in"), "login": login, "password": password, "code": code},
        headers=BROWSER,
    )
    return answer.status_code, answer.text


def sign_in(client: FlaskClient, world: World, person: Person) -> int:
    world.clock.now += STEP
    return try_to(client, person.login, person.password, person.code(world.clock.now))[0]


def id_in(client: FlaskClient) -> str | None:
    cookie = client.get_cookie(COOKIE)
    return None if cookie is None else cookie.value


def test_an_address_may_send_few_passwords_and_that_delays_no_other_address(app: Flask, world: World) -> None:
    few = Service().posts_a_minute // SHARE_OF_PASSWORDS

    def post(path: str, address: str) -> int:
        return app.test_client().post(path, environ_base={"REMOTE_ADDR": address}).status_code

    assert [post("/office/sign-in", "192.0.2.1") for _ in range(few // 2)] == [400] * (few // 2)  # no form of ours
    assert [post("/office/recover", "192.0.2.1") for _ in range(few // 2)] == [400] * (few // 2)
    assert post("/office/sign-in", "192.0.2.1") == post("/office/recover", "192.0.2.1") == 429
    assert post("/office/sign-in/passkey", "192.0.2.1") == 400
    assert post("/office/sign-in", "192.0.2.2") == 400


@ON_ONE
def test_every_page_that_checks_a_password_of_whoever_comes_is_known(app: Flask) -> None:
    found = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule in ("/office/sign-in", "/office/recover")}
    assert found == CHECK_PASSWORDS


def test_who_signs_in_is_led_to_the_page_that_was_asked_for(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    asked = client.get("/office/account", headers=BROWSER)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/office/sign-in?next=/office/account")

    world.clock.now += STEP
    answer = client.post(
        asked.headers["Location"],
        data={
            "csrf_token": token_of(client, "/office/sign-in"),
            "login": f" {ann.login.upper()} ",
            "password": PASSWORD,
            "code": ann.code(world.clock.now),
        },
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/office/account")
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith(COOKIE))
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}
    assert client.get("/office/account").status_code == 200


@ON_ONE
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/office",
        "//evil.example/office",
        "/\\evil.example",
        "/",
        "/office/none",
        "x",
        "http://[",
        "/office\r\nX: y",
        "////office",
        "/" * 99 + "office",
    ],
)
def test_nobody_is_led_out_of_the_office(app: Flask, world: World, ann: Person, elsewhere: str) -> None:
    client = app.test_client()
    world.clock.now += STEP
    data = {"login": ann.login, "password": PASSWORD, "code": ann.code(world.clock.now)}

    answer = client.post(
        "/office/sign-in",
        query_string={"next": elsewhere},
        data={"csrf_token": token_of(client, "/office/sign-in"), **data},
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/office")


@ON_ONE
def test_the_way_back_is_an_address_of_our_own_making_whatever_was_asked_for(app: Flask) -> None:
    slashes = ["/", "///", "////", "/" * 50, "https:/", "https:///", "https://evil.example/", "//evil.example///"]
    others = ["\\\\", "/\\", "\\/", "///\\/", "/\t/", "\t/\n/\r//", " /", "/%2f", "%2f%2f", "/%5c", "javascript:/", ""]
    tails = ["office/account?x=//evil.example#//evil.example", "evil.example/office/account", "office/..//evil.example"]
    asked = [before + tail for before in slashes + others for tail in tails]
    with app.test_request_context("/office"):
        found = {way_back(address) for address in asked}

    assert found == {"/office/account?x=//evil.example", "/office/account", "/office"}


@ON_ONE
@pytest.mark.parametrize("path", ["//office", "////office", "/office//account", "//evil.example//office/account"])
def test_an_odd_path_leads_to_no_other_site(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers=BROWSER, base_url="http://localhost")
    where = answer.headers.get("Location", "/")

    assert urlsplit(urljoin("http://localhost/", where)).netloc == "localhost"


def test_only_the_hash_of_the_sessions_id_is_kept(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303

    with reading(world.engine) as session:
        assert session.scalars(select(SessionRow.hash)).all() == [session_hash(id_in(client) or "")]


def test_every_wrong_thing_has_the_same_answer(app: Flask, world: World, ann: Person) -> None:
    gone = enrolled(world, StaffRole.DEPUTY, "gone@example.org")
    disable_account(a_door(world), gone.login)
    add_account(a_door(world), "new@example.org", "New", StaffRole.OBSERVER)
    world.clock.now += STEP
    now = world.clock.now
    right = ann.code(now)
    wrong = [
        ("nobody@example.org", PASSWORD, right),
        (ann.login, "another password", right),
        (ann.login, PASSWORD, "000000"),
        (ann.login, PASSWORD, ann.code(now, -4)),
        (gone.login, PASSWORD, gone.code(now)),
        ("new@example.org", PASSWORD, right),
    ]

    said = {try_to(app.test_client(), *given)[1].replace(given[0], "").partition("<h1>")[0] for given in wrong}
    statuses = {try_to(app.test_client(), *given)[0] for given in wrong}

    assert len(said) == 1
    assert statuses == {403}
    assert SAME in said.pop()


@pytest.mark.parametrize(("path", "checks"), [("/office/sign-in", 1), ("/office/recover", 1)])
def test_a_name_that_nobody_has_costs_as_much_work_as_one_that_somebody_has(
    app: Flask, world: World, ann: Person, monkeypatch: pytest.MonkeyPatch, path: str, checks: int
) -> None:
    add_account(a_door(world), "new@example.org", "New", StaffRole.OBSERVER)
    done: list[object] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: done.append(1) or verify(*given))
    spent = {}
    for login in (ann.login, "nobody@example.org", "new@example.org", "\x00"):
        for password, code in itertools.product((PASSWORD, "wrong"), ("000000", ann.recovery_codes[9])):
            done.clear()
            try_to(app.test_client(), login, password, code, path)
            spent[login, password, code] = len(done)

    assert set(spent.values()) == {checks}, spent


HOSTILE = ["\x00", "a\x00@example.org", "é@example.org", "' OR 1=1 --", "x" * 5000, "\u202e\U0001f5f3"]


@pytest.mark.parametrize("path", ["/office/sign-in", "/office/recover"])
@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_typed_is_refused_and_nothing_breaks(app: Flask, typed: str, path: str) -> None:
    assert try_to(app.test_client(), typed, typed, typed, path)[0] in (400, 403)


def test_a_code_of_the_app_works_once(app: Flask, world: World, ann: Person) -> None:
    world.clock.now += STEP
    code = ann.code(world.clock.now)
    assert try_to(app.test_client(), ann.login, PASSWORD, code)[0] == 303

    status, said = try_to(app.test_client(), ann.login, PASSWORD, code)
    assert (status, SAME in said, said.count("That code was already used. Wait until")) == (403, False, 2)
    assert try_to(app.test_client(), ann.login, PASSWORD, ann.code(world.clock.now, 1))[0] == 303


def test_only_the_right_password_of_an_account_that_may_sign_in_is_told_that_its_code_was_used(
    app: Flask, world: World, ann: Person
) -> None:
    used = ann.code(world.clock.now, -1)  # enrolling used it
    assert "That code was already used" in try_to(app.test_client(), ann.login, PASSWORD, used)[1]
    for login, password in ((ann.login, "wrong"), ("nobody@example.org", PASSWORD)):
        assert SAME in try_to(app.test_client(), login, password, used)[1]
    disable_account(a_door(world), ann.login)
    assert SAME in try_to(app.test_client(), ann.login, PASSWORD, used)[1]


def test_a_used_code_counts_as_a_mistake_so_that_it_cannot_be_used_to_try_passwords(
    app: Flask, world: World, ann: Person
) -> None:
    used = ann.code(world.clock.now, -1)
    statuses = [try_to(app.test_client(), ann.login, PASSWORD, used)[0] for _ in range(8)]
    assert statuses == [403] * 6 + [429] * 2


def test_confirming_with_the_code_that_signed_in_says_that_it_was_used(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303
    sent = {"csrf_token": token_of(client), "code": ann.code(world.clock.now)}
    for password, expected in ((PASSWORD, "That code was already used"), ("wrong", SAME)):
        answer = client.post("/office/confirm", data={**sent, "password": password}, headers=BROWSER)
        assert (answer.status_code, expected in answer.text) == (403, True)


def test_a_recovery_code_works_once_however_it_is_typed(app: Flask, world: World, ann: Person) -> None:
    typed = f" {ann.recovery_codes[4].lower().replace('-', ' ')} "

    assert try_to(app.test_client(), ann.login, PASSWORD, typed, "/office/recover")[0] == 303
    status, said = try_to(app.test_client(), ann.login, PASSWORD, typed, "/office/recover")
    assert (status, SAME in said, said.count("That recovery code was already used")) == (403, False, 2)
    status, said = try_to(app.test_client(), ann.login, "wrong", typed, "/office/recover")
    assert (status, SAME in said) == (403, True)
    assert try_to(app.test_client(), ann.login, "", ann.recovery_codes[5], "/office/recover")[0] == 403
    assert try_to(app.test_client(), "nobody@example.org", "", ann.recovery_codes[5], "/office/recover")[0] == 403
    assert try_to(app.test_client(), ann.login, PASSWORD, ann.recovery_codes[5], "/office/recover")[0] == 303


def test_whoever_guesses_has_to_wait_whether_the_name_exists_or_not(app: Flask, world: World, ann: Person) -> None:
    for login in (ann.login, "nobody@example.org"):
        statuses = [try_to(app.test_client(), login, "wrong", "000000")[0] for _ in range(8)]
        assert statuses == [403] * 6 + [429] * 2

    world.clock.now += STEP
    assert try_to(app.test_client(), ann.login, PASSWORD, ann.code(world.clock.now))[0] == 303


def test_the_wait_outlives_the_process_and_an_attempt_while_waiting_is_not_looked_at(
    app: Flask, world: World, ann: Person
) -> None:
    for _ in range(6):
        try_to(app.test_client(), ann.login, "wrong", "000000")
    world.clock.now += timedelta(milliseconds=500)

    again = make_app(world).test_client()
    status, said = try_to(again, ann.login, PASSWORD, ann.code(world.clock.now, 1))

    assert status == 429
    assert "There were too many attempts." in said
    world.clock.now += timedelta(seconds=1)
    assert try_to(again, ann.login, PASSWORD, ann.code(world.clock.now, 1))[0] == 303


def test_an_id_that_was_in_the_browser_before_is_never_taken_over(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, "chosen-by-somebody-else")
    assert sign_in(client, world, ann) == 303
    first = id_in(client)
    assert first not in (None, "chosen-by-somebody-else")

    assert sign_in(client, world, ann) == 303

    assert id_in(client) != first
    client.set_cookie(COOKIE, first or "")
    assert client.get("/office").status_code == 401
    client.set_cookie(COOKIE, "chosen-by-somebody-else")
    assert client.get("/office").status_code == 401


def test_a_forms_token_from_before_signing_in_is_worth_nothing_after(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    before = token_of(client, "/office/sign-in")
    assert sign_in(client, world, ann) == 303

    assert client.post("/office/sign-out", data={"csrf_token": before}).status_code == 400
    assert client.get("/office").status_code == 200


@pytest.mark.parametrize(("idle", "status"), [(timedelta(minutes=14, seconds=59), 200), (timedelta(minutes=15), 401)])
def test_a_session_that_nobody_uses_ends_after_fifteen_minutes(
    app: Flask, world: World, idle: timedelta, status: int
) -> None:
    client = staff_client(app, world, StaffRole.DEPUTY)
    world.clock.now += idle

    assert client.get("/office").status_code == status


def test_a_session_that_is_used_all_the_time_ends_after_twelve_hours(app: Flask, world: World) -> None:
    client = staff_client(app, world, StaffRole.DEPUTY)
    for _ in range(71):
        world.clock.now += timedelta(minutes=10)
        assert client.get("/office").status_code == 200
    world.clock.now += timedelta(minutes=10)

    assert client.get("/office").status_code == 401


def test_signing_out_ends_this_session_and_everywhere_ends_all(app: Flask, world: World) -> None:
    one, two, three = (staff_client(app, world, StaffRole.DEPUTY) for _ in range(3))
    other = staff_client(app, world, StaffRole.REGISTRAR)
    kept = id_in(one) or ""

    assert one.post("/office/sign-out", data={"csrf_token": token_of(one)}).status_code == 303
    assert id_in(one) is None
    one.set_cookie(COOKIE, kept)
    assert [client.get("/office").status_code for client in (one, two, three)] == [401, 200, 200]

    two.post("/office/sign-out-everywhere", data={"csrf_token": token_of(two)})
    assert [client.get("/office").status_code for client in (two, three, other)] == [401, 401, 200]


def test_the_page_of_ones_account_says_where_one_is_signed_in(app: Flask, world: World) -> None:
    one = staff_client(app, world, StaffRole.DEPUTY)
    world.clock.now += timedelta(minutes=9)
    staff_client(app, world, StaffRole.DEPUTY)
    staff_client(app, world, StaffRole.REGISTRAR)
    one.get("/office")
    page = one.get("/office/account").text
    assert (page.count("In this browser"), page.count("In another browser")) == (1, 1)
    world.clock.now += timedelta(minutes=9)
    one.get("/office")
    world.clock.now += timedelta(minutes=9)  # the other one was not used for eighteen
    assert "In another browser" not in one.get("/office/account").text


def test_whoever_runs_the_server_ends_the_sessions_of_one_or_of_everybody(app: Flask, world: World) -> None:
    roles = (StaffRole.DEPUTY, StaffRole.REGISTRAR, StaffRole.OBSERVER)
    clients = [staff_client(app, world, role) for role in roles]
    assert end_sessions(a_door(world), "deputy@example.org") == ["deputy@example.org"]
    assert [client.get("/office").status_code for client in clients] == [401, 200, 200]
    assert end_sessions(a_door(world), None) == ["observer@example.org", "registrar@example.org"]
    assert [client.get("/office").status_code for client in clients] == [401, 401, 401]


@pytest.mark.parametrize("act", [disable_account, reset_account])
def test_whoever_is_disabled_or_reset_is_out_at_once_and_nothing_of_theirs_works(
    app: Flask, world: World, ann: Person, act: Callable[..., object]
) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303

    act(a_door(world), ann.login)

    assert client.get("/office").status_code == 401
    assert sign_in(app.test_client(), world, ann) == 403
    assert try_to(app.test_client(), ann.login, PASSWORD, ann.recovery_codes[0], "/office/recover")[0] == 403


def test_a_grave_act_needs_a_proof_of_the_last_five_minutes(app: Flask, world: World) -> None:
    client = staff_client(app, world, StaffRole.DEPUTY)
    world.clock.now += timedelta(minutes=5)
    sent = {"csrf_token": token_of(client)}

    refused = client.post("/office/account/recovery-codes", data=sent, headers=BROWSER)
    assert (refused.status_code, refused.headers["Location"]) == (
        303,
        "/office/confirm?next=/office/account/recovery-codes",
    )
    assert client.post("/office/account/recovery-codes", data=sent).json["word"] == "sign-in-again"


def test_proving_it_again_with_password_and_app_lets_the_grave_act_through(
    app: Flask, world: World, ann: Person
) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303
    world.clock.now += timedelta(minutes=6)
    wrong = {"csrf_token": token_of(client), "password": "wrong", "code": ann.code(world.clock.now)}
    assert client.post("/office/confirm?next=/office/account", data=wrong).status_code == 403
    assert client.post("/office/account/recovery-codes", data=wrong).status_code == 401

    world.clock.now += STEP
    right = {**wrong, "password": PASSWORD, "code": ann.code(world.clock.now)}
    before = id_in(client) or ""
    answer = client.post("/office/confirm?next=/office/account", data=right)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/office/account")
    assert "Your recovery codes" in client.post("/office/account/recovery-codes", data=right).text
    assert id_in(client) not in (None, before)  # the session goes on under another id, and the old one is nobody's
    stolen = app.test_client()
    stolen.set_cookie(COOKIE, before)
    assert stolen.get("/office").status_code == 401


def test_proving_it_again_makes_no_session_longer(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303
    for _ in range(LONGEST // (IDLE - STEP)):
        world.clock.now += IDLE - STEP
        assert client.get("/office").status_code == 200
    world.clock.now += STEP
    sent = {"csrf_token": token_of(client), "password": PASSWORD, "code": ann.code(world.clock.now)}
    assert client.post("/office/confirm", data=sent).status_code == 303
    assert client.get("/office").status_code == 200
    world.clock.now += IDLE - STEP
    assert client.get("/office").status_code == 401


def test_an_enrolment_code_is_good_for_a_day_and_once(app: Flask, world: World) -> None:
    code = add_account(a_door(world), "bea@example.org", "Bea", StaffRole.OBSERVER)
    client = app.test_client()

    def ask(code: str) -> int:
        sent = {"csrf_token": token_of(client, "/office/enrol"), "code": code}
        return client.post("/office/enrol", data=sent).status_code

    assert [ask(code), ask(code.lower().replace("-", "")), ask("0" * 20), ask("x"), ask("")] == [
        200,
        200,
        403,
        403,
        400,
    ]
    world.clock.now += timedelta(hours=24)
    assert ask(code) == 403
    enrolled(world, StaffRole.DEPUTY, "used@example.org")
    assert ask(code) == 403


def test_no_secret_is_logged(app: Flask, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ann = enrolled(world, StaffRole.RETURNING_OFFICER, "ann@example.org")
    client = app.test_client()
    assert try_to(client, ann.login, "hunter2 hunter2", "123123")[0] == 403
    assert sign_in(client, world, ann) == 303
    id = id_in(client) or "-"
    token = token_of(client)
    sent = {"csrf_token": token, "login": ann.login, "password": PASSWORD, "code": ann.recovery_codes[0]}
    client.post("/office/recover", data=sent)
    client.post("/office/account/recovery-codes", data={"csrf_token": token_of(client)})
    client.post("/office/sign-in/passkey/answer", data={"csrf_token": token_of(client), "credential": "hunter2"})

    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records)

    assert "signed in with a password" in told
    for secret in ("hunter2", PASSWORD, "123123", id, token, ann.code(world.clock.now), *ann.recovery_codes):
        assert secret not in told
    assert ann.login not in told


def test_a_new_password_and_app_replace_the_old_ones_and_end_every_other_session(
    app: Flask, world: World, ann: Person
) -> None:
    client, other = app.test_client(), app.test_client()
    assert sign_in(client, world, ann) == 303
    assert sign_in(other, world, ann) == 303
    page, new = client.get("/office/account/password").text, "four words that differ"
    found = re.search(r"Key: <code[^>]*>([A-Z2-7]{32})</code>", page)
    assert found is not None
    theirs = Person(ann.login, new, b32decode(found[1]), ann.recovery_codes)
    data = {"csrf_token": token_of(client), "password": new, "again": new, "code": "000000"}
    wrong = client.post("/office/account/password", data=data)
    assert (wrong.status_code, "The code is not the one" in wrong.text) == (400, True)
    assert "12 characters or more" in client.post("/office/account/password", data={**data, "password": "x"}).text
    right = {**data, "code": theirs.code(world.clock.now)}
    assert client.post("/office/account/password", data=right).status_code == 303

    assert [who.get("/office").status_code for who in (client, other)] == [200, 401]
    assert sign_in(app.test_client(), world, ann) == 403
    assert sign_in(app.test_client(), world, theirs) == 303
    again = client.post("/office/account/password", data={**right, "csrf_token": token_of(client)})
    assert again.status_code == 400  # the app's secret that was offered before is offered no more


def test_changing_password_or_passkeys_needs_a_proof_of_the_last_five_minutes(app: Flask, world: World) -> None:
    client = staff_client(app, world, StaffRole.DEPUTY)
    world.clock.now += timedelta(minutes=5)
    asked = client.get("/office/account/password", headers=BROWSER)
    assert (asked.status_code, asked.headers["Location"]) == (303, "/office/confirm?next=/office/account/password")
    for path in ("password", "passkeys/1/rename", "passkeys/1/remove"):
        sent = {"csrf_token": token_of(client), "label": "x"}
        assert client.post(f"/office/account/{path}", data=sent).json["word"] == "sign-in-again", path


def test_a_passkey_of_somebody_else_is_neither_renamed_nor_removed(app: Flask, world: World) -> None:
    client = staff_client(app, world, StaffRole.DEPUTY)
    with transaction(world.engine) as session:
        other = AccountRow(login="o@example.org", name="O", role="observer", handle=b"h", created_at=world.clock.now)
        session.add(other)
        session.flush()
        times = {"created_at": world.clock.now, "sign_count": 0}
        session.add(PasskeyRow(id=7, account_id=other.id, credential=b"c", public_key=b"k", label="theirs", **times))
    for path in ("rename", "remove"):
        sent = {"csrf_token": token_of(client), "label": "mine"}
        assert client.post(f"/office/account/passkeys/7/{path}", data=sent).status_code == 400
    with reading(world.engine) as session:
        assert session.get_one(PasskeyRow, 7).label == "theirs"


def test_another_role_ends_every_session_and_is_what_the_next_one_has(app: Flask, world: World, ann: Person) -> None:
    client = app.test_client()
    assert sign_in(client, world, ann) == 303

    change_role(a_door(world), ann.login, StaffRole.OBSERVER)

    assert client.get("/office").status_code == 401
    assert sign_in(client, world, ann) == 303
    assert client.get("/office/ballots").status_code == 403
    with reading(world.engine) as session:
        entry = list_activity(session, ActivityFilter(act="account-changed"))[0]
    assert entry.details == '{"word":"role-changed","account":"ann@example.org","role":"observer"}'
