"""What each route that changes something writes into the activity log: gone through one by one, on both databases."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.config import Config
from ballot.db.activity import Sought, list_activity, verify_chain
from ballot.db.session import reading
from ballot.mail.channel import Delivery, Outcome
from ballot.mail.envelope import Envelope
from ballot.mail.settings import MailSettings
from ballot.office.staff.accounts import add_account
from ballot.office.staff.roles import StaffRole
from ballot.roll.simple import write_roll
from ballot.web.app import create_app
from ballot.web.office.setting_up import files
from ballot.web.stage import Surroundings
from tests.integration.databases import KINDS, fresh_database, postgresql_server
from tests.integration.office.world import World, make_roll
from tests.web.authenticator import Authenticator
from tests.web.staff import PASSWORD, a_door, enrolled, staff_client, token_of
from tests.web.test_web_routes import GOLDEN
from tests.web.test_web_setting_up import RULE, WINDOW
from tests.web.test_web_two_people import EXTEND

DESK, NEW = "/office/ballots/<programme>", "/office/ballots/north-2020"
WRITES = {
    "/office/sign-in": {"signed-in", "sign-in-failed"},
    "/office/recover": {"signed-in", "sign-in-failed"},
    "/office/sign-in/passkey/answer": {"signed-in", "signed-out"},
    "/office/sign-out": {"signed-out"},
    "/office/sign-out-everywhere": {"signed-out"},
    "/office/confirm": {"proved-again", "sign-in-failed"},
    "/office/confirm/passkey/answer": {"proved-again"},
    "/office/enrol": {"sign-in-failed"},
    "/office/enrol/password": {"account-changed"},
    "/office/enrol/passkey": {"account-changed"},
    "/office/account/password": {"account-changed"},
    "/office/account/passkeys": {"account-changed"},
    "/office/account/passkeys/<int:id>/rename": {"account-changed"},
    "/office/account/passkeys/<int:id>/remove": {"account-changed"},
    "/office/account/recovery-codes": {"account-changed"},
    "/office/activity/export": {"downloaded"},
    "/office/ballots": {"uploaded"},
    f"{DESK}/<part>": {"uploaded"},
    f"{DESK}/voting-pack": {"uploaded"},
    f"{DESK}/constitutions/<ccg>": {"uploaded"},
    f"{DESK}/roll": {"uploaded"},
    f"{DESK}/roll/uploaded": {"uploaded"},
    f"{DESK}/mail-test": {"mail-tested"},
    f"{DESK}/mail/<kind>": {"mail-queued"},
    "/office/<programme>/proposals/new/<slug>": {"proposed"},
    "/office/<programme>/proposals/<hash>/approve": {
        "extended",
        "approval-refused",
        "opened",
    },  # what time did is written first
    "/office/<programme>/proposals/<hash>/decline": {"proposal-ended"},
    "/office/<programme>/proposals/<hash>/withdraw": {"proposal-ended"},
}
"""Each route, and every act that this journey saw it write."""
NOTHING = {
    "/office/sign-in/passkey": "asks a browser for a passkey; nothing is proved yet",
    "/office/confirm/passkey": "the same",
    "/office/account/passkeys/new": "the same",
    "/api/mail/notify": "the mail system's own report; delivery states are its record",
    "/api/programmes/<programme>/<ccg>/entry": "a voter's page asks; changes nothing",
    "/api/programmes/<programme>/<ccg>/ballots": "a practice votes: the board is its record",
}


class Sent:
    """A mail server that takes everything."""

    def send(self, envelope: Envelope) -> Delivery:
        return Delivery(Outcome.SENT, "250 ok")

    def close(self) -> None:
        """There is nothing open."""


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("acts")
    with postgresql_server() as server, fresh_database(request.param, folder, server) as engine:
        yield World(engine, folder).open()


class Journey:
    """Sends forms, and keeps what the log was told by each."""

    def __init__(self, world: World) -> None:
        self.world = world
        folder = world.folder
        mail = MailSettings("ballot@example.org", "", "h@example.org", "ballot@example.org", None, 60, None)
        config = Config("", folder, "vote.example.org", folder / "config", world.keys, mail=mail)
        self.app = create_app(Surroundings(config, world.engine, world.clock, world.board, a_door(world)))
        self.saw: dict[str, set[str]] = {}

    def acts(self) -> list[str]:
        with reading(self.world.engine) as session:
            return [row.act for row in list_activity(session, Sought())][::-1]

    def client(self, role: StaffRole, login: str | None = None) -> FlaskClient:
        return staff_client(self.app, self.world, role, login)

    def send(self, client: FlaskClient, route: str, path: str | None = None, **data: object) -> TestResponse:
        path, before = path or route, self.acts()
        sent = {"csrf_token": token_of(client, "/office/sign-in"), **data}
        answer = client.post(path, data=sent, content_type="multipart/form-data")
        assert answer.status_code < 500, path
        self.saw.setdefault(route, set()).update(self.acts()[len(before) :])
        return answer


@pytest.fixture(scope="module")
def journey(world: World) -> Journey:
    """Every form of the office sent, most of them well, some with what must be refused and noted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "open_channel", lambda *given: Sent())
        journey = Journey(world)
        at_the_door(journey)
        own_account(journey)
        setting_up(journey)
        running(journey)
    return journey


def at_the_door(to: Journey) -> None:
    world, outside = to.world, to.app.test_client()
    ann = enrolled(world, StaffRole.OBSERVER, "ann@example.org")
    world.clock.now += timedelta(seconds=30)
    for password in ("wrong", PASSWORD):
        data = {"login": ann.login, "password": password, "code": ann.code(world.clock.now)}
        to.send(outside, "/office/sign-in", **data)
    to.send(outside, "/office/sign-out-everywhere")
    for code in ("0-0000", ann.recovery_codes[0]):
        to.send(outside, "/office/recover", login=ann.login, password=PASSWORD, code=code)
    world.clock.now += timedelta(seconds=30)
    for password in ("wrong", PASSWORD):
        to.send(outside, "/office/confirm", password=password, code=ann.code(world.clock.now))
    to.send(outside, "/office/sign-out")
    code = add_account(a_door(world), "bea@example.org", "Bea Jones", StaffRole.DEPUTY)
    to.send(outside, "/office/enrol", code="0" * 20)
    page = to.send(outside, "/office/enrol", code=code).text
    passkey = Authenticator()
    made = passkey.make(options_in(page))
    to.send(outside, "/office/enrol/passkey", enrolment=code, credential=made)
    code = add_account(a_door(world), "carl@example.org", "Carl", StaffRole.DEPUTY)
    page = to.send(outside, "/office/enrol", code=code).text
    data = {"enrolment": code, "password": PASSWORD, "again": PASSWORD, "code": code_of(page, world)}
    to.send(outside, "/office/enrol/password", **data)
    to.send(outside, "/office/sign-in/passkey/answer", credential="{}")
    page = to.send(outside, "/office/sign-in/passkey").text
    to.send(outside, "/office/sign-in/passkey/answer", credential=passkey.sign(options_in(page)))
    page = to.send(outside, "/office/confirm/passkey").text
    to.send(outside, "/office/confirm/passkey/answer", credential=passkey.sign(options_in(page)))
    page = to.send(outside, "/office/sign-in/passkey").text
    to.send(outside, "/office/sign-in/passkey/answer", credential=passkey.sign(options_in(page)))  # ends the other one


def own_account(to: Journey) -> None:
    client, account = to.client(StaffRole.TRUSTEE), "/office/account"
    page = to.send(client, f"{account}/passkeys/new").text
    to.send(client, f"{account}/passkeys", credential=Authenticator(b"another").make(options_in(page)))
    id = re.search(r"passkeys/(\d+)/rename", client.get(account).text)
    assert id is not None
    to.send(client, f"{account}/passkeys/<int:id>/rename", f"{account}/passkeys/{id[1]}/rename", label="At work")
    assert "At work" in client.get(account).text
    to.send(client, f"{account}/passkeys/<int:id>/remove", f"{account}/passkeys/{id[1]}/remove")
    page = client.get(f"{account}/password").text
    data = {"password": PASSWORD, "again": PASSWORD, "code": code_of(page, to.world)}
    assert to.send(client, f"{account}/password", **data).status_code == 303
    to.send(client, f"{account}/recovery-codes")


def setting_up(to: Journey) -> None:
    client = to.client(StaffRole.RETURNING_OFFICER)
    to.send(client, "/office/ballots", id="north-2020", name="North")
    parts: dict[str, dict[str, object]] = {
        "about": {"name": "North", "policy": "final", "returned": "after-closing", "rehearsal": "y"},
        "question": {"text": "Do you agree?", "agree": "For", "disagree": "Against", "abstain": "Abstain"},
        "ccgs": {"listed": "00A NHS One CCG\n00B NHS Two CCG"},
        "window": WINDOW,
        "outcome": {"require": "some", "at_least": "1", "otherwise": "stop"},
        "trustees": {"names": "One\nTwo\nThree", "threshold": "2"},
    }
    for part, data in parts.items():
        assert to.send(client, f"{DESK}/<part>", f"{NEW}/{part}", **data).status_code == 303, part
    pdf = (io.BytesIO(b"%PDF-1.7"), "case.pdf")
    to.send(client, f"{DESK}/voting-pack", f"{NEW}/voting-pack", name="Case", file=pdf)
    for ccg in ("00A", "00B"):
        to.send(client, f"{DESK}/constitutions/<ccg>", f"{NEW}/constitutions/{ccg}", **RULE)
    roll = (io.BytesIO(write_roll(make_roll(("00A", "00B")).members)), "roll.csv")
    to.send(client, f"{DESK}/roll", f"{NEW}/roll", roll=roll)
    answer = to.send(client, f"{DESK}/roll/uploaded", f"{NEW}/roll/uploaded", use="y")
    assert answer.status_code == 303, answer.text


def running(to: Journey) -> None:
    one, other = to.client(StaffRole.RETURNING_OFFICER), to.client(StaffRole.DEPUTY)
    folder = to.world.folder / "config" / to.world.id
    if not folder.exists():
        folder.symlink_to(to.world.programme_folder)
    said = to.send(one, f"{DESK}/mail-test", f"/office/ballots/{to.world.id}/mail-test", practice="Y00000", send="y")
    assert "was sent to" in said.text
    sent = {"whom": "ccg", "code": "00B", "send": "y"}
    to.send(one, f"{DESK}/mail/<kind>", f"/office/ballots/{to.world.id}/mail/invitation", **sent)
    to.send(one, "/office/activity/export")
    base, data = "/office/<programme>/proposals", EXTEND | {"passphrase": "x"}
    for end, client in (("approve", one), ("approve", other), ("decline", other), ("withdraw", one)):
        answer = to.send(one, f"{base}/new/<slug>", f"/office/{to.world.id}/proposals/new/extend", **data)
        path = answer.headers["Location"]
        shown = re.search(r'name="shown" value="([0-9a-f]{64})"', other.get(path).text)
        given = {"shown": shown[1], "passphrase": "x"} if shown and end == "approve" else {}
        to.send(client, f"{base}/<hash>/{end}", f"{path}/{end}", **given)
        if client is other and end == "approve":
            data["closes-day"], data["closes-month"] = "2", "6"


def options_in(page: str) -> str:
    """What the browser is asked, from the form of a passkey."""
    found = re.search(r'data-options="([^"]+)"', page)
    assert found is not None, page[:500]
    return unescape(found[1])


def code_of(page: str, world: World) -> str:
    """What an app shows that was given the key of this page."""
    import pyotp

    key = re.search(r"Key: <code[^>]*>([A-Z2-7]{32})</code>", page)
    assert key is not None
    return pyotp.TOTP(key[1]).at(int(world.clock.now.timestamp()))


def test_for_every_route_that_changes_something_it_is_said_what_it_writes_or_why_nothing() -> None:
    lines = [line.split() for line in GOLDEN.read_text().splitlines()]
    posts = {route for methods, route, *_ in lines if "POST" in methods.split(",")}

    missing = posts - set(WRITES) - set(NOTHING)
    assert missing == set(), "say in WRITES which act each writes, or in NOTHING why none"
    assert set(WRITES) & set(NOTHING) == set()


def test_every_form_of_the_office_leaves_its_typed_event(journey: Journey) -> None:
    unsent = {route for route in WRITES if route not in journey.saw}
    assert unsent == set()
    office = {route: acts for route, acts in journey.saw.items() if route in WRITES}
    assert office == WRITES
    assert {route: acts for route, acts in journey.saw.items() if route in NOTHING and acts} == {}


def test_the_log_that_all_this_wrote_is_whole_and_says_nothing_that_was_typed(journey: Journey) -> None:
    with reading(journey.world.engine) as session:
        assert list(verify_chain(session)) == []
        told = str(list_activity(session, Sought()))
    for secret in (PASSWORD, "wrong", "Dr A rang", "At work"):
        assert secret not in told


def failures(world: World) -> list[dict[str, object]]:
    with reading(world.engine) as session:
        return [json.loads(row.details) for row in list_activity(session, Sought(act="sign-in-failed"))][::-1]


def test_a_guesser_is_in_the_log_and_cannot_fill_it(journey: Journey) -> None:
    world = journey.world
    ann = enrolled(world, StaffRole.OBSERVER, "zoe@example.org")
    told = len(failures(world))
    client = journey.app.test_client()

    def guess(login: Callable[[int], str], times: int) -> None:
        for i in range(times):
            world.clock.now += timedelta(minutes=16)
            data = {"csrf_token": token_of(client, "/office/sign-in"), "password": "hunter2", "code": "000000"}
            assert client.post("/office/sign-in", data={**data, "login": login(i)}).status_code == 403

    guess(lambda i: ann.login, 26)
    known = failures(world)[told:]
    assert known == [{"way": "password", "attempts": n, "account": ann.login} for n in (1, 6, 12, 24)]
    told = len(failures(world))
    guess(lambda i: f"guess{i}@example.org", 26)
    unknown = failures(world)[told:]
    assert 0 < len(unknown) <= 3
    assert all(set(each) == {"way", "attempts"} for each in unknown)
    with reading(world.engine) as session:
        assert "guess1" not in str(list_activity(session, Sought()))
        assert list_activity(session, Sought(act="sign-in-failed"))[0].actor == "nobody"
