"""The registrar's pages: a new link or letter is for one practice, whatever is sent; passphrases are not kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ballot.db.activity import ActivityFilter, ActivityRow, list_activity
from ballot.db.outbox import list_messages
from ballot.db.session import transaction
from ballot.db.tokens import LIVE, TokenRow, token_lines
from ballot.mail.messages import Kind
from ballot.office.post.mailings import invite, remind
from ballot.office.post.outbox import Everyone, OneCcg
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import World
from tests.support.letters import code_on, keys_of
from tests.web.conftest import a_world, make_app
from tests.web.locked_keys import lock_keys, passphrase_of
from tests.web.staff import staff_client, token_of

BASE = "/office/ballots/merger"
RO, REGISTRAR = StaffRole.RETURNING_OFFICER, StaffRole.REGISTRAR
REISSUE = {"reason": "mail-lost", "passphrase": passphrase_of("registrar")}
LETTER = {"passphrase": passphrase_of("registrar"), "vault": passphrase_of("vault")}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World]]:
    """Open, invited, every key under its passphrase. Each test uses a practice of its own."""
    with a_world(tmp_path_factory.mktemp("registrar")) as world:
        world.open()
        invite(world.engine, world.clock, world.id, Everyone())
        assert world.entries  # while the vault opens without
        yield make_app(lock_keys(world)), world


@pytest.fixture
def world(here: tuple[Flask, World]) -> World:
    return here[1]


@pytest.fixture
def app(here: tuple[Flask, World]) -> Flask:
    return here[0]


@pytest.fixture
def registrar(app: Flask, world: World) -> FlaskClient:
    return staff_client(app, world, REGISTRAR)


def post(client: FlaskClient, path: str, **data: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data}, content_type="multipart/form-data")


def state(world: World) -> tuple[Any, ...]:
    """Every token, every message, and the log of tokens."""
    with world.reading() as session:
        tokens = [(row.practice_id, row.serial, row.hash, row.status) for row in session.scalars(select(TokenRow))]
        messages = [(row.kind, row.to, practice.ods) for row, practice in list_messages(session, world.id)]
        return sorted(tokens), sorted(messages), token_lines(session, world.id)


def test_a_new_link_is_for_the_practice_of_the_address_and_is_sent_to_nobody_else(
    registrar: FlaskClient, world: World
) -> None:
    tokens, messages, _ = state(world)
    page = registrar.get(f"{BASE}/links/00A/Y00001/reissue").text
    assert "We send the new link to y01@example.org only." in page

    assert post(registrar, f"{BASE}/links/00A/Y00001/reissue", **REISSUE).status_code == 303

    after_tokens, after_messages, _ = state(world)
    new = [message for message in after_messages if message not in messages]
    assert new == [(Kind.REISSUED.value, "y01@example.org", "Y00001")]
    assert len(after_messages) == len(messages) + 1
    changed = {row[0] for row in set(after_tokens) ^ set(tokens)}
    assert len(changed) == 1
    assert sum(row[3] == LIVE for row in after_tokens) == sum(row[3] == LIVE for row in tokens)
    assert "link number 2" in registrar.get(f"{BASE}/links/00A/Y00001").text
    with world.reading() as session:
        (entry,) = list_activity(session, ActivityFilter(act="reissued"))
    assert (entry.actor, entry.acting_for, entry.reason) == ("registrar@example.org", "registrar", "mail-lost")


NOBODY = (
    ("00A", ""),
    ("", "Y00002"),
    ("00A", "*"),
    ("00A", "%25"),
    ("00A", "all"),
    ("00A", "Y0000"),
    ("00A", "Y0000_"),
    ("00A", "y00002"),
    ("00A", "Y00002,Y00003"),
    ("00A", "Y00002 Y00003"),
    ("00A", "Y00002%00"),
    ("00A", "Y00002'%20OR%20'1'='1"),
    ("00A", "Y10000"),
    ("00B", "Y00002"),
    ("*", "Y00002"),
    ("99Z", "Y99999"),
)
FORGED: tuple[dict[str, Any], ...] = (
    {"whom": "all"},
    {"all": "y"},
    {"practice": ""},
    {"practice": "Y00003"},
    {"practice": "*"},
    {"practice": ["Y00002", "Y00003"]},
    {"ccg": "00B"},
    {"programme": "other"},
    {"code": "%"},
    {"passphrase": [passphrase_of("registrar"), passphrase_of("registrar")]},
)
PAGES = (("reissue", REISSUE), ("letter", LETTER))


def test_no_address_means_several_practices_or_another_ccgs(registrar: FlaskClient, world: World) -> None:
    before, token = state(world), token_of(registrar)
    for page, sent in PAGES:
        for ccg, practice in NOBODY:
            address = f"{BASE}/links/{ccg}/{practice}/{page}"
            assert registrar.get(address).status_code == 404, address
            assert registrar.post(address, data={"csrf_token": token, **sent}).status_code == 404, address
    assert state(world) == before


def test_a_field_too_many_makes_it_nobody_and_not_everybody(registrar: FlaskClient, world: World) -> None:
    before, token = state(world), token_of(registrar)
    for page, sent in PAGES:
        for forged in FORGED:
            data = {"csrf_token": token, **sent, **forged}
            answer = registrar.post(f"{BASE}/links/00A/Y00002/{page}", data=data)
            assert (answer.status_code, answer.get_json()["word"]) == (409, "form-not-ours"), forged
    assert state(world) == before


def test_a_letter_holds_the_link_of_its_practice_and_stays_nowhere(
    app: Flask, registrar: FlaskClient, world: World
) -> None:
    before = sorted(path for path in world.folder.rglob("*") if path.is_file())
    answer = post(registrar, f"{BASE}/links/00B/Y10001/letter", **LETTER)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    document = pypdfium2.PdfDocument(answer.data)
    (code,) = [found.text for found in zxingcpp.read_barcodes(document[0].render(scale=3).to_pil())]
    document.close()
    (link,) = [link for link in world.links("00B") if link.practice == "Y10001"]
    assert code == link.url("https://vote.example.org")
    typed = code_on(answer.data)
    assert app.test_client().post("/api/programmes/merger/00B/letter", data=keys_of(typed)[0]).status_code == 200
    kept = b"".join(path.read_bytes() for path in world.folder.glob("*.db*"))
    assert not [form for form in (typed, typed.replace("-", ""), link.token) if form.encode() in kept]
    assert sorted(path for path in world.folder.rglob("*") if path.is_file()) == before
    with world.reading() as session:
        (entry,) = list_activity(session, ActivityFilter(act="downloaded", ccg="00B"))
        assert (entry.actor, entry.ccg, entry.details) == (
            "registrar@example.org",
            "00B",
            '{"what":"letters","practice":"Y10001"}',
        )


def test_a_passphrase_is_in_no_page_log_or_table(
    registrar: FlaskClient, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = state(world)
    for page, sent in (("reissue", REISSUE), ("letter", LETTER)):
        for field in sorted({"passphrase", "vault"} & set(sent)):
            answer = post(registrar, f"{BASE}/links/00A/Y00002/{page}", **{**sent, field: "a wrong Passphrase"})
            assert answer.status_code == 400
            assert "The passphrase does not open the key" in answer.text
            for secret in (*LETTER.values(), "a wrong Passphrase"):
                assert secret not in unescape(answer.text)
                assert secret not in caplog.text
    assert state(world) == before
    with world.reading() as session:
        rows = repr([(row.details, row.actor) for row in session.scalars(select(ActivityRow))])
    assert not re.search("and nobody else|wrong Passphrase", rows)
    data = b"".join(path.read_bytes() for path in world.folder.glob("*.db*"))
    assert b"and nobody else" not in data


@pytest.mark.parametrize("role", [role for role in StaffRole if role is not REGISTRAR])
def test_nobody_but_the_registrar_gives_links(app: Flask, world: World, role: StaffRole) -> None:
    before, client = state(world), staff_client(app, world, role)
    for page, sent in (("00A/Y00002/reissue", REISSUE), ("00A/Y00002/letter", LETTER), ("issue", REISSUE)):
        assert client.get(f"{BASE}/links/{page}").status_code == 403
        assert post(client, f"{BASE}/links/{page}", **sent).status_code == 403
    assert state(world) == before


def test_a_bounced_address_is_mended_step_by_step(app: Flask, world: World) -> None:
    client = staff_client(app, world, RO)
    with transaction(world.engine) as session:
        for row, practice in list_messages(session, world.id):
            if practice.ods in ("Y20003", "Y20002"):
                row.state, row.answer = "bounced", f"550 no such mailbox as {practice.ods}"
    here = f"{BASE}/mail/mend/00C/Y20003"
    assert f'href="{here}"' in client.get(f"{BASE}/mail").text
    assert "invitation bounced at y23@example.org: 550" in client.get(f"{BASE}/mail").text
    assert "invitation bounced at y23@example.org: 550" in staff_client(app, world, REGISTRAR).get(f"{BASE}/mail").text
    seen = staff_client(app, world, StaffRole.OBSERVER).get(f"{BASE}/mail").text  # who sees no address anywhere
    assert ("(Y20003), NHS 00C CCG: invitation bounced" in seen, "y23@example.org" in seen) == (True, False)
    page = client.get(here).text
    assert "Did not arrive: invitation bounced at y23@example.org: 550 no such mailbox as Y20003" in page
    assert "Ask for" in page
    assert "y23@example.org" in page
    answer = post(client, here)
    assert (answer.status_code, "Choose what the practice said" in answer.text) == (400, True)

    address = post(client, here, heard="other").headers["Location"]
    assert "example.org" not in address
    form = client.get(address).text
    for filled in ('value="Y20003"', 'value="y23@example.org"', 'value="Dr A"', 'value="contact-moved" selected'):
        assert filled in form
    assert 'value="00C" selected' in form

    paper = client.get(post(client, here, heard="paper").headers["Location"]).text
    assert "Ask the registrar to sign in and open this page" in paper
    assert "Make a letter" in staff_client(app, world, REGISTRAR).get(f"{BASE}/links/00C/Y20003").text

    assert post(client, here, heard="later").status_code == 303
    assert "bounced" in client.get(f"{BASE}/mail").text
    assert post(client, here, heard="again").status_code == 303
    listed = client.get(f"{BASE}/mail").text
    assert ("as Y20003" in listed, "as Y20002" in listed) == (False, True)
    with world.reading() as session:
        states = {
            practice.ods: row.state for row, practice in list_messages(session, world.id) if row.kind == "invitation"
        }
        (entry,) = [row for row in list_activity(session, ActivityFilter(act="mail-queued")) if row.ccg == "00C"]
    assert (states["Y20003"], states["Y20002"]) == ("queued", "bounced")
    assert (entry.actor, entry.details) == ("returning-officer@example.org", '{"kind":"invitation","messages":1}')
    assert "No e-mail to this practice is known to have failed" in client.get(here).text
    assert client.get(f"{BASE}/mail/mend/00A/Y20003").status_code == 404


def test_an_officer_notes_that_a_letter_was_handed_over(app: Flask, world: World) -> None:
    client = staff_client(app, world, RO)
    with transaction(world.engine) as session:
        for row, practice in list_messages(session, world.id):
            if practice.ods == "Y20003":
                row.state = "bounced"
    here, card = f"{BASE}/mail/mend/00C/Y20003", f"{BASE}/links/00C/Y20003"
    assert here in client.get(f"{BASE}/mail").text
    assert "None noted" in client.get(card).text
    assert post(client, here, heard="handed").status_code == 303
    assert here not in client.get(f"{BASE}/mail").text
    for page in (client, staff_client(app, world, REGISTRAR)):
        assert "Handed over or posted, as returning-officer@example.org noted on" in page.get(card).text
    assert "Letter handed over" in client.get(f"{BASE}/mail").text
    with world.reading() as session:
        (entry,) = list_activity(session, ActivityFilter(act="letter-handed-over"))
    assert (entry.actor, entry.ccg, entry.details) == (
        "returning-officer@example.org",
        "00C",
        '{"practice":"Y20003"}',
    )


def test_who_voted_is_told_by_no_list_of_e_mails_to_those_who_do_not_see_it(app: Flask, world: World) -> None:
    link = world.links("00C")[0]
    assert world.cast(link).status == 200
    remind(world.engine, world.clock, world.id, OneCcg("00C"))
    for role, sees in ((RO, True), (REGISTRAR, False), (StaffRole.OBSERVER, False)):
        client = staff_client(app, world, role)
        pages = client.get(f"{BASE}/mail").text
        if role is not StaffRole.OBSERVER:
            pages += client.get(f"{BASE}/links/00C/{link.practice}").text
        for kind in (">Receipt</td>", ">Reminder</td>"):
            assert (kind in re.sub(r"\s*([<>])\s*", r"\1", pages)) is sees, (role, kind)


def test_links_are_issued_once_by_the_registrar(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.prepare()
        app = make_app(lock_keys(world))
        client = staff_client(app, world, REGISTRAR)
        assert "Issue the voting links" in client.get(f"{BASE}/links").text
        assert "Y00001" in client.get(f"{BASE}/links").text
        assert post(client, f"{BASE}/links/issue", passphrase="no").status_code == 400
        assert not world.vault.exists()
        assert post(client, f"{BASE}/links/issue", passphrase=passphrase_of("registrar")).status_code == 303
        assert len(state(world)[0]) == 12
        answer = post(client, f"{BASE}/links/issue", passphrase=passphrase_of("registrar"))
        assert answer.status_code == 400
        assert "already issued" in answer.text or "cannot be issued" in answer.text
        assert len(state(world)[0]) == 12
        answer = post(client, f"{BASE}/links/00A/Y00001/letter", **LETTER)
        assert (answer.status_code, "only after the ballot is sealed" in answer.text) == (400, True)
