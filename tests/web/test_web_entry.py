"""Entering with a token: what its holder sees, every refusal with its word, and that it changes nothing."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink
from ballot.protocol.hashing import sha256_hex
from ballot.record.receipts import check_receipt
from ballot.record.terms import parse_terms
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.web.addresses import CCG, SITE, bearer
from tests.web.conftest import make_app
from tests.web.test_web_reading import bytes_of
from tests.web.test_web_routes import check_refusal

ENTRY = f"{CCG}/entry"
Spoil = Callable[[World, PracticeLink], object]


@pytest.fixture
def link(voted: World) -> PracticeLink:
    """A practice that has not voted."""
    return voted.links()[2]


def test_the_holder_of_a_token_is_told_who_votes_where_and_until_when(
    voted: World, client: FlaskClient, link: PracticeLink
) -> None:
    answer = client.post(ENTRY, headers=bearer(link.token))
    said = answer.json

    assert (answer.status_code, said["word"]) == (200, "may-vote")
    assert said["practice"] == {"code": link.practice, "name": link.name}
    assert said["ccg"] == {"code": "00A", "name": "NHS 00A CCG"}
    assert (said["opens"], said["closes"]) == ("2020-05-11T08:00:00Z", "2020-05-29T16:00:00Z")
    assert said["receipt"] is None
    assert client.get(said["election"]).data == said["election_text"].encode() == voted.row().election
    assert client.get(said["terms"]).data == said["terms_text"].encode()
    assert said["cast"] == f"{CCG}/ballots"
    named = next(e for e in parse_terms(said["terms_text"].encode()).elections if e.ccg == "00A")
    lists = [sha256_hex(said[name].encode()) for name in ("credentials_text", "roll_text")]
    assert lists == [named.credentials, named.roll]
    assert said["credentials_text"].encode() in voted.archive()
    assert link.token not in answer.text


def test_who_has_voted_is_given_the_receipt_of_its_own_ballot_byte_for_byte(voted: World, client: FlaskClient) -> None:
    first, again = voted.links()[0], voted.cast(voted.links()[0])
    answer = client.post(ENTRY, headers=bearer(first.token))

    assert (answer.status_code, answer.json["word"], again.status) == (409, "already-voted", 409)
    receipt = check_receipt(answer.json["receipt"].encode(), voted.board.public)
    assert (
        client.get(f"{answer.json['receipts']}{hex_of(receipt.tracking_number)}").data.decode()
        == (answer.json["receipt"])
    )


def test_after_closing_the_receipt_is_still_given_and_the_word_is_closed(voted: World, client: FlaskClient) -> None:
    voted.close()
    who_voted, who_did_not = (client.post(ENTRY, headers=bearer(link.token)) for link in voted.links()[1:3])

    assert [answer.json["word"] for answer in (who_voted, who_did_not)] == ["closed", "closed"]
    assert check_receipt(who_voted.json["receipt"].encode(), voted.board.public)
    assert who_did_not.json["receipt"] is None


def test_where_the_last_counts_who_voted_may_enter_again(world: World) -> None:
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace('policy = "final"', 'policy = "last-counts"'))
    link = world.open().links()[0]
    first, second = (json.loads(world.cast(link).receipt or b"") for _ in range(2))
    answer = make_app(world).test_client().post(ENTRY, headers=bearer(link.token))

    assert (answer.status_code, answer.json["policy"]) == (200, "last-counts")
    assert json.loads(answer.json["receipt"])["height"] == second["height"] > first["height"]


@pytest.mark.parametrize(
    ("spoil", "status", "word"),
    [
        pytest.param(lambda w, k: setattr(w.clock, "now", OPENS - SECOND), 425, "not-open-yet", id="too early"),
        pytest.param(lambda w, k: setattr(w.clock, "now", CLOSES), 410, "closed", id="too late"),
        pytest.param(lambda w, k: perform(w.desk, w.id, Abandon("00A"), w.two, WHY), 410, "abandoned", id="abandoned"),
    ],
)
def test_a_live_token_at_the_wrong_moment_is_told_the_word_and_whose_it_is(
    opened: World, spoil: Spoil, status: int, word: str
) -> None:
    link = opened.links()[2]
    spoil(opened, link)
    answer = make_app(opened).test_client().post(ENTRY, headers=bearer(link.token))

    assert (answer.status_code, answer.json["word"]) == (status, word)
    assert answer.json["practice"]["code"] == link.practice


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Strike("00A", k.practice), w.two, WHY), "practice-struck", id="struck"
        ),
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Revoke("00A", k.practice), (w.registrar,)), "token-revoked", id="revoked"
        ),
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Reissue("00A", k.practice), (w.registrar,)),
            "token-superseded",
            id="re-issued",
        ),
        pytest.param(lambda w, k: setattr(w.clock, "now", CLOSES + timedelta(days=400)), "token-expired", id="expired"),
    ],
)
def test_a_dead_token_is_told_one_word_and_nothing_else(opened: World, spoil: Spoil, word: str) -> None:
    link = opened.links()[2]
    spoil(opened, link)

    check_refusal(make_app(opened).test_client().post(ENTRY, headers=bearer(link.token)), 403, word)


@pytest.mark.parametrize("token", ["", "x", "x.y", "A" * 5000])
def test_what_is_no_token_opens_nothing(client: FlaskClient, token: str) -> None:
    check_refusal(client.post(ENTRY, headers=bearer(token)), 403, "token-invalid")


def test_the_token_of_another_ccg_opens_nothing_here(voted: World, client: FlaskClient) -> None:
    elsewhere = voted.links("00B")[0]

    check_refusal(client.post(ENTRY, headers=bearer(elsewhere.token)), 403, "token-for-another-ballot")
    check_refusal(client.post(f"{SITE}/none/entry", headers=bearer(elsewhere.token)), 404, "no-such-ballot")


def test_entering_any_number_of_times_changes_no_byte(voted: World, client: FlaskClient, link: PracticeLink) -> None:
    before = bytes_of(voted.folder)
    for _ in range(5):
        for token in (link.token, voted.links()[0].token, "x"):
            client.post(ENTRY, headers=bearer(token), data=b"anything")
    assert bytes_of(voted.folder) == before


def test_prefetching_every_address_of_every_link_changes_no_byte(voted: World, client: FlaskClient) -> None:
    before = bytes_of(voted.folder)
    pages = set()
    for link in voted.links():
        path, _, code = link.url("").partition("#")
        for address in (path, f"{path}/", *(f"{path}{mark}{code}" for mark in ("%23", "%252523", "*", "?", "/?%23"))):
            for method in ("GET", "HEAD", "GET"):
                answer = client.open(address, method=method)
                assert answer.status_code == 200
                if method == "GET":
                    pages.add(answer.data)
    assert len(pages) == 1
    assert bytes_of(voted.folder) == before


def test_the_booth_is_never_kept_and_its_scripts_are(client: FlaskClient) -> None:
    page = client.get("/vote/merger/00A")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    small = client.get("/vote/merger/00A", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(small.data) == page.data
    packed = client.get("/static/booth.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(client.get("/static/booth.js").data) / 2


def test_no_row_of_any_table_holds_a_token_or_a_credential(
    voted: World, client: FlaskClient, link: PracticeLink
) -> None:
    client.post(ENTRY, headers=bearer(link.token))
    client.post(f"{CCG}/ballots", data=voted.ballot(link), headers=bearer(link.token))
    with voted.reading() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        rows = str([list(session.execute(text(f"SELECT * FROM {name}"))) for name in names])

    assert link.practice in rows
    assert link.token not in rows
    assert link.credential not in rows


def hex_of(tracking_number: str) -> str:
    return base64.b64decode(tracking_number + "=").hex()
