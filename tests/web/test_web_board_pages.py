"""The public board for people: what it says at every stage, and that it only repeats what was published."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from ballot.config import Site
from ballot.constitution.question import Question
from ballot.constitution.words import DEFAULT_WORDS
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.acts.counting import Decide
from ballot.office.board.publish import publish
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.protocol.hashing import sha256_base64
from ballot.record.keys import ROLE_WORDS, Role
from ballot.record.programme_events import Move, ReasonCode
from ballot.web.board import words
from ballot.web.board.contents import show_counts
from tests.integration.office.world import World
from tests.support.simulator import AGAINST, FOR
from tests.web.addresses import CCG, PAGES
from tests.web.conftest import a_world, make_app

PROGRAMME = "/board/merger"
FIND = f"{PROGRAMME}/find"


def read(client: FlaskClient, path: str, **query: str) -> str:
    """What a page says, without its tags."""
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


@contextmanager
def a_voted_world(folder: Path) -> Iterator[World]:
    """Two of four voted in 00A, nobody else."""
    with a_world(folder) as world:
        for link in world.open().links()[:2]:
            assert world.cast(link).status == 200
        yield world


@pytest.fixture(scope="module")
def voted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """For the tests of this file that only read."""
    with a_voted_world(tmp_path_factory.mktemp("voted")) as world:
        yield world


@pytest.fixture(scope="module")
def client(voted: World) -> FlaskClient:
    return make_app(voted).test_client()


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two of four voted in 00A, one for and one against in 00B, nobody in 00C; the tests of this file only read it."""
    with a_voted_world(tmp_path_factory.mktemp("decided")) as world:
        for link, vote in zip(world.links("00B")[:2], (FOR, AGAINST), strict=True):
            assert world.cast(link, world.ballot(link, vote)).status == 200
        world.close()
        world.tally()
        perform(world.desk, world.id, Decide())
        yield world


def test_the_page_of_a_programme_says_what_when_and_how_it_stands(client: FlaskClient) -> None:
    said = read(client, PROGRAMME)

    assert "Do you agree?" in said
    assert "9am on Monday 11 May 2020, British Summer Time (08:00:00 UTC on 11 May 2020)" in said
    assert "5pm on Friday 29 May 2020, British Summer Time (16:00:00 UTC on 29 May 2020)" in said
    assert "NHS 00A CCG" in said
    assert "Voting is open" in said
    assert "2/4 (50%)" in said
    assert "2 of 3 trustees together: One, Two, Three" in said
    assert "Outcome" not in said


def test_the_dates_of_a_ccg_are_a_calendar_file_for_anyone(client: FlaskClient) -> None:
    page = client.get(f"{PROGRAMME}/00A").text
    (address,) = re.findall(r'href="([^"]+\.ics)"', page)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="voting-dates-00A.ics"'
    assert b"\r\nDTSTART:20200529T160000Z\r\n" in answer.data
    assert b"\r\nURL:https://vote.example.org/board/merger/00A\r\n" in answer.data


@pytest.mark.parametrize("ccg", ["00Z", "00A.north", "00a", "%00", "x" * 300])
def test_what_is_no_ccg_has_no_dates(client: FlaskClient, ccg: str) -> None:
    assert client.get(f"{PROGRAMME}/{ccg}/dates.ics").status_code == 404


def test_a_ballot_that_is_not_sealed_has_no_dates_for_the_public(world: World) -> None:
    world.prepare()
    client = make_app(world).test_client()
    assert client.get(f"{PROGRAMME}/00A/dates.ics").status_code == 404
    assert client.get("/board/nothing/00A/dates.ics").status_code == 404


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith(PROGRAMME)])
def test_every_page_of_a_rehearsal_says_so_and_shows_the_fingerprint(voted: World, path: str) -> None:
    client = make_app(voted).test_client()
    with reading(voted.engine) as session:
        row = find_programme(session, voted.id)
        assert row is not None
        fingerprint = row.fingerprint
    assert fingerprint

    said = read(client, path)

    assert "This is a rehearsal. No decision follows from it." in said
    assert f"Fingerprint of this programme: {fingerprint}" in said


def test_what_was_decided_stands_there_in_the_sentences_of_decision_json(decided: World) -> None:
    client = make_app(decided).test_client()
    with reading(decided.engine) as session:
        row = find_programme(session, decided.id)
        assert row is not None
        assert row.decision is not None
        published = json.loads(row.decision)

    for ccg, answers in published["ccgs"].items():
        said = read(client, f"{PROGRAMME}/{ccg}")
        for sentence in answers["merge"]["explanation"]:
            assert sentence in said
        assert answers["merge"]["outcome"].capitalize() in said
    said = read(client, PROGRAMME)
    for sentence in published["outcome"]["explanation"]:
        assert sentence in said


def test_no_percentage_stands_alone(decided: World) -> None:
    client = make_app(decided).test_client()
    for path in PAGES[:-2]:
        said = read(client, path)
        for match in re.finditer(r"[0-9.]+%", said):
            assert re.search(r"\d+/\d+ \((about )?$", said[: match.start()]), said[match.start() - 40 : match.end()]


def test_the_counts_of_both_measures_stand_in_one_table(decided: World) -> None:
    page = make_app(decided).test_client().get(f"{PROGRAMME}/00B").text
    cells = [unescape(re.sub(r"<[^>]*>", "", cell)).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", page, re.S)]

    assert cells[:3] == ["Votes", "Practices", "Weighted votes"]
    assert cells[3:15] == ["Eligible", "4", "10,000", "For", "1", "1,000", "Against", "1", "2,000", "Abstain", "0", "0"]


def test_before_anything_is_counted_no_number_of_votes_for_is_said(client: FlaskClient) -> None:
    for path in PAGES:
        assert "Decision" not in read(client, path).replace("No decision", "")


def test_where_weights_may_tell_who_voted_the_pages_say_so(client: FlaskClient) -> None:
    weights, heads = "see that this practice has voted", "Nothing here shows which practice a ballot came from"

    for ccg, weighted in (("00A", False), ("00B", True), ("00C", True)):
        for path in (f"{PROGRAMME}/{ccg}", f"{PROGRAMME}/{ccg}/ballots"):
            assert (weights in read(client, path)) is weighted
        assert (heads in read(client, f"{PROGRAMME}/{ccg}/ballots")) is not weighted


def tracking_numbers(client: FlaskClient) -> list[str]:
    return [entry["tracking_number"] for entry in client.get(f"{CCG}/board").json]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("{}", id="as it is"),
        pytest.param("  {}\n", id="white space around it"),
        pytest.param("'{}'", id="in quotation marks"),
        pytest.param("{}=", id="with padding"),
    ],
)
def test_a_ballot_on_the_board_is_found_by_its_tracking_number(client: FlaskClient, typed: str) -> None:
    said = read(client, FIND, number=typed.format(tracking_numbers(client)[0]))

    assert "Yes, this ballot is on the board" in said
    assert "NHS 00A CCG" in said
    assert "Place in the chain of ballots Number 1" in said
    assert "11 May, 9:00:00am" in said
    assert "No later ballot of the same practice replaces it" in said


def test_a_tracking_number_may_be_typed_in_groups_or_lose_its_plus_signs_in_an_address(client: FlaskClient) -> None:
    for number in tracking_numbers(client):
        groups = " ".join(number[i : i + 4] for i in range(0, 43, 4))
        assert "Yes, this ballot" in read(client, FIND, number=groups)
        bare = client.get(f"{FIND}?number={quote(number, safe='+/')}").text
        assert "Yes, this ballot" in bare


def test_a_ballot_that_is_not_there_is_told_so(client: FlaskClient) -> None:
    assert "No, there is no such ballot on the board" in read(client, FIND, number="A" * 43)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("abc", "A tracking number has 43 characters. You entered 3."),
        ("A" * 500, "You entered far more"),
        ("!" * 43, "has only the letters"),
        ("é" * 43, "has only the letters"),
        ("A" * 42 + "B", "its last character is wrong"),
        ("<script>", "You entered 8"),
    ],
)
def test_what_cannot_be_a_tracking_number_is_an_error_with_a_summary(
    client: FlaskClient, typed: str, sentence: str
) -> None:
    page = client.get(FIND, query_string={"number": typed}).text

    assert page.count(sentence) == 2
    assert 'href="#number"' in page
    assert 'aria-describedby="number-hint number-error"' in page
    assert "<title>Error: " in page
    assert "<script>" not in page


def test_a_superseded_ballot_is_found_and_told_which_one_counts(world: World) -> None:
    world.policy = "last-counts"
    toml = world.programme_folder / "programme.toml"
    toml.write_text(toml.read_text().replace('policy = "final"', 'policy = "last-counts"'))
    world.open()
    link = world.links()[0]
    first, second = world.ballot(link), world.ballot(link, AGAINST)
    assert [world.cast(link, body).status for body in (first, second)] == [200, 200]
    client = make_app(world).test_client()

    old, new = (read(client, FIND, number=sha256_base64(body)) for body in (first, second))

    assert "its later ballot, number 2, counts instead" in old
    assert "No later ballot of the same practice replaces it" in new
    assert "No: ballot number 2 counts instead" in read(client, f"{PROGRAMME}/00A/ballots")
    assert "its last vote counts" in read(client, PROGRAMME)


def test_the_list_of_events_says_who_signed_what(decided: World) -> None:
    said = read(make_app(decided).test_client(), f"{PROGRAMME}/events")

    assert "Sealed: rules, roll and keys fixed" in said
    assert "the returning officer and the deputy returning officer" in said
    assert "Totals opened by the trustees (00C)" in said


def test_the_record_is_offered_once_it_is_published(tmp_path: Path) -> None:
    with a_voted_world(tmp_path) as world:
        client = make_app(world).test_client()
        assert "/api/programmes/merger/record.zip" not in client.get(PROGRAMME).text

        publish(world.desk, world.id, world.instance / "records" / world.id, lambda folder: None)

        assert "/api/programmes/merger/record.zip" in client.get(PROGRAMME).text


def test_every_link_of_every_page_leads_somewhere(decided: World) -> None:
    client = make_app(decided).test_client()
    for path in PAGES:
        page = client.get(path).text
        ids = set(re.findall(r'\sid="([^"]+)"', page))
        for target in set(re.findall(r'href="([^"]+)"', page)):
            if target.startswith("#"):
                assert target[1:] in ids, f"{path}: {target}"
            elif target.startswith("/"):
                assert client.get(unescape(target), buffered=True).status_code == 200, f"{path}: {target}"


@pytest.mark.parametrize(
    ("kind", "table"),
    [(Move, words.MOVES), (ReasonCode, words.REASONS), (State, words.STATES), (Role, ROLE_WORDS)],
)
def test_every_word_of_the_record_has_words_on_a_page(kind: type[Enum], table: dict[Enum, object]) -> None:
    assert set(table) == set(kind)


def test_counts_of_options_and_localities_are_told_in_the_order_of_the_paper() -> None:
    question = Question("form", "Which form?", ("First form", "Second form", "Abstain"), ("a", "b"))
    part = {"eligible": {"practices": 4}, "options": {"a": {"practices": 1}, "b": {"practices": 2}}}
    part["abstain"] = {"practices": 0}
    not_counted = {"eligible": {"practices": 4}, "options": {"a": {}, "b": {}}, "abstain": {}}

    told = show_counts({**part, "localities": {"North": part}}, question, DEFAULT_WORDS)

    assert told.columns == ("Practices",)
    assert told.rows == (("Eligible", (4,)), ("First form", (1,)), ("Second form", (2,)), ("Abstain", (0,)))
    assert show_counts(not_counted, question, DEFAULT_WORDS).rows == (("Eligible", (4,)),)


def test_the_logo_is_shown_only_where_the_settings_say_that_it_may_be(world: World) -> None:
    logo = 'class="nhsuk-header__logo"'
    plain, named, allowed = (
        make_app(world, site).test_client().get("/").text
        for site in (Site(), Site("NHS Example ICB"), Site("NHS Example ICB", nhs_logo=True))
    )

    assert logo not in plain + named
    assert logo in allowed
    for page in (named, allowed):
        assert page.count("NHS Example ICB") >= 2
        assert "Member practice voting - NHS Example ICB</title>" in page


def test_whom_to_ask_for_help_stands_at_the_foot_of_every_page(world: World) -> None:
    site = Site("", "the help desk", "help@vote.example.org", "01772 000000")
    page = make_app(world, site).test_client().get("/").text

    assert "Ask the help desk" in page
    assert 'href="mailto:help@vote.example.org"' in page
    assert 'href="tel:01772000000"' in page


def test_a_draft_has_pages_too(world: World) -> None:
    client = make_app(world.prepare()).test_client()

    assert "Being prepared" in read(client, PROGRAMME)
    assert "Being prepared" in read(client, f"{PROGRAMME}/00A")
    assert "No ballot has been accepted yet" in read(client, f"{PROGRAMME}/00A/ballots")


@pytest.mark.parametrize("path", ["/board/other", "/board/merger/00Z", "/board/merger/00Z/ballots", "/board/x/find"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_page_names_a_person_or_sets_a_cookie(tmp_path_factory: pytest.TempPathFactory) -> None:
    with a_world(tmp_path_factory.mktemp("people")) as world:
        client = make_app(world.open()).test_client()
        for path in PAGES:
            answer = client.get(path)
            assert "@example.org" not in answer.text
            assert "Dr A" not in answer.text
            assert "Set-Cookie" not in answer.headers


def test_the_decision_on_paper_has_the_very_sentences_of_the_page_and_of_decision_json(decided: World) -> None:
    client = make_app(decided).test_client()
    with reading(decided.engine) as session:
        row = find_programme(session, decided.id)
        assert row is not None
        published = row.decision or b""

    answer = client.get(f"{PROGRAMME}/decision.pdf")

    assert answer.mimetype == "application/pdf"
    assert client.get(f"{PROGRAMME}/decision.pdf").data == answer.data
    paper = PdfReader(io.BytesIO(answer.data))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    value = json.loads(published)
    sentences = [line for ccg in value["ccgs"].values() for told in ccg.values() for line in told["explanation"]]
    assert sentences
    for sentence in [*sentences, *value["outcome"]["explanation"]]:
        assert " ".join(sentence.split()) in text
    assert paper.attachments["decision.json"] == [published]
    page = read(client, f"{PROGRAMME}/00B")
    assert all(line in page for line in value["ccgs"]["00B"]["merge"]["explanation"])


def test_there_is_no_paper_before_the_decision(client: FlaskClient) -> None:
    assert client.get(f"{PROGRAMME}/decision.pdf").status_code == 404
