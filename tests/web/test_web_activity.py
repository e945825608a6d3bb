"""What each route that changes something writes into the activity log, one by one, on both databases."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.config import Config
from ballot.db.activity import ActivityFilter, list_activity, verify_chain
from ballot.db.outbox import list_messages
from ballot.db.session import reading, transaction
from ballot.declaration.statements import STATEMENTS
from ballot.mail.channel import Delivery, SendOutcome
from ballot.mail.envelope import Envelope
from ballot.mail.settings import MailSettings
from ballot.office.post import to_staff
from ballot.office.post.unlocking import Lock
from ballot.office.post.voting_links import VotingLinks
from ballot.office.staff.accounts import add_account, seat_trustee
from ballot.office.staff.roles import StaffRole
from ballot.protocol.canonical import write_json
from ballot.record.keys import PublicKey, Purpose, Role, base64_text
from ballot.record.times import LONDON
from ballot.registrar.keyring import open_signing_key
from ballot.roll.simple import write_roll
from ballot.web.app import create_app
from ballot.web.office.setting_up import files
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import CLOSES, World, ceremony, make_roll, practices, write_folder
from tests.support.databases import KINDS, as_app, fresh_database, postgresql_server
from tests.support.vectors.ceremonies import ceremony_vector
from tests.web.authenticator import Authenticator
from tests.web.locked_keys import lock_keys, passphrase_of
from tests.web.staff import PASSWORD, a_door, enrolled, staff_client, token_of
from tests.web.test_web_routes import GOLDEN
from tests.web.test_web_setting_up import QUESTION, RULE, WINDOW
from tests.web.test_web_two_people import EXTEND

DESK, NEW = "/office/ballots/<programme>", "/office/ballots/north-2020"
ABOUT = {
    "name": "North",
    "policy": "final",
    "returned": "after-closing",
    "count": "together",
    "ask": "yes",
    "rehearsal": "y",
}


RUNS = "/office/ballots/merger"
OFFICER, DEPUTY, REGISTRAR = (passphrase_of(name) for name in ("returning-officer", "deputy", "registrar"))
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
    "/office/bounces": {"uploaded"},
    "/office/key": {"key-added"},
    "/office/vault/unlock": {"key-refused", "worker-lock-changed"},
    "/office/vault/lock": {"worker-lock-changed"},
    "/office/vault/download": {"downloaded"},
    "/office/people/add": {"account-change-asked"},
    "/office/people/<int:id>": {"account-change-asked", "account-changed"},
    "/office/people/changes/<id>/confirm": {"account-changed", "trustee-seated"},
    "/office/people/changes/<id>/refuse": {"account-change-refused"},
    "/office/people/changes/confirm-places": {"trustee-seated"},
    "/office/ballots": {"uploaded"},
    f"{DESK}/<part>": {"uploaded", "account-change-asked"},
    f"{DESK}/voting-pack": {"uploaded"},
    f"{DESK}/constitutions/<ccg>/form": {"uploaded"},
    f"{DESK}/constitutions/<ccg>/upload": {"uploaded"},
    f"{DESK}/copy": {"uploaded"},
    f"{DESK}/delete": {"draft-deleted"},
    f"{DESK}/roll": {"uploaded"},
    f"{DESK}/roll/uploaded": {"uploaded"},
    f"{DESK}/mail-test": {"mail-tested"},
    f"{DESK}/mail/<kind>": {"mail-queued"},
    f"{DESK}/mail/mend/<ccg>/<practice>": {"mail-queued", "letter-handed-over"},
    f"{DESK}/incidents": {"incident-noted"},
    f"{DESK}/scrutiny/sign": {"scrutineer-signed"},
    f"{DESK}/secrecy": {"uploaded"},
    f"{DESK}/ceremony/restart": {"ceremony-restarted"},
    f"{DESK}/prepare": {"key-refused", "prepared"},
    f"{DESK}/backup": {"downloaded"},
    f"{DESK}/backup/try": {"key-refused", "backup-tried"},
    f"{DESK}/links/issue": {"key-refused", "issued"},
    f"{DESK}/links/<ccg>/<practice>/reissue": {"key-refused", "opened", "reissued"},  # what time did is written first
    f"{DESK}/links/<ccg>/<practice>/letter": {"key-refused", "downloaded"},
    f"{DESK}/links/<ccg>/<practice>/again": {"mail-queued"},
    f"{DESK}/proposals/new/<slug>": {"proposed", "key-refused"},
    f"{DESK}/proposals/<hash>/approve": {"extended", "declared", "approved", "approval-refused", "key-refused"},
    f"{DESK}/proposals/<hash>/sign": {"proposed"},
    f"{DESK}/proposals/<hash>/complete": {"key-refused", "contact-changed"},
    f"{DESK}/proposals/<hash>/decline": {"proposal-ended"},
    f"{DESK}/proposals/<hash>/withdraw": {"proposal-ended"},
    f"{DESK}/count/server-shares": {"opened", "closed", "share-given"},  # the same
    f"{DESK}/count/share": {"share-given", "tallied"},
    f"{DESK}/count/decide": {"decided"},
    f"{DESK}/count/publish": {"record-published"},
    "/office/trustee/<programme>/<step>": {"uploaded"},
    "/office/trustee/<programme>/count": {"share-given"},
    "/office/trustee/<programme>/count/<election>": {"share-given"},
}
"""Each route, and every act that this journey saw it write."""
NOTHING = {
    "/office/help-desk": "finds a practice; changes nothing",
    f"{DESK}/constitutions/<ccg>/try": "works out a verdict from typed counts; changes nothing",
    "/office/sign-in/passkey": "asks a browser for a passkey; nothing is proved yet",
    "/office/confirm/passkey": "the same",
    "/office/account/passkeys/new": "the same",
    "/api/mail/notify": "the mail system's own report; delivery states are its record",
    "/api/programmes/<programme>/<ccg>/entry": "a voter's page asks; changes nothing",
    "/api/programmes/<programme>/<ccg>/letter": "a voter's page asks; changes nothing",
    "/api/programmes/<programme>/<ccg>/ballots": "a practice votes: the board is its record",
}


class Sent:
    """A mail server that takes everything."""

    attaches = True

    def send(self, envelope: Envelope) -> Delivery:
        return Delivery(SendOutcome.SENT, "250 ok")

    def close(self) -> None:
        """There is nothing open."""


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("acts")
    with postgresql_server() as server, fresh_database(request.param, folder, server) as owner, as_app(owner) as engine:
        yield World(engine, folder, ccgs=("00A", "00B"), practices=2).open()


class Journey:
    """Sends forms, and keeps what the log was told by each."""

    def __init__(self, world: World) -> None:
        self.world = world
        assert world.entries  # while the vault opens without
        folder = lock_keys(world).folder
        mail = MailSettings("ballot@example.org", "", "h@example.org", "ballot@example.org", None, 60, None)
        config = Config("", world.instance, "vote.example.org", folder / "config", world.keys, mail=mail)
        self.app = create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world)))
        self.saw: dict[str, set[str]] = {}

    def acts(self) -> list[str]:
        with reading(self.world.engine) as session:
            return [row.act for row in list_activity(session, ActivityFilter())][::-1]

    def client(self, role: StaffRole, login: str | None = None) -> FlaskClient:
        return staff_client(self.app, self.world, role, login)

    def send(self, client: FlaskClient, route: str, path: str | None = None, **data: object) -> TestResponse:
        path, before = path or route, self.acts()
        sent = {"csrf_token": token_of(client, "/office/sign-in"), **data}
        answer = client.post(path, data=sent, content_type="multipart/form-data")
        assert answer.status_code < 500, path
        self.saw.setdefault(route, set()).update(self.acts()[len(before) :])
        return answer

    def good(self, client: FlaskClient, route: str, path: str | None = None, **data: object) -> TestResponse:
        """The same, of what must be done as it was asked."""
        answer = self.send(client, route, path, **data)
        assert answer.status_code == 303, (path, re.findall(r"error-message.{,300}", answer.text, re.S))
        return answer


@pytest.fixture(scope="module")
def journey(world: World) -> Journey:
    """Every form of the office sent, most of them well, some with what must be refused and noted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "open_channel", lambda *given: Sent())
        patch.setattr(to_staff, "open_channel", lambda *given: Sent())
        journey = Journey(world)
        at_the_door(journey)
        own_account(journey)
        people(journey)
        setting_up(journey)
        preparing(journey)
        running(journey)
        two_people(journey)
        counting(journey)
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


def people(to: Journey) -> None:
    """Somebody is added, seated and signed out; a second request is refused."""
    one, other = to.client(StaffRole.RETURNING_OFFICER), to.client(StaffRole.DEPUTY)
    base = "/office/people"
    write_folder(to.world.folder / "config" / "seats", "seats", "final")

    def end(word: str) -> None:
        found = re.search(rf'action="({base}/changes/[0-9a-f]+)/{word}"', other.get(base).text)
        assert found is not None
        to.send(other, f"{base}/changes/<id>/{word}", f"{found[1]}/{word}")

    tess = {"name": "Tess", "login": "tess@example.org", "role": "trustee"}
    for word in ("refuse", "confirm"):
        to.good(one, f"{base}/add", **tess)
        end(word)
    trustee = to.client(StaffRole.TRUSTEE, "tess@example.org")
    assert trustee.get("/office").status_code == 200
    (id,) = re.findall(rf'href="{base}/(\d+)">Tess<', one.get(base).text)
    for what in ("seated:1:seats", "sign-out"):
        to.good(one, f"{base}/<int:id>", f"{base}/{id}", what=what)
    end("confirm")
    assert trustee.get("/office").status_code == 401


def setting_up(to: Journey) -> None:
    client = to.client(StaffRole.RETURNING_OFFICER)
    to.send(client, "/office/ballots", id="north-2020", name="North")
    parts: dict[str, dict[str, object]] = {
        "about": ABOUT,
        "question": QUESTION,
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
        to.send(client, f"{DESK}/constitutions/<ccg>/form", f"{NEW}/constitutions/{ccg}/form", **RULE)
    rule = to.world.folder / "config" / "north-2020" / "constitutions" / "00B.toml"
    data = (io.BytesIO(rule.read_bytes()), "rule.toml")
    to.send(client, f"{DESK}/constitutions/<ccg>/upload", f"{NEW}/constitutions/00B/upload", upload="y", file=data)
    to.send(client, f"{DESK}/copy", f"{NEW}/copy", id="second", name="Second")
    to.send(client, f"{DESK}/delete", "/office/ballots/second/delete", sure="y")
    for number in (4, 3, 4):  # the first is used at once, the others are compared with it
        roll = (io.BytesIO(write_roll(make_roll(("00A", "00B"), number).members)), "roll.csv")
        to.send(client, f"{DESK}/roll", f"{NEW}/roll", roll=roll)
    answer = to.send(client, f"{DESK}/roll/uploaded", f"{NEW}/roll/uploaded", use="y")
    assert answer.status_code == 303, answer.text


def preparing(to: Journey) -> None:
    """The trustees begin, begin again and practise with a key made by files; then all that sealing waits for."""
    one, seated = to.client(StaffRole.RETURNING_OFFICER), trustee(to, "north-2020")
    to.good(one, f"{DESK}/secrecy", f"{NEW}/secrecy", at_most="1/2")
    give = "/office/trustee/<programme>/<step>"
    part = ceremony_vector(2, 3)["certificates"][0]
    to.good(seated, give, "/office/trustee/north-2020/certificate", part=part)
    to.good(one, f"{DESK}/ceremony/restart", f"{NEW}/ceremony/restart")
    key = a_file(write_json(ceremony()[0].to_json()))
    to.good(one, f"{DESK}/<part>", f"{NEW}/trustees", names="One\nTwo\nThree", threshold="2", key=key)
    third = to.client(StaffRole.TRUSTEE, "north-2020-three@example.org")
    assert third.get("/office/trustee/north-2020").status_code == 404
    named = {"names": "One\nTwo\nThree", "threshold": "2", "accounts": "\n\nnorth-2020-three@example.org"}
    to.good(one, f"{DESK}/<part>", f"{NEW}/trustees", **named)
    places, deputy = "/office/people/changes/confirm-places", to.client(StaffRole.DEPUTY)
    asked = re.search(r"people/changes/([0-9a-f]+)/confirm", deputy.get("/office/people").text)
    assert asked is not None
    to.good(deputy, places, place=asked[1])
    assert third.get("/office/trustee/north-2020").status_code == 200
    to.good(seated, give, "/office/trustee/north-2020/practice", part=practices()[0].decode())
    for data in ({"passphrase": "wrong"}, {"passphrase": OFFICER}):
        to.send(one, f"{DESK}/prepare", f"{NEW}/prepare", **data)
    backup = to.send(one, f"{DESK}/backup", f"{NEW}/backup").data
    for deputy in ("wrong", DEPUTY):
        tried = {"backup": a_file(backup), "officer": OFFICER, "deputy": deputy}
        to.send(one, f"{DESK}/backup/try", f"{NEW}/backup/try", **tried)
    registrar = to.client(StaffRole.REGISTRAR)
    for passphrase in ("wrong", REGISTRAR):
        to.send(registrar, f"{DESK}/links/issue", f"{NEW}/links/issue", passphrase=passphrase)


def running(to: Journey) -> None:
    one, registrar = to.client(StaffRole.RETURNING_OFFICER), to.client(StaffRole.REGISTRAR)
    folder = to.world.folder / "config" / to.world.id
    if not folder.exists():
        folder.symlink_to(to.world.programme_folder)
    said = to.send(one, f"{DESK}/mail-test", f"{RUNS}/mail-test", practice="Y00000", send="y")
    assert "was sent to" in said.text
    sent = {"whom": "ccg", "ccg": "00B", "send": "y"}
    to.good(one, f"{DESK}/mail/<kind>", f"{RUNS}/mail/invitation", **sent)
    with transaction(to.world.engine) as session:
        for row, practice in list_messages(session, to.world.id):
            if practice.ods == "Y10001":
                row.state, row.answer = "bounced", "550 no such mailbox"
    for heard in ("later", "other", "paper", "again", "handed"):
        before = to.acts()
        to.good(one, f"{DESK}/mail/mend/<ccg>/<practice>", f"{RUNS}/mail/mend/00B/Y10001", heard=heard)
        assert (to.acts() != before) is (heard in ("again", "handed")), heard
    wall = to.world.clock().astimezone(LONDON)
    happened = {f"happened-{part}": str(getattr(wall, part)) for part in ("day", "month", "year", "hour", "minute")}
    to.good(one, f"{DESK}/incidents", f"{RUNS}/incidents", ccg="00B", what="Dr A rang twice", **happened)
    links = f"{DESK}/links/<ccg>/<practice>"
    to.good(one, f"{links}/again", f"{RUNS}/links/00A/Y00001/again")
    for passphrase in ("wrong", REGISTRAR):
        data = {"reason": "mail-lost", "passphrase": passphrase}
        to.send(registrar, f"{links}/reissue", f"{RUNS}/links/00A/Y00001/reissue", **data)
    for vault in ("wrong", passphrase_of("vault")):
        data = {"passphrase": REGISTRAR, "vault": vault}
        to.send(registrar, f"{links}/letter", f"{RUNS}/links/00A/Y00001/letter", **data)
    to.send(one, "/office/bounces", files=(io.BytesIO(b"From: a@b.org\n\nAway\n"), "away.eml"))
    unlocking(to, registrar)
    to.send(one, "/office/activity/export")


def unlocking(to: Journey, registrar: FlaskClient) -> None:
    """The worker is unlocked by the passphrases on a page, and locked; the vault is backed up."""

    def opened(key: str, vault: str) -> VotingLinks:
        return VotingLinks(to.world.engine, open_signing_key(to.world.keys, Role.REGISTRAR, key), {})

    with Lock(to.world.instance, opened, None).answering():
        for key in ("wrong", REGISTRAR):
            to.send(registrar, "/office/vault/unlock", registrar=key, vault="any")
        to.good(registrar, "/office/vault/lock")
    assert to.send(registrar, "/office/vault/download", what="vault").status_code == 200


def two_people(to: Journey) -> None:
    one, other = to.client(StaffRole.RETURNING_OFFICER), to.client(StaffRole.DEPUTY)
    base, data = f"{DESK}/proposals", EXTEND | {"passphrase": OFFICER}
    to.send(one, f"{base}/new/<slug>", f"{RUNS}/proposals/new/extend", **data | {"passphrase": "wrong"})
    for end, client in (("approve", one), ("approve", other), ("decline", other), ("withdraw", one)):
        path, shown = proposed(to, one, other, "extend", data)
        if end != "approve":
            to.good(client, f"{base}/<hash>/{end}", f"{path}/{end}")
            continue
        if client is other:
            to.send(client, f"{base}/<hash>/approve", f"{path}/approve", shown=shown, passphrase="wrong")
        given = {"shown": shown, "passphrase": DEPUTY if client is other else OFFICER}
        answer = to.send(client, f"{base}/<hash>/approve", f"{path}/approve", **given)
        assert answer.status_code == (303 if client is other else 409)
        if client is other:
            data["closes-day"], data["closes-month"] = "2", "6"
    signed_apart(to, one, other)


def signed_apart(to: Journey, one: FlaskClient, other: FlaskClient) -> None:
    """A proposal signed in the officer's browser; a contact that the registrar changes; a key made in a browser."""
    base, new = f"{DESK}/proposals", f"{RUNS}/proposals/new/change-contact"
    contact = {"ccg": "00A", "practice": "Y00000", "email": "new@example.net", "reason": "contact-moved"}
    path = to.send(one, f"{base}/new/<slug>", new, **contact, own="y").headers["Location"]
    body = unescape(re.findall(r'data-message="([^"]+)"', one.get(path).text)[0]).encode()
    key = open_signing_key(to.world.keys, Role.RETURNING_OFFICER, OFFICER)
    signature = base64_text(key.sign(Purpose.PROPOSAL, body))
    to.good(one, f"{base}/<hash>/sign", f"{path}/sign", signature=signature)
    (shown,) = set(re.findall(r'name="shown" value="([0-9a-f]{64})"', other.get(path).text))
    to.good(other, f"{base}/<hash>/approve", f"{path}/approve", shown=shown, passphrase=DEPUTY)
    registrar = to.client(StaffRole.REGISTRAR)
    for passphrase in ("wrong", REGISTRAR):
        to.send(registrar, f"{base}/<hash>/complete", f"{path}/complete", passphrase=passphrase)
    public = to.world.keys / "deputy.pub"
    written = public.read_bytes()
    public.unlink()
    to.good(other, "/office/key", key=PublicKey.from_pem(written).raw.hex())
    assert public.read_bytes() == written


def proposed(
    to: Journey, one: FlaskClient, other: FlaskClient, slug: str, data: Mapping[str, object]
) -> tuple[str, str]:
    """Where a new proposal is, and what the other officer is shown of it."""
    answer = to.good(one, f"{DESK}/proposals/new/<slug>", f"{RUNS}/proposals/new/{slug}", **data)
    path = answer.headers["Location"]
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', other.get(path).text)
    assert shown is not None
    return path, shown[1]


def counting(to: Journey) -> None:
    """Closed by the clock alone; one share comes on the trustee's page, all others as files."""
    to.world.clock.now = CLOSES + timedelta(days=10)
    one, other = to.client(StaffRole.RETURNING_OFFICER), to.client(StaffRole.DEPUTY)
    seated = trustee(to, to.world.id)
    count = f"{DESK}/count"
    to.good(one, f"{count}/server-shares", f"{RUNS}/count/server-shares")
    route, mine = "/office/trustee/<programme>/count", f"/office/trustee/{to.world.id}/count"
    to.good(seated, f"{route}/<election>", f"{mine}/00A", file=a_file(to.world.share("00A", 2)))
    part = json.dumps({"00B": to.world.share("00B", 2).decode()})
    to.good(seated, route, mine, part=part, compared="y")
    for election, owner in (("00A", 4), ("00B", 4)):
        share = {"election": election, "owner": str(owner), "share": a_file(to.world.share(election, owner))}
        to.good(one, f"{count}/share", f"{RUNS}/count/share", **share)
    to.good(one, f"{count}/decide", f"{RUNS}/count/decide")
    path, shown = proposed(to, one, other, "declare", {"reason": "as-planned", "passphrase": OFFICER})
    given = {"shown": shown, "passphrase": DEPUTY}
    to.good(other, f"{DESK}/proposals/<hash>/approve", f"{path}/approve", **given)
    to.good(other, f"{count}/publish", f"{RUNS}/count/publish")
    scrutineer, key = to.client(StaffRole.SCRUTINEER), Ed25519PrivateKey.from_private_bytes(b"w" * 32)
    to.good(scrutineer, "/office/key", key=key.public_key().public_bytes_raw().hex())
    answers = {statement.id: "yes" for statement in STATEMENTS}
    page = to.send(scrutineer, f"{DESK}/scrutiny/sign", f"{RUNS}/scrutiny/sign", **answers).text
    message, made = (re.search(f'{name}="([^"]*)"', page) for name in ("data-message", 'name="made" value'))
    assert message is not None
    assert made is not None
    signature = base64_text(key.sign(b"ballot scrutiny v1\n" + unescape(message[1]).encode()))
    signed = {**answers, "made": made[1], "signature": signature}
    to.good(scrutineer, f"{DESK}/scrutiny/sign", f"{RUNS}/scrutiny/sign", **signed)


def trustee(to: Journey, programme: str) -> FlaskClient:
    """The first trustee of a programme, signed in; they have a seat from then on."""
    login = f"{programme}-one@example.org"
    client = to.client(StaffRole.TRUSTEE, login)
    seat_trustee(a_door(to.world), login, programme, 1)
    return client


def a_file(data: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), "file"


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
        told = str(list_activity(session, ActivityFilter()))
    for secret in (PASSWORD, "wrong", "Dr A rang", "At work", "and nobody else"):
        assert secret not in told


def failures(world: World) -> list[dict[str, object]]:
    with reading(world.engine) as session:
        return [json.loads(row.details) for row in list_activity(session, ActivityFilter(act="sign-in-failed"))][::-1]


def test_a_guesser_is_in_the_log_and_cannot_fill_it(journey: Journey) -> None:
    world = journey.world
    ann = enrolled(world, StaffRole.OBSERVER, "zoe@example.org")
    told = len(failures(world))
    client = journey.app.test_client()
    token = token_of(client, "/office/sign-in")

    def guess(login: Callable[[int], str], times: int) -> None:
        for i in range(times):
            world.clock.now += timedelta(minutes=16)
            data = {"csrf_token": token, "password": "hunter2", "code": "000000"}
            assert client.post("/office/sign-in", data={**data, "login": login(i)}).status_code == 403

    guess(lambda i: ann.login, 26)
    known = failures(world)[told:]
    assert known == [{"way": "password", "attempts": n, "account": ann.login} for n in (1, 6, 12, 24)]
    told = len(failures(world))
    guess(lambda i: f"guess{i}@example.org", 26)
    unknown = failures(world)[told:]
    assert unknown == [{"way": "password", "attempts": n} for n in (1, 6, 12, 24)]
    with reading(world.engine) as session:
        assert "guess1" not in str(list_activity(session, ActivityFilter()))
        assert list_activity(session, ActivityFilter(act="sign-in-failed"))[0].actor == "nobody"
