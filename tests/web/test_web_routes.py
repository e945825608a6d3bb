"""Every route has a rule and is on the golden list; every answer has its headers; every refusal is JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.db.engine import connect
from ballot.web import access
from ballot.web.access import AccessRule, NoRule, allow
from ballot.web.assets import release
from ballot.web.errors import SENTENCES
from ballot.web.security import HEADERS
from tests.integration.office.world import World
from tests.web.addresses import CAST, CCG, READABLE, SITE
from tests.web.conftest import a_world, make_app

GOLDEN = Path(__file__).parent / "routes.txt"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A site that the tests of this file only read, or are refused by."""
    with a_world(tmp_path_factory.mktemp("site")) as world:
        world.open()
        assert world.cast(world.links()[0]).status == 200
        yield make_app(world).test_client()


def check_refusal(answer: TestResponse, status: int, word: str | None = None) -> None:
    """One form for every refusal, and the headers on it."""
    assert answer.status_code == status, answer.data
    assert answer.mimetype == "application/json"
    said = json.loads(answer.data)
    assert list(said) == ["sentence", "status", "word"]
    assert said["status"] == status
    assert said["sentence"].endswith(".")
    assert word is None or said["word"] == word
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_routes_and_their_rules_are_those_of_the_golden_list(world: World) -> None:
    assert access.routes(make_app(world)) == GOLDEN.read_text().splitlines()


@pytest.mark.parametrize(
    ("rule", "methods"),
    [
        pytest.param(None, ["GET"], id="no rule"),
        pytest.param(AccessRule.PUBLIC, ["POST"], id="a public route that changes something"),
        pytest.param(AccessRule.PUBLIC, ["GET", "POST"], id="a route for both"),
        pytest.param(AccessRule.TOKEN, ["GET"], id="a token in an address that is only read"),
        pytest.param(AccessRule.TOKEN, ["DELETE"], id="deleting"),
    ],
)
def test_the_app_does_not_start_with_a_route_that_says_nothing_or_too_much(
    rule: AccessRule | None, methods: list[str]
) -> None:
    app = Flask("spoiled", static_folder=None)

    def view() -> str:
        return ""

    app.add_url_rule("/", view_func=view if rule is None else allow(rule)(view), methods=methods)

    with pytest.raises(NoRule):
        access.check(app)


def test_a_folder_of_files_would_need_a_rule_too() -> None:
    with pytest.raises(NoRule):
        access.check(Flask("spoiled", static_folder="."))


@pytest.mark.parametrize("path", READABLE)
def test_every_page_answers_with_its_headers(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    head = client.head(path)

    assert answer.status_code == 200
    assert answer.data
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert (head.status_code, head.data, head.mimetype) == (200, b"", answer.mimetype)
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("path", READABLE)
def test_what_is_read_answers_no_other_method(client: FlaskClient, path: str, method: str) -> None:
    check_refusal(client.open(path, method=method), 405, "method-not-allowed")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE"])
def test_casting_answers_no_other_method(client: FlaskClient, method: str) -> None:
    check_refusal(client.open(CAST, method=method, data=b"{}"), 405, "method-not-allowed")


def test_casting_answers_head_without_a_body(client: FlaskClient) -> None:
    answer = client.head(CAST)

    assert (answer.status_code, answer.data) == (405, b"")


HOSTILE = [
    "%2e%2e",
    "..",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    "merger%00",
    "%ff%fe",
    "%ed%a0%80",
    "%C3%A9%E2%80%AE",
    "%F0%9F%97%B3",
    "a" * 5000,
    "%0d%0aSet-Cookie:%20a=b",
    "'%20OR%201=1--",
    "MERGER",
    "merger%20",
    "{}",
    "%25s%25n",
]


@pytest.mark.parametrize("segment", HOSTILE, ids=lambda segment: segment[:24])
def test_an_address_that_is_not_there_is_404_whatever_it_holds(client: FlaskClient, segment: str) -> None:
    places = [
        f"/{segment}",
        f"/api/programmes/{segment}",
        *(f"/api/programmes/{segment}/{file}" for file in ("terms.json", "events.jsonl", "record.zip")),
        *(f"{SITE}/{segment}/{file}" for file in ("election.json", "election.bel", "board")),
        f"{SITE}/{segment}",
        f"{CCG}/receipts/{segment}",
        f"{CCG}/{segment}",
    ]
    for place in places:
        check_refusal(client.get(place), 404, "not-found")
    for place in (f"/api/programmes/{segment}/00A/ballots", f"{SITE}/{segment}/ballots"):
        check_refusal(client.post(place, data=b"{}"), 404, "not-found" if "%2f" in segment else "no-such-ballot")


@pytest.mark.parametrize("path", ["/api//programmes", f"{SITE}/", f"{CCG}//board", "/static/x", "/vote/x"])
def test_an_address_written_otherwise_is_not_there(client: FlaskClient, path: str) -> None:
    check_refusal(client.get(path), 404, "not-found")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        pytest.param("GET", "/nowhere", 404, "not-found", id="nothing there"),
        pytest.param("GET", "/static/nothing.css", 404, "not-found", id="no such file"),
        pytest.param("GET", "/static/../app.py", 404, "not-found", id="out of the folder"),
        pytest.param("GET", "/static/%2e%2e/app.py", 404, "not-found", id="out of the folder, encoded"),
        pytest.param("DELETE", "/", 405, "method-not-allowed", id="another method"),
    ],
)
def test_a_browser_is_told_a_refusal_as_a_page_with_the_same_word(
    client: FlaskClient, method: str, path: str, status: int, word: str
) -> None:
    page = client.open(path, method=method, headers=BROWSER)
    told = client.open(path, method=method, headers={"Accept": "*/*"})

    check_refusal(told, status, word)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert f"{status} {word}" in page.text
    assert SENTENCES[word] in page.text
    assert {name: page.headers.get(name) for name in HEADERS} == HEADERS


def test_what_is_under_api_is_refused_as_json_to_a_browser_too(client: FlaskClient) -> None:
    check_refusal(client.get(f"{SITE}/nowhere", headers=BROWSER), 404, "not-found")


def test_a_file_under_the_address_that_a_page_names_never_changes_and_is_kept(client: FlaskClient) -> None:
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(named) >= 4
    for address in named:
        plain = address.replace(f"/{release()}/", "/")
        kept, asked = (client.get(at, buffered=True) for at in (address, plain))
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert asked.headers["Cache-Control"] == "no-cache"
        assert kept.data == asked.data != b""
    other = client.get(named[0].replace(release(), "0" * 16), buffered=True)
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")


def test_a_page_has_nothing_inline_and_names_no_other_site(client: FlaskClient) -> None:
    for page in (client.get("/").text, client.get("/nowhere", headers=BROWSER).text):
        assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:|data:", page) == []
        assert re.findall(r'(?:href|src|action)="(?:https?:)?//[^"]*', page) == []


def test_the_policy_names_this_site_or_nothing_at_all() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))

    nothing = ("default-src", "object-src", "frame-ancestors", "base-uri")
    assert {policy[name] for name in nothing} == {"'none'"}
    assert set(policy.values()) == {"'none'", "'self'"}
    assert set(policy) >= {"script-src", "style-src", "img-src", "connect-src", "form-action"}


def test_a_fault_of_ours_is_told_in_one_word_and_noted(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine = connect(f"sqlite:///{tmp_path / 'hunter2.db'}")
    client = make_app(world).test_client()

    for answer in (client.get(SITE), client.get("/"), client.post(CAST, data=b"{}")):
        check_refusal(answer, 500, "internal-error")
        assert b"hunter2" not in answer.data
        assert b"table" not in answer.data
    page = client.get("/", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (500, "text/html")
    assert "500 internal-error" in page.text
    assert "hunter2" not in page.text
    assert "OperationalError" in caplog.text
    world.engine.dispose()


def test_every_sentence_is_a_sentence() -> None:
    assert [word for word, sentence in SENTENCES.items() if not sentence.endswith(".") or len(sentence) > 120] == []
