"""Proposing and approving on pages: two officers in two browsers, and no access for others."""

from __future__ import annotations

import csv
import io
import re
import threading
from datetime import timedelta
from html import unescape
from typing import get_args

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.db.activity import ActivityFilter, list_activity, verify_chain
from ballot.db.events import event_lines
from ballot.db.programmes import find_programme
from ballot.db.session import transaction
from ballot.office.activity import NOBODY, Activity, SignInFailed, note_act
from ballot.office.acts.counting import Decide
from ballot.office.acts.membership import Strike
from ballot.office.acts.window import CloseEarly
from ballot.office.perform import perform
from ballot.office.staff.roles import StaffRole
from ballot.record.keys import Purpose, Role, SigningKey, base64_text
from ballot.record.programme_events import Move, ProgrammeEvent, parse_programme_event
from ballot.registrar.sealing import Stretch, seal_secret
from ballot.web.office.two_people.log import SHOWN
from ballot.web.office.two_people.log_words import ACTS
from tests.integration.office.world import CLOSES, WHY, World
from tests.web.conftest import make_app
from tests.web.staff import staff_client, token_of

RO, DEPUTY = StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY
OTHERS = [role for role in StaffRole if role not in (RO, DEPUTY)]
PASSPHRASES = {Role.RETURNING_OFFICER: "ro's own", Role.DEPUTY: "deputy's own", Role.REGISTRAR: "registrar's own"}
LATER = CLOSES + timedelta(days=2)
EXTEND = {
    "ccg": "00A",
    "closes-day": "31",
    "closes-month": "5",
    "closes-year": "2020",
    "closes-hour": "17",
    "closes-minute": "00",
    "reason": "technical-failure",
    "note": "Dr A rang",
}


@pytest.fixture
def world_with_passphrases(opened: World) -> World:
    """Every officer's key is kept under their own passphrase, as it should be."""
    keys: tuple[SigningKey, ...] = (opened.officer, opened.deputy, opened.registrar)
    for key in keys:
        raw = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        sealed = seal_secret(key.role.value, raw, PASSPHRASES[key.role], Stretch(1, 8192))
        (opened.keys / "private" / f"{key.role.value}.key").write_bytes(sealed)
    return opened


@pytest.fixture
def app(world_with_passphrases: World) -> Flask:
    return make_app(world_with_passphrases)


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data})


def propose(client: FlaskClient, role: Role = Role.RETURNING_OFFICER, slug: str = "extend", **data: str) -> str:
    """Where the proposal is."""
    sent = (data or EXTEND) | {"passphrase": PASSPHRASES[role]}
    answer = post(client, f"/office/ballots/merger/proposals/new/{slug}", **sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def shown_of(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found.group(1)


def approve(client: FlaskClient, path: str, role: Role, **more: str) -> TestResponse:
    data = {"shown": shown_of(client, path), "passphrase": PASSPHRASES[role]} | more
    return post(client, f"{path}/approve", **data)


def events(world: World) -> list[ProgrammeEvent]:
    with world.reading() as session:
        return [parse_programme_event(line) for line in event_lines(session, world.id)]


def test_one_officer_proposes_and_the_other_approves_in_another_browser(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    path = propose(one)
    assert opened.row().closes_at == CLOSES
    page = unescape(other.get(path).text)
    for words in (
        "New closing time: 5pm on Sunday 31 May 2020, British Summer Time; that is 16:00:00 UTC on 31 May 2020",
        "Reason, published: technical failure (technical-failure)",
        "Note, kept private: Dr A rang",
        '"arguments":{"closes":"2020-05-31T16:00:00Z"}',
        "returning-officer@example.org",
    ):
        assert words in page
    assert approve(other, path, Role.DEPUTY).status_code == 303
    assert opened.row().closes_at == LATER
    assert events(opened)[-1].signers == (Role.RETURNING_OFFICER, Role.DEPUTY)
    assert "Approved and done" in one.get("/office/ballots/merger/proposals").text


def test_nobody_is_offered_to_approve_their_own_proposal_and_nobody_can(app: Flask, opened: World) -> None:
    client = staff_client(app, opened, RO)
    path = propose(client)
    page = client.get(path).text
    assert "You cannot approve your own proposal" in page
    assert 'name="shown"' not in page
    other = staff_client(app, opened, DEPUTY)
    sent = {"shown": shown_of(other, path), "passphrase": PASSPHRASES[Role.RETURNING_OFFICER]}
    answer = post(client, f"{path}/approve", **sent)
    assert answer.status_code == 409
    assert "You cannot approve your own proposal" in answer.text
    assert opened.row().closes_at == CLOSES


def test_a_second_person_of_the_same_role_cannot_approve(app: Flask, opened: World) -> None:
    path = propose(staff_client(app, opened, RO))
    second = staff_client(app, opened, RO, "another@example.org")
    assert 'name="shown"' not in second.get(path).text
    shown = shown_of(staff_client(app, opened, DEPUTY), path)
    answer = post(second, f"{path}/approve", shown=shown, passphrase=PASSPHRASES[Role.RETURNING_OFFICER])
    assert answer.status_code == 409
    assert opened.row().closes_at == CLOSES


def test_a_passphrase_that_does_not_open_ones_own_key_signs_nothing(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    answer = post(one, "/office/ballots/merger/proposals/new/extend", **EXTEND, passphrase=PASSPHRASES[Role.DEPUTY])
    assert answer.status_code == 400
    assert "The passphrase does not open your key" in answer.text
    assert PASSPHRASES[Role.DEPUTY] not in unescape(answer.text)
    path = propose(one)
    answer = approve(other, path, Role.DEPUTY, passphrase=PASSPHRASES[Role.RETURNING_OFFICER])
    assert answer.status_code == 400
    assert opened.row().closes_at == CLOSES


def test_only_what_was_shown_is_approved(app: Flask, opened: World) -> None:
    path = propose(staff_client(app, opened, RO))
    answer = approve(staff_client(app, opened, DEPUTY), path, Role.DEPUTY, shown="0" * 64)
    assert answer.status_code == 409
    assert "no longer the one that you were shown" in answer.text


def test_approving_asks_for_a_fresh_proof_of_who_one_is(app: Flask, opened: World) -> None:
    path = propose(staff_client(app, opened, RO))
    other = staff_client(app, opened, DEPUTY)
    shown, token = shown_of(other, path), token_of(other)
    opened.clock.now += timedelta(minutes=6)
    answer = other.post(
        f"{path}/approve",
        data={"csrf_token": token, "shown": shown, "passphrase": PASSPHRASES[Role.DEPUTY]},
        headers={"Accept": "text/html"},
    )
    assert answer.status_code == 303
    assert "/office/confirm" in answer.headers["Location"]
    assert opened.row().closes_at == CLOSES


def test_a_time_that_the_clocks_repeat_is_refused_beside_its_field(app: Flask, opened: World) -> None:
    client = staff_client(app, opened, RO)
    data = EXTEND | {"closes-day": "25", "closes-month": "10", "closes-hour": "1", "passphrase": "x"}
    answer = post(client, "/office/ballots/merger/proposals/new/extend", **data)
    assert answer.status_code == 400
    assert "there are two such times" in answer.text


def test_a_contact_changes_in_two_visits_and_the_registrar_types_at_their_own_desk(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, DEPUTY), staff_client(app, opened, RO)
    registrar = staff_client(app, opened, StaffRole.REGISTRAR)
    contact = {"ccg": "00A", "practice": "Y00001", "email": "new@example.net", "reason": "contact-moved"}
    path = propose(one, Role.DEPUTY, "change-contact", **contact)
    page = other.get(path).text
    assert "New e-mail address: new@example.net" in page
    assert "registrar" not in re.findall(r'name="([a-z]+)"', page)
    assert post(registrar, f"{path}/complete", passphrase=PASSPHRASES[Role.REGISTRAR]).status_code == 409
    assert approve(other, path, Role.RETURNING_OFFICER).status_code == 303
    assert "Approved: waiting for the registrar" in other.get(path).text
    assert opened.links()[1].email == "y01@example.org"

    assert "Both officers have approved this. It needs your key too." in registrar.get(path).text
    assert post(registrar, f"{path}/complete", passphrase="wrong").status_code == 400
    assert post(registrar, f"{path}/complete", passphrase=PASSPHRASES[Role.REGISTRAR]).status_code == 303
    assert opened.links()[1].email == "new@example.net"
    event = events(opened)[-1]
    assert (event.move, event.signers) == (Move.CONTACT_CHANGED, (Role.DEPUTY, Role.RETURNING_OFFICER))


def take_away(world: World, *roles: Role) -> dict[Role, SigningKey]:
    """Officers' keys leave the server before the ballot is prepared: a ballot's terms would say so."""
    keys = {key.role: key for key in (world.officer, world.deputy) if key.role in roles}
    with transaction(world.engine) as session:
        row = find_programme(session, world.id)
        assert row is not None
        row.keys_held = " ".join(role for role in row.keys_held.split() if Role(role) not in roles)
    for role in roles:
        (world.keys / "private" / f"{role.value}.key").unlink()
    return keys


def signed_in_the_browser(client: FlaskClient, path: str, key: SigningKey) -> str:
    """What the page's script signs: the message of the form, for its purpose."""
    page = client.get(path).text
    found = re.search(r'data-sign="([a-z]+)" data-message="([^"]+)" data-role="([a-z-]+)" data-key="([0-9a-f]+)"', page)
    assert found is not None
    assert (found[3], found[4]) == (key.role.value, key.public.raw.hex())
    return base64_text(key.sign(Purpose(found[1]), unescape(found[2]).encode()))


def test_officers_whose_keys_are_not_on_the_server_sign_in_their_own_browsers(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    opened.officer, opened.deputy  # noqa: B018  (opened while the files are there)
    keys = take_away(opened, Role.RETURNING_OFFICER, Role.DEPUTY)
    new = "/office/ballots/merger/proposals/new/extend"
    assert 'type="password"' not in one.get(new).text
    path = str(post(one, new, **EXTEND).headers["Location"])
    assert "Not signed yet" in one.get(path).text
    assert "data-sign" not in other.get(path).text
    signature = signed_in_the_browser(one, path, keys[Role.RETURNING_OFFICER])
    assert post(one, f"{path}/sign", signature=signature).status_code == 303

    page = other.get(path).text
    assert re.findall(r'name="passphrase"', page) == []
    signature = signed_in_the_browser(other, path, keys[Role.DEPUTY])
    answer = post(other, f"{path}/approve", shown=shown_of(other, path), signature=signature)
    assert answer.status_code == 303
    assert opened.row().closes_at == LATER
    assert events(opened)[-1].signers == (Role.RETURNING_OFFICER, Role.DEPUTY)


def test_a_signature_that_is_none_or_of_another_key_is_refused(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    path = str(post(one, "/office/ballots/merger/proposals/new/extend", **EXTEND, own="y").headers["Location"])
    other_key = base64_text(opened.deputy.sign(Purpose.PROPOSAL, b"x"))
    for signature, status in (("", 400), ("not base64", 400), (other_key, 409)):
        assert post(one, f"{path}/sign", signature=signature).status_code == status
    assert post(other, f"{path}/sign", signature=other_key).status_code == 409
    path = propose(one)
    for signature, status in (("not base64", 400), (other_key, 409)):
        answer = post(other, f"{path}/approve", shown=shown_of(other, path), signature=signature)
        assert answer.status_code == status
    assert opened.row().closes_at == CLOSES


def test_a_key_that_the_terms_say_is_elsewhere_is_not_opened_even_if_its_file_is_there(
    app: Flask, opened: World
) -> None:
    client = staff_client(app, opened, RO)
    with transaction(opened.engine) as session:
        row = find_programme(session, opened.id)
        assert row is not None
        row.keys_held = ""
    path = "/office/ballots/merger/proposals/new/extend"
    sent = EXTEND | {"passphrase": PASSPHRASES[Role.RETURNING_OFFICER]}
    assert "Not signed yet" in client.get(str(post(client, path, **sent).headers["Location"])).text


def test_one_declines_and_one_withdraws(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    first, second = propose(one), propose(one)
    assert post(one, f"{first}/decline").status_code == 409
    assert post(other, f"{first}/decline").status_code == 303
    assert post(other, f"{second}/withdraw").status_code == 409
    assert post(one, f"{second}/withdraw").status_code == 303
    page = one.get("/office/ballots/merger/proposals").text
    assert "Declined" in page
    assert "Withdrawn" in page


def test_two_browsers_that_approve_at_once_make_one_event(app: Flask, opened: World) -> None:
    path = propose(staff_client(app, opened, RO), Role.RETURNING_OFFICER, "abandon", ccg="00A", reason="error-in-setup")
    first, second = (staff_client(app, opened, DEPUTY) for _ in range(2))
    sent = [
        (client, {"csrf_token": token_of(client), "shown": shown_of(client, path), "passphrase": "deputy's own"})
        for client in (first, second)
    ]
    barrier, found = threading.Barrier(2), []

    def run(client: FlaskClient, data: dict[str, str]) -> None:
        barrier.wait()
        found.append(client.post(f"{path}/approve", data=data).status_code)

    threads = [threading.Thread(target=run, args=each) for each in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [303, 409]
    assert [event.move for event in events(opened)].count(Move.ABANDONED) == 1


PATHS = [
    "/office/ballots/merger/proposals/new/extend",
    "{one}/sign",
    "{one}/approve",
    "{one}/decline",
    "{one}/withdraw",
]


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role.value)
@pytest.mark.parametrize("path", PATHS)
def test_no_other_role_gets_at_it_by_its_address(app: Flask, opened: World, role: StaffRole, path: str) -> None:
    one = propose(staff_client(app, opened, RO))
    before = events(opened)
    client = staff_client(app, opened, role)
    assert post(client, path.format(one=one), **EXTEND, passphrase="x", shown="0" * 64).status_code == 403
    assert events(opened) == before
    assert "Waiting for approval" in staff_client(app, opened, DEPUTY).get(one).text


@pytest.mark.parametrize("path", [*PATHS, "/office/activity/export"])
def test_nothing_is_taken_from_a_form_that_is_not_ours_or_from_a_stranger(app: Flask, opened: World, path: str) -> None:
    one = propose(staff_client(app, opened, RO))
    client = staff_client(app, opened, DEPUTY)
    assert client.post(path.format(one=one), data=EXTEND).status_code == 400
    assert app.test_client().post(path.format(one=one), data=EXTEND).status_code == 401
    assert "Waiting for approval" in client.get(one).text


@pytest.mark.parametrize(
    "path",
    [
        "/office/ballots/other/proposals",
        "/office/ballots/merger/proposals/" + "0" * 64,
        "/office/ballots/merger/proposals/new/crown",
    ],
)
def test_what_is_not_there_is_not_found(app: Flask, opened: World, path: str) -> None:
    assert staff_client(app, opened, RO).get(path).status_code == 404


def test_the_programmes_with_what_waits(app: Flask, opened: World) -> None:
    client = staff_client(app, opened, RO)
    assert "none waiting" in client.get("/office/proposals").text
    propose(client)
    assert "1 waiting" in client.get("/office/proposals").text
    assert "/office/proposals" in client.get("/office").text


@pytest.mark.parametrize("slug", ["close", "extend", "strike", "change-contact", "abandon"])
def test_every_form_says_what_is_missing(app: Flask, opened: World, slug: str) -> None:
    client = staff_client(app, opened, RO)
    assert client.get(f"/office/ballots/merger/proposals/new/{slug}").status_code == 200
    answer = post(client, f"/office/ballots/merger/proposals/new/{slug}")
    assert answer.status_code == 400
    assert "Choose a reason" in answer.text
    assert "Enter the passphrase" in answer.text
    assert "<title>Error: " in answer.text


@pytest.mark.parametrize("slug", ["seal", "open", "reballot", "declare"])
def test_an_act_that_does_not_fit_the_moment_has_no_form_and_is_not_offered(
    app: Flask, opened: World, slug: str
) -> None:
    client, new = staff_client(app, opened, RO), f"/office/ballots/merger/proposals/new/{slug}"
    assert "This cannot be proposed now" in client.get(new).text
    assert 'name="passphrase"' not in client.get(new).text
    assert post(client, new, reason="as-planned", passphrase="ro's own").status_code == 409
    offered = re.findall(r"/proposals/new/([a-z-]+)", client.get("/office/ballots/merger/proposals").text)
    assert offered == ["close", "extend", "strike", "change-contact", "abandon"]


def test_a_form_offers_only_the_ccgs_and_the_reasons_that_fit(app: Flask, opened: World) -> None:
    perform(opened.desk, opened.id, CloseEarly("00B"), opened.two, WHY)
    page = staff_client(app, opened, RO).get("/office/ballots/merger/proposals/new/extend").text
    assert re.findall(r'<option value="(\w+)"[^>]*>NHS', page) == ["00A", "00C"]
    assert "technical failure" in page
    assert "the practice closed" not in page


def test_the_one_who_declares_reads_the_result_before_signing_and_the_other_reads_the_same(
    app: Flask, opened: World
) -> None:
    opened.cast(opened.links()[0])
    opened.close()
    opened.tally()
    perform(opened.desk, opened.id, Decide())
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    counted = "Of 4 eligible practices: 1 for, 0 against, 0 abstaining, 3 not returned."
    for page in (
        one.get("/office/ballots/merger/proposals/new/declare").text,
        other.get(propose(one, slug="declare", reason="as-planned")).text,
    ):
        shown = page.partition("<details")[0]
        assert "The merger goes ahead with NHS 00A CCG." in shown
        assert counted in shown
    assert "/proposals/new/declare" not in one.get("/office/ballots/merger/proposals").text, "it waits already"


def test_waiting_proposals_are_above_all_else_and_ended_ones_below(app: Flask, opened: World) -> None:
    client = staff_client(app, opened, RO)
    assert post(client, f"{propose(client)}/withdraw").status_code == 303
    propose(client)
    page = client.get("/office/ballots/merger/proposals").text
    waits, offer, ended = (page.index(words) for words in ("Waiting for the other", "can be proposed", "Earlier"))
    assert waits < offer < ended


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_ending_a_proposal_asks_first_and_says_what_is_lost(app: Flask, opened: World, end: str) -> None:
    path = propose(staff_client(app, opened, RO))
    client = staff_client(app, opened, DEPUTY if end == "decline" else RO)
    page = client.get(f"{path}/{end}").text
    assert "someone must propose it again" in page
    assert f'href="{path}"' in page
    assert "Waiting for approval" in client.get(path).text


def test_grave_acts_ask_for_the_proof_before_anything_is_typed(app: Flask, opened: World) -> None:
    path = propose(staff_client(app, opened, RO))
    other = staff_client(app, opened, DEPUTY)
    opened.clock.now += timedelta(minutes=6)
    page = other.get(path).text
    assert "Confirm your identity" in page
    assert 'type="password"' not in page
    answer = other.get("/office/ballots/merger/proposals/new/extend", headers={"Accept": "text/html"})
    assert "/office/confirm" in answer.headers["Location"]


def test_where_sealing_is_done_the_page_says_to_write_the_fingerprint_down(world: World) -> None:
    world.prepare().make_backup().issue()
    app = make_app(world)
    one, other = staff_client(app, world, RO), staff_client(app, world, DEPUTY)
    path = post(one, "/office/ballots/merger/proposals/new/seal", reason="as-planned", passphrase="x").headers[
        "Location"
    ]
    assert "Write this down" not in other.get(path).text
    post(other, f"{path}/approve", shown=shown_of(other, path), passphrase="x")
    page = other.get(path).text
    with world.reading() as session:
        row = find_programme(session, world.id)
        assert row is not None
        assert row.fingerprint is not None
    assert "Write this down" in page
    assert f'app-fingerprint">{row.fingerprint}<' in page


def test_the_activity_log_is_searched_and_tells_who_did_what(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    approve(other, propose(one), Role.DEPUTY)
    page = one.get("/office/activity?act=extended").text
    assert "returning-officer@example.org and deputy@example.org" in page
    assert "Closing time extended" in page
    assert "NHS 00A CCG, A merger" in page
    assert "<dt>Acting for</dt><dd>returning officer</dd>" in page
    assert "<dt>Reason</dt><dd>technical failure</dd>" in page
    assert "Dr A rang" not in one.get("/office/activity").text
    assert "Signed in" in one.get("/office/activity?actor=deputy@example.org").text.partition("<h2>")[2]
    assert "0 entries" in one.get("/office/activity?since=2021-01-01").text
    assert one.get("/office/activity?since=yesterday").status_code == 400
    assert "<script>" not in one.get("/office/activity?actor=<script>").text
    with opened.reading() as session:
        assert list(verify_chain(session)) == []


def test_an_act_on_a_practice_names_it_in_the_log(app: Flask, opened: World) -> None:
    perform(opened.desk, opened.id, Strike("00A", "Y00001"), opened.two, WHY)
    page = staff_client(app, opened, RO).get("/office/activity?act=struck").text
    assert "Practice struck off the roll" in page
    assert "Practice 0-1 (Y00001), NHS 00A CCG, A merger" in page


def test_the_log_is_filtered_by_choosing_from_what_is_in_it(app: Flask, opened: World) -> None:
    perform(opened.desk, opened.id, Strike("00A", "Y00001"), opened.two, WHY)
    page = unescape(staff_client(app, opened, RO).get("/office/activity?ccg=00A&act=crown").text)
    assert re.search(r'<option value="returning-officer@example.org" *>', page)
    assert re.search(r'<option value="merger" *>A merger<', page)
    assert re.search(r'<option value="sealed" *>Sealed: rules, roll and keys fixed<', page)
    assert re.search(r'<option value="00A" +selected[^>]*>NHS 00A CCG \(00A\)<', page)
    assert re.search(r'<option value="crown" +selected[^>]*>crown<', page), "what is sought is shown, found or not"


def test_the_log_has_one_line_an_entry_and_pages_that_keep_the_filter(app: Flask, opened: World) -> None:
    with transaction(opened.engine) as session:
        for attempt in range(SHOWN + 1):
            note_act(session, opened.clock.now, NOBODY, SignInFailed("password", attempt, None))
    client = staff_client(app, opened, RO)
    first = client.get("/office/activity?act=sign-in-failed").text
    assert first.count('<details class="app-log">') == SHOWN
    assert f"{SHOWN + 1} entries, page 1 of 2" in first
    following = re.search(r'href="([^"]+)"[^>]*rel="next"', first)
    assert following is not None
    assert unescape(following[1]) == "/office/activity?act=sign-in-failed&page=2"
    second = client.get(unescape(following[1])).text
    assert second.count('<details class="app-log">') == 1
    assert 'rel="next"' not in second
    assert client.get("/office/activity?page=99").status_code == 200


def test_every_kind_of_entry_has_words() -> None:
    kinds = {kind.act for kind in get_args(Activity) if hasattr(kind, "act")} | {move.value for move in Move}
    assert set(ACTS) == kinds


def test_the_export_is_noted_and_begins_no_formula(app: Flask, opened: World) -> None:
    client = staff_client(app, opened, RO, "-cmd@example.org")
    answer = post(client, "/office/activity/export", act="signed-in")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert {row["actor"] for row in rows} == {"'-cmd@example.org"}
    with opened.reading() as session:
        entry, *_ = list_activity(session, ActivityFilter(act="downloaded"))  # before it, sealing made a backup
    assert entry.actor == "-cmd@example.org"


@pytest.mark.parametrize(
    ("role", "status"),
    [(RO, 200), (DEPUTY, 200), (StaffRole.OBSERVER, 200), (StaffRole.REGISTRAR, 403), (StaffRole.TRUSTEE, 403)],
)
def test_who_reads_the_activity_log(app: Flask, opened: World, role: StaffRole, status: int) -> None:
    client = staff_client(app, opened, role)
    assert client.get("/office/activity").status_code == status
    assert post(client, "/office/activity/export").status_code == (200 if role in (RO, DEPUTY) else 403)


def test_a_page_says_that_a_key_has_no_passphrase_before_it_signs(app: Flask, opened: World) -> None:
    one, other = staff_client(app, opened, RO), staff_client(app, opened, DEPUTY)
    new = "/office/ballots/merger/proposals/new/extend"
    says = "The key {} has no passphrase"
    assert "has no passphrase" not in one.get(new).text
    path = propose(one)
    (opened.keys / "private" / "deputy.key").write_bytes(
        seal_secret(
            "deputy", opened.deputy.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()), None
        )
    )

    assert says.format("deputy") in other.get(path).text
    assert says.format("deputy") in other.get(new).text
    assert "ballot keys passphrase --name deputy" in other.get(new).text
    assert "has no passphrase" not in one.get(new).text


def test_a_wrong_passphrase_is_in_the_activity_log(app: Flask, opened: World) -> None:
    one = staff_client(app, opened, RO)
    post(one, "/office/ballots/merger/proposals/new/extend", **EXTEND, passphrase="guessed")
    with opened.reading() as session:
        (entry,) = list_activity(session, ActivityFilter(act="key-refused"))
    assert (entry.actor, entry.details) == ("returning-officer@example.org", '{"key":"returning-officer"}')
