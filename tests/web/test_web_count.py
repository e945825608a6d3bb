"""From closed to published on pages alone: shares, decide, two people declare, publish; then the public pages."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from pypdf import PdfReader
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from ballot.cli.main import main
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.outbox import list_messages
from ballot.db.programmes import find_programme
from ballot.office.acts.window import CloseEarly
from ballot.office.desk import Why
from ballot.office.perform import perform
from ballot.office.staff.roles import StaffRole
from ballot.record.moves import ReasonCode
from tests.integration.office.world import CLOSES, OPENS, World
from tests.support.simulator import ABSTAIN, AGAINST, FOR
from tests.web.conftest import a_world, make_app
from tests.web.staff import staff_client, token_of

COUNT = "/office/ballots/merger/count"
RESULTS = "/board/merger/results"
FILES = ("declaration.pdf", "declaration.sig.json", "declaration.json", "declaration.csv", "evidence.zip")
WHY = Why(ReasonCode.REHEARSAL, "made up")
RO, DEPUTY = StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY


def read(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client), **data})


def press(client: FlaskClient, what: str) -> str:
    """Press a button of the page, and read the page that follows."""
    answer = post(client, f"{COUNT}/{what}")
    assert answer.status_code == 303, answer.text
    return read(client.get(answer.headers["Location"]).text)


def download(app: Flask, path: str) -> bytes:
    """A file that is there."""
    answer = app.test_client().get(path, buffered=True)
    assert answer.status_code == 200
    return answer.data


def hand_in(world: World, client: FlaskClient, election: str, owner: int, share: bytes | None = None) -> TestResponse:
    body = world.share(election, owner) if share is None else share
    return post(client, f"{COUNT}/share", election=election, owner=str(owner), share=(io.BytesIO(body), "share.json"))


def vote(world: World) -> None:
    """00A: two for and one against. 00B, by both measures: for, against, abstaining. 00C: nobody."""
    for ccg, choices in (("00A", (FOR, FOR, AGAINST)), ("00B", (FOR, AGAINST, ABSTAIN))):
        for link, choice in zip(world.links(ccg), choices, strict=False):
            assert world.cast(link, world.ballot(link, choice)).status == 200


def declare_on_pages(one: FlaskClient, other: FlaskClient) -> None:
    """The returning officer proposes, the deputy approves; the keys of these tests have no passphrase."""
    made = post(one, "/office/ballots/merger/proposals/new/declare", reason="as-planned", passphrase="-")
    assert made.status_code == 303, read(made.text)
    path = made.headers["Location"]
    shown = re.search(r'name="shown" value="([0-9a-f]{64})"', other.get(path).text)
    assert shown is not None
    assert post(other, f"{path}/approve", shown=shown.group(1), passphrase="-").status_code == 303


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Flask, dict[str, str]]]:
    """The whole way, once; what the pages said at each step of it."""
    with a_world(tmp_path_factory.mktemp("count")) as world:
        vote(world.open())
        app = make_app(world)
        board = app.test_client()
        said = {"open": read(staff_client(app, world, RO).get(COUNT).text), "board open": read(board.get(RESULTS).text)}
        world.close()
        one, other = staff_client(app, world, RO), staff_client(app, world, DEPUTY)
        said["closed"] = read(one.get(COUNT).text)
        said["server"] = press(one, "server-shares")
        said["wrong share"] = read(hand_in(world, one, "00A", 2, world.share("00A", 3)).text)
        for election in world.elections:
            for owner in (2, 4):
                saved_again = b"\xef\xbb\xbf" + world.share(election, owner) + b"\r\n"
                assert hand_in(world, one, election, owner, saved_again).status_code == 303
                said[f"{election} {owner}"] = read(one.get(COUNT).text)
                said[f"board {election} {owner}"] = read(board.get(f"/board/merger/{election}").text)
        said["counted"] = read(one.get(COUNT).text)
        said["board counted"] = read(board.get("/board/merger").text)
        said["decided"] = press(one, "decide")
        said["board decided"] = read(board.get(RESULTS).text)
        said["public front before"] = read(board.get("/").text)
        said["decided again"] = read(post(one, f"{COUNT}/decide").text)
        declare_on_pages(one, other)
        said["declared"] = read(one.get(COUNT).text)
        said["board declared"] = read(board.get(RESULTS).text)
        said["public front"] = read(board.get("/").text)
        said["published"] = press(other, "publish")
        said["results"] = read(board.get(RESULTS).text)
        yield world, app, said


Walked = tuple[World, Flask, dict[str, str]]


def test_the_page_says_which_shares_are_there_and_what_is_missing(walked: Walked) -> None:
    said = walked[2]

    assert said["open"].count("Voting closes at 5pm on Friday 29 May 2020, British Summer Time") == 3
    assert "Waiting for the server. Waiting for the trustees: 0 of 2" in said["closed"]
    assert "Server: received; One: waiting; Two: waiting; Three: waiting" in said["server"]
    assert "Waiting for the trustees: 1 of 2" in said["00A 2"]
    assert "The share of One is not valid" in said["wrong share"]


def test_counts_and_working_are_shown_as_soon_as_the_last_share_is_in_and_not_before(walked: Walked) -> None:
    said = walked[2]
    working = "Test: of 3 practices that voted for or against (abstentions left out), 2 voted for"

    for place in ("00A 2", "board 00A 2"):
        assert "voted for or against (abstentions left out), 2" not in said[place]
    for place in ("00A 4", "board 00A 4"):
        assert working in said[place]
    assert "Counted, but not declared yet" in said["board 00A 4"]
    assert "The merger" not in said["00A 4"]
    for place in ("counted", "board counted"):
        assert "The merger goes ahead with NHS 00A CCG." in said[place]
    assert "Counted, but not declared yet." in said["board counted"]


def test_each_step_leads_to_the_next_and_none_can_be_done_twice(walked: Walked) -> None:
    said = walked[2]

    assert "When you decide, the server applies each constitution" in said["counted"]
    assert "The programme is decided. Two people declare the result" in said["decided"]
    assert "Every practice that has an e-mail address is then told." in said["decided"]
    assert "The programme is already decided." in said["decided again"]
    assert "The result is declared. Publish the record" in said["declared"]
    assert "The declared result" not in said["public front before"]
    assert "The declared result" in said["public front"]
    assert "Declared, verified and published." in said["published"]
    assert "The result is not declared yet" in said["board open"]
    assert "The result is not declared yet" in said["board decided"]
    assert "The record is verified and published next" in said["board declared"]


def test_who_did_it_is_in_the_activity_log(walked: Walked) -> None:
    with walked[0].reading() as session:
        rows = list_activity(session, ActivityFilter(programme="merger"))

    acts = [(row.act, row.actor) for row in rows]
    assert acts.count(("share-given", "returning-officer@example.org")) == 3 + 6
    assert ("decided", "returning-officer@example.org") in acts
    assert {actor for act, actor in acts if act in ("opened", "closed", "tallied")} == {"board"}
    assert ("record-published", "deputy@example.org") in acts


def test_the_results_page_has_every_figure_and_sentence_of_decision_json(walked: Walked) -> None:
    world, app, said = walked
    with world.reading() as session:
        row = find_programme(session, world.id)
        assert row is not None
        decision = json.loads(row.decision or b"")

    for answers in decision["ccgs"].values():
        for sentence in answers["merge"]["explanation"]:
            assert " ".join(sentence.split()) in said["results"]
    for sentence in decision["outcome"]["explanation"]:
        assert sentence in said["results"]
    for words in (
        "The returning officer Proposed it",
        "The deputy returning officer Approved it",
        "One, Two, Three",
        "Level of support over all CCGs",
        "Turnout; there is no quorum. Of 4 eligible practices: 3 returned, 1 not returned.",
        "clause 1 of made up",
    ):
        assert words in said["results"]
    page = app.test_client().get(RESULTS).text
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count('<svg class="app-bar"') == 3 + 1 + 2 + 1
    two_thirds, half = '<rect x="10.00" y="12" width="426.67" height="40" fill="#005eb8"/>', '<path d="M330.00,8v50"'
    assert two_thirds in page
    assert half in page
    signatures = json.loads(download(app, "/board/merger/declaration.json"))["signatures"]
    assert all(one["key"] in page and escape(one["signature"]) in page for one in signatures)


def test_paper_signature_data_and_pack_are_there_and_agree(walked: Walked, tmp_path: Path) -> None:
    app = walked[1]
    got = {name: download(app, f"/board/merger/{name}") for name in FILES}
    record = tmp_path / "record.zip"
    record.write_bytes(download(app, "/api/programmes/merger/record.zip"))
    for name, data in got.items():
        (tmp_path / name).write_bytes(data)

    data = json.loads(got["declaration.json"])
    paper = PdfReader(io.BytesIO(got["declaration.pdf"]))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert paper.attachments["declaration.json"] == [got["declaration.json"]]
    for ccg in data["ccgs"]:
        for result in ccg["results"]:
            for sentence in (*result["working"], *result["margin"]):
                assert " ".join(sentence.split()) in text
    assert data["record"]["manifest"] in text
    with zipfile.ZipFile(io.BytesIO(got["evidence.zip"])) as pack:
        assert all(pack.read(name) == got[name] for name in FILES[:4])
        assert pack.read("record.zip") == record.read_bytes()
    check = ["--check", str(tmp_path / "declaration.pdf"), "--signature", str(tmp_path / "declaration.sig.json")]
    assert main(["declaration", str(record), *check]) == 0
    (tmp_path / "declaration.pdf").write_bytes(got["declaration.pdf"] + b" ")
    assert main(["declaration", str(record), *check]) == 1


def test_the_e_mail_with_the_result_is_queued_and_the_board_links_to_the_results(walked: Walked) -> None:
    world, app, _ = walked
    with world.reading() as session:
        assert any(row.kind == "result" for row, *_ in list_messages(session, world.id))
    assert f'href="{RESULTS}"' in app.test_client().get("/board/merger").text


def test_what_does_not_verify_is_not_published_and_the_page_shows_the_lines(walked: Walked) -> None:
    """The last of this file: it changes the tables behind the office's back."""
    world, app, _ = walked
    client = staff_client(app, world, RO)
    before = download(app, "/board/merger/declaration.pdf")
    with world.engine.begin() as connection:
        row = connection.execute(sql("SELECT decision FROM programme")).scalar_one()
        changed = bytes(row).replace(b'"for":{"practices":2}', b'"for":{"practices":3}')
        assert changed != bytes(row)
        connection.execute(sql("UPDATE programme SET decision = :d"), {"d": changed})

    answer = post(client, f"{COUNT}/publish")

    assert answer.status_code == 409
    assert "Nothing was published: the record failed our own audit" in read(answer.text)
    assert "FAIL record.decision: record: 00A: its constitution decides otherwise on these counts" in read(answer.text)
    assert download(app, "/board/merger/declaration.pdf") == before


@pytest.mark.parametrize("count", ["each", "together"])
def test_while_others_vote_the_page_warns_of_a_total_or_waits_for_the_last(world: World, count: str) -> None:
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace('count = "each"', f'count = "{count}"'))
    world._seal()
    world.clock.now = OPENS
    for ccg in ("00A", "00B"):
        perform(world.desk, world.id, CloseEarly(ccg), world.two, WHY)
    app = make_app(world)

    said = read(staff_client(app, world, RO).get(COUNT).text)
    assert ("Others are still voting" in said) == (count == "each")
    assert ("Still to close: NHS 00C CCG" in said) == (count == "together")
    assert ("Add the server's share" in said) == (count == "each")

    world.close("00C")
    said = read(staff_client(app, world, RO).get(COUNT).text)
    assert "still voting" not in said
    assert "Still to close" not in said
    assert "Add the server's share" in said


def test_without_a_worker_the_page_names_the_closings_that_are_not_recorded_and_records_them(world: World) -> None:
    """All are counted together, so that one closing that is not recorded would hold up every total."""
    file = world.programme_folder / "programme.toml"
    file.write_text(file.read_text().replace('count = "each"', 'count = "together"'))
    world._seal()
    world.clock.now = CLOSES
    client = staff_client(make_app(world), world, RO)

    said = read(client.get(COUNT).text)
    assert said.count("Waiting for the server (the worker has not recorded the closing") == 3
    assert "Still to close" not in said

    said = press(client, "server-shares")
    assert said.count("Waiting for the trustees: 0 of 2") == 3
    assert "not recorded" not in said
