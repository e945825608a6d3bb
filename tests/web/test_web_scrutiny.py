"""The scrutineer's report on its pages: the draft, the statements, the signature from the browser, the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from ballot.declaration.office_figures import parse_figures_file
from ballot.declaration.scrutiny import check_report
from ballot.declaration.statements import STATEMENTS
from ballot.office.acts.counting import Decide, Declare
from ballot.office.board.publish import publish_verified
from ballot.office.on_time import tick
from ballot.office.perform import perform
from ballot.office.staff.roles import StaffRole
from ballot.record.keys import PublicKey, base64_text
from ballot.registrar.keyring import read_scrutineer_key
from tests.integration.office.world import World
from tests.web.conftest import a_world, make_app
from tests.web.staff import staff_client, token_of

PAGE = "/office/ballots/merger/scrutiny"
SIGN = f"{PAGE}/sign"
KEY = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
PUBLIC = PublicKey(KEY.public_key().public_bytes_raw())
SATISFIED = {statement.id: "yes" for statement in STATEMENTS}


def publish_result(world: World) -> None:
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two)
    publish_verified(world.desk, world.id, world.instance / "records")


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A published result, with one vote and one that was refused."""
    with a_world(tmp_path_factory.mktemp("ended")) as world:
        world.open()
        link = world.links()[0]
        assert world.cast(link).status == 200
        assert world.cast(link).word == "already-voted"
        publish_result(world)
        yield world


def scrutineer(world: World) -> FlaskClient:
    return staff_client(make_app(world), world, StaffRole.SCRUTINEER)


def post(client: FlaskClient, path: str, **data: str) -> tuple[int, str]:
    answer = client.post(path, data={"csrf_token": token_of(client), **data})
    return answer.status_code, answer.text


def signing(page: str) -> tuple[str, dict[str, str]]:
    """What the page asks the browser to sign, and the hidden fields that go with it."""
    (message,) = re.findall(r'data-message="([^"]*)"', page)
    (form,) = re.findall(r"<form[^>]*data-sign.*?</form>", page, re.DOTALL)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
    return unescape(message), {name: unescape(value) for name, value in hidden.items() if name != "csrf_token"}


def test_a_draft_is_shown_while_voting_goes_on_and_cannot_be_signed(voted: World) -> None:
    client = scrutineer(voted)
    assert "Voting is opening at this moment" in client.get(PAGE).text
    tick(voted.desk)
    page = client.get(PAGE).text
    assert "Draft of the scrutineer" in page
    assert "2 of 12 practices that could vote did." in page
    assert "The result is not declared yet." in page
    assert "can be signed when the result is declared and published" in client.get(SIGN).text
    assert post(client, SIGN, **SATISFIED)[0] == 200


def test_before_sealing_there_is_nothing_to_report(world: World) -> None:
    world.prepare()
    assert "not sealed yet" in scrutineer(world).get(PAGE).text


def test_the_scrutineer_makes_a_key_whose_public_half_alone_is_kept(ended: World) -> None:
    client = scrutineer(ended)
    assert "Make your signing key" in client.get(SIGN).text
    assert "With it you sign your report" in client.get("/office/key").text
    assert post(client, "/office/key", key=PUBLIC.raw.hex())[0] == 303
    assert read_scrutineer_key(ended.keys) == PUBLIC
    assert not (ended.keys / "private" / "scrutineer.key").exists()
    assert post(client, "/office/key", key=PUBLIC.raw.hex())[0] == 400


def test_the_statements_are_answered_read_and_signed(ended: World) -> None:
    client = scrutineer(ended)
    if read_scrutineer_key(ended.keys) is None:
        post(client, "/office/key", key=PUBLIC.raw.hex())
    answers = {**SATISFIED, "opportunity": "no", "opportunity_why": "One letter\r\nwas late"}
    status, page = post(client, SIGN, **answers)
    assert status == 200
    assert "Why not: One letter was late" in page
    message, hidden = signing(page)
    for wrong in (bytes(64), KEY.sign(b"ballot event v1\n" + message.encode())):
        assert post(client, SIGN, **{**hidden, "signature": base64_text(wrong)})[0] == 400
    signature = KEY.sign(b"ballot scrutiny v1\n" + message.encode())
    assert (
        post(client, SIGN, **{**hidden, "secrecy": "no", "secrecy_why": "x", "signature": base64_text(signature)})[0]
        == 400
    )
    assert post(client, SIGN, **{**hidden, "signature": base64_text(signature)})[0] == 303

    deputy = staff_client(make_app(ended), ended, StaffRole.DEPUTY)
    assert "Signed by the scrutineer" in deputy.get(PAGE).text
    data = deputy.get(f"{PAGE}/report.json").data
    report, _ = check_report(data, ended.instance / "records" / "merger.zip", PUBLIC)
    assert [answer.is_satisfied for answer in report.answers].count(False) == 1
    assert report.office is not None
    assert [(each.reason, each.count) for each in report.office.refused] == [("already-voted", 1)]
    assert "The scrutineer&#39;s report" in deputy.get(PAGE).text
    assert deputy.get(f"{PAGE}/report.pdf").data.startswith(b"%PDF-")
    assert "I am NOT satisfied." in deputy.get(f"{PAGE}/report.txt").text


def test_a_statement_without_an_answer_or_a_reason_is_asked_again(ended: World) -> None:
    client = scrutineer(ended)
    if read_scrutineer_key(ended.keys) is None:
        post(client, "/office/key", key=PUBLIC.raw.hex())
    status, page = post(client, SIGN, **{**SATISFIED, "count": "no", "secrecy": ""})
    assert status == 400
    assert "Say why you are not satisfied" in page
    assert "Choose whether you are satisfied" in page
    assert "data-message" not in page


def test_the_office_s_figures_are_a_file_without_names_of_people(voted: World) -> None:
    tick(voted.desk)
    client = scrutineer(voted)
    answer = client.get(f"{PAGE}/figures.json")
    assert parse_figures_file(answer.data).programme == "merger"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "@" not in answer.text
    assert "Dr A" not in answer.text
    assert json.loads(client.get(f"{PAGE}/report.json").data)["statements"] == []
    assert client.get(f"{PAGE}/letters.json").status_code == 404


@pytest.mark.parametrize("role", [StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY, StaffRole.REGISTRAR])
def test_no_one_else_signs(ended: World, role: StaffRole) -> None:
    client = staff_client(make_app(ended), ended, role)
    assert client.get(PAGE).status_code == 200
    assert post(client, SIGN, **SATISFIED)[0] == 403


def test_no_page_offers_the_scrutineer_a_button_that_acts(ended: World, tmp_path: Path) -> None:
    """Of all forms on the pages of a ballot, only noting an incident, signing and signing out are left."""
    client = scrutineer(ended)
    base = "/office/ballots/merger"
    for page in ("", "/turnout", "/mail", "/count", "/proposals", "/incidents", "/scrutiny", "/preflight"):
        answer = client.get(base + page)
        assert answer.status_code in (200, 404), page
        forms = re.findall(r'<form[^>]*method="post"[^>]*>', answer.text)
        acting = [form for form in forms if "sign-out" not in form]
        assert len(acting) == (1 if page == "/incidents" else 0), (page, acting)
    assert client.get(f"{base}/links").status_code == 403
