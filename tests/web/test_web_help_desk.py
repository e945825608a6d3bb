"""The help desk: find the practice of a caller, say what is true for its state, and show no secret and no vote."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from ballot.constitution.words import DEFAULT_WORDS, Noun, Words
from ballot.db.outbox import list_messages
from ballot.db.practices import PracticeRow
from ballot.db.session import transaction
from ballot.mail.messages import Kind
from ballot.mail.states import DeliveryState
from ballot.office.acts.membership import Strike
from ballot.office.help_desk import MOST, find_practices, search_words
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.office.post.letters import LetterNote
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone, MessageStatus
from ballot.office.post.send import WAITS
from ballot.office.practices import IssuedLink, MemberCard
from ballot.office.staff.roles import StaffRole
from ballot.web.office.telephone import history, three_things, where_it_stands
from tests.integration.office.world import CLOSES, OPENS, WHY, World
from tests.web.conftest import a_world, make_app
from tests.web.staff import staff_client, token_of

DESK = "/office/help-desk"
BASE = "/office/ballots/merger"
RO, DEPUTY, REGISTRAR = StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY, StaffRole.REGISTRAR
NAMES = {
    "Y00000": ("St. Mary's Surgery", "Dr Zoë O\u2019Neill", "zoe@st-marys.example.org"),
    "Y00001": ("High Street Practice", "Dr A", "shared@example.org"),
    "Y00002": ("The Old High Street Surgery", None, "shared@example.org"),
    "Y10000": ("Gŵyr Medical Centre", "Prof. Jean-Luc Martin", None),
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World]]:
    """Open, invited, with names as people have them."""
    with a_world(tmp_path_factory.mktemp("help-desk")) as world:
        world.open()
        with transaction(world.engine) as session:
            for row in session.scalars(select(PracticeRow).where(PracticeRow.ods.in_(NAMES))):
                row.name, row.representative, row.email = NAMES[row.ods]
            next(
                iter(session.scalars(select(PracticeRow).where(PracticeRow.ods == "Y00003")))
            ).notify = "deputy@y03.example.org manager@y03.example.org"
        invite(world.engine, world.clock, world.id, Everyone())
        yield make_app(world), world


@pytest.fixture
def world(here: tuple[Flask, World]) -> World:
    return here[1]


@pytest.fixture
def officer(here: tuple[Flask, World]) -> FlaskClient:
    return staff_client(*here, RO)


def ask(client: FlaskClient, asked: str, **more: str) -> TestResponse:
    return client.post(DESK, data={"csrf_token": token_of(client, DESK), "asked": asked, **more})


def found(world: World, asked: str) -> list[str]:
    return [one.practice for one in find_practices(world.engine, asked, world.clock()).shown]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("Y00000", ["Y00000"]),
        ("  y00000 ", ["Y00000"]),
        ("st marys", ["Y00000"]),
        ("SAINT", []),
        ("Surgery, St Mary\u2019s", ["Y00000"]),
        ("oneill", ["Y00000"]),
        ("zoe o'neill", ["Y00000"]),
        ("high street", ["Y00001", "Y00002"]),
        ("street high old", ["Y00002"]),
        ("gwyr", ["Y10000"]),
        ("jean luc", ["Y10000"]),
        ("ZOE@st-marys.example.org", ["Y00000"]),
        ("shared@", ["Y00001", "Y00002"]),
        ("manager@y03.example.org", ["Y00003"]),
        ("@nowhere.example", []),
        ("igh treet", []),
        ("Y00000 Y00001", []),
    ],
)
def test_a_practice_is_found_by_what_a_caller_says(world: World, asked: str, codes: list[str]) -> None:
    assert found(world, asked) == codes


def test_a_whole_code_comes_before_names_and_an_open_ballot_before_one_that_has_ended(world: World) -> None:
    assert found(world, "y1")[:1] == ["Y10000"]
    result = find_practices(world.engine, "y", world.clock())
    assert (result.total, result.programmes, len(result.shown)) == (12, 1, 12)
    assert {one.state for one in result.shown} == {State.OPEN}
    assert {one.state for one in find_practices(world.engine, "y", CLOSES).shown} == {State.CLOSED}


def test_more_than_a_page_holds_is_cut_and_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.office.help_desk.MOST", 5)
    result = find_practices(world.engine, "y", world.clock())
    assert (result.total, len(result.shown)) == (12, 5)
    assert MOST == 50


def test_the_only_practice_found_is_opened_and_its_address_has_nothing_of_what_was_typed(officer: FlaskClient) -> None:
    for asked in ("Y00000", "zoe@st-marys.example.org", "Zoë O'Neill"):
        answer = ask(officer, asked)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"{BASE}/links/00A/Y00000"
    assert officer.get(f"{BASE}/links/00A/Y00000").status_code == 200


def test_several_are_listed_by_name_with_code_ballot_and_state(officer: FlaskClient) -> None:
    page = text_of(ask(officer, "high street").text)
    assert "2 found High Street Practice (Y00001) , NHS 00A CCG, A merger" in page
    assert page.index("High Street Practice (Y00001)") < page.index("The Old High Street Surgery (Y00002)")
    assert "Voting is open" in page


def test_nothing_found_says_where_it_was_looked_for_and_what_to_try(officer: FlaskClient) -> None:
    answer = ask(officer, "<b>Nowhere</b>")
    assert answer.status_code == 200
    assert "<b>Nowhere</b>" not in answer.text
    said = text_of(answer.text)
    assert "Nothing found" in said
    assert "\u201c<b>Nowhere</b>\u201d in the codes, names, e-mail addresses and representatives of 1 ballot." in said
    assert "Ask for the code" in said


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("", "Enter a code, a name or an e-mail address"),
        ("   ", "Enter letters or digits to look for"),
        ("%_*'\"@;--", "Enter letters or digits to look for"),
        ("\u0000\u202e", "Enter letters or digits to look for"),
        ("y" * 101, "Enter 100 characters or fewer"),
    ],
)
def test_rubbish_is_refused_in_words(officer: FlaskClient, asked: str, sentence: str) -> None:
    answer = ask(officer, asked)
    assert answer.status_code == 400
    assert sentence in unescape(answer.text)


@pytest.mark.parametrize("asked", ["%", "_", "Y0000_", "' OR 'x'='x", "*", "\\", "[yY]"])
def test_signs_of_a_query_language_find_nothing_more(world: World, asked: str) -> None:
    assert set(found(world, asked)) <= ({f"Y0000{i}" for i in range(4)} if "Y0000" in asked else set())
    assert search_words("' OR '1'='1") == ("or", "1", "1")


def test_what_was_typed_stands_in_no_log_and_a_search_by_address_does_not_work(
    officer: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(officer, "zoe@st-marys.example.org")
    ask(officer, "nobody@nowhere.example")
    assert "st-marys" not in caplog.text
    assert "nowhere.example" not in caplog.text
    page = officer.get(f"{DESK}?asked=zoe@st-marys.example.org")
    assert page.status_code == 200
    assert "links/00A" not in page.text


@pytest.mark.parametrize("role", list(StaffRole))
def test_only_officers_and_the_registrar_open_the_help_desk(here: tuple[Flask, World], role: StaffRole) -> None:
    client, allowed = staff_client(*here, role), role in (RO, DEPUTY, REGISTRAR)
    assert client.get(DESK).status_code == (200 if allowed else 403)
    sent = client.post(DESK, data={"csrf_token": token_of(client), "asked": "y"})
    assert sent.status_code == (200 if allowed else 403)
    front = client.get("/office").text
    assert (f'href="{DESK}"' in front) is allowed
    turnout = client.get(f"{BASE}/turnout").text  # which has the links of the ballot's home
    assert (f'href="{DESK}"' in turnout) is allowed


def test_a_search_without_a_form_of_ours_or_by_a_stranger_is_refused(here: tuple[Flask, World]) -> None:
    client = staff_client(*here, RO)
    assert client.post(DESK, data={"asked": "y"}).status_code == 400
    stranger = here[0].test_client().post(DESK, data={"asked": "zoe@st-marys.example.org"})
    assert stranger.status_code in (302, 303, 401)
    assert "st-marys" not in stranger.headers.get("Location", "")


def test_an_officer_sends_the_link_again_and_the_page_says_what_became_of_it(
    here: tuple[Flask, World], officer: FlaskClient
) -> None:
    world, page = here[1], f"{BASE}/links/00B/Y10001"
    assert "already waiting to be sent" in again(officer, page).text  # the invitation waits
    with transaction(world.engine) as session:
        for row, practice in list_messages(session, world.id):
            if practice.ods == "Y10001":
                row.state = DeliveryState.SENT.value
    said = text_of(officer.get(page).text)
    assert "\u201cYour link was sent to y11@example.org at" in said
    assert "\u201cI am sending your link again, to y11@example.org only." in said
    assert again(officer, page).status_code == 303
    said = text_of(officer.get(page).text)
    assert "An e-mail with its link is waiting to be sent. It goes out by itself." in said
    assert said.count("By e-mail to y11@example.org") == 2
    with world.reading() as session:
        queued = [row.kind for row, of in list_messages(session, world.id) if of.ods == "Y10001"]
    assert queued == [Kind.INVITATION.value] * 2


@pytest.mark.parametrize("role", [role for role in StaffRole if role not in (RO, DEPUTY)])
def test_only_an_officer_sends_a_link_again(here: tuple[Flask, World], role: StaffRole) -> None:
    client = staff_client(*here, role)
    assert again(client, f"{BASE}/links/00C/Y20001").status_code == 403
    if role is REGISTRAR:
        with transaction(here[1].engine) as session:
            for row, practice in list_messages(session, here[1].id):
                if practice.ods == "Y20002":
                    row.state = DeliveryState.DELIVERED.value
        assert "Either officer does this" in client.get(f"{BASE}/links/00C/Y20002").text


@pytest.mark.parametrize("where", ["00A/Y10001", "00Z/Y00001", "00A/%25", "00A/Y0000"])
def test_a_practice_that_is_not_there_gets_nothing(officer: FlaskClient, where: str) -> None:
    assert again(officer, f"{BASE}/links/{where}").status_code == 404


def test_the_page_of_a_practice_shows_no_secret_and_who_voted_only_to_those_who_may_know(
    here: tuple[Flask, World],
) -> None:
    world = here[1]
    link = next(each for each in world.links("00C") if each.practice == "Y20003")
    assert world.cast(link).status == 200
    for role, sees in ((RO, True), (DEPUTY, True), (REGISTRAR, False)):
        page = staff_client(*here, role).get(f"{BASE}/links/00C/Y20003").text
        assert link.token not in page
        assert str(link.credential) not in page
        said = text_of(page)
        assert ("We accepted a vote from your practice" in said) is sees
        assert ("I cannot see whether your practice has voted." in said) is not sees
        assert ("Has it voted? Your role does not see it" in said) is not sees
        assert ("It has voted, and the first vote is final" in said) is sees


def test_what_was_sent_to_a_struck_practice_stays_to_be_seen_and_nothing_more_is_sent(
    here: tuple[Flask, World], officer: FlaskClient
) -> None:
    world, page = here[1], f"{BASE}/links/00C/Y20001"
    perform(world.desk, world.id, Strike("00C", "Y20001"), world.two, WHY)
    said = text_of(officer.get(page).text)
    assert "Your practice was struck off the roll of this vote, and cannot vote." in said
    assert said.count("By e-mail to y21@example.org") == 2
    assert "Notice of a changed ballot" in said
    assert "Not possible now. It was struck off the roll, and has no vote." in said
    assert "Send the link again</button>" not in officer.get(page).text
    assert again(officer, page).status_code == 400
    assert "Struck off the roll" in text_of(ask(officer, "practice 2").text)


def again(client: FlaskClient, page: str) -> TestResponse:
    return client.post(f"{page}/again", data={"csrf_token": token_of(client)})


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


SENT = MessageStatus(
    "00A",
    "Y00001",
    "A",
    "y01@example.org",
    True,
    Kind.INVITATION,
    DeliveryState.SENT,
    OPENS,
    None,
    1,
    "250 ok",
)
CARD = MemberCard(
    "00A",
    "NHS 00A CCG",
    "Y00001",
    "A",
    "Dr A",
    "y01@example.org",
    False,
    "live",
    1,
    (SENT,),
    (),
    None,
    State.OPEN,
    OPENS,
    CLOSES,
    True,
    (IssuedLink(1, OPENS, "live", None),),
    True,
    None,
)
VOTED = OPENS + timedelta(days=1)
OTHER = Words(member=Noun("surgery", "surgeries"))


def said(card: MemberCard, words: Words = DEFAULT_WORDS, *, unlocked: bool = True) -> str:
    things = [each for each in three_things(card, words, unlocked=unlocked).values() if each.why_not is None]
    return " ".join([*where_it_stands(card, words), *(line for thing in things for line in thing.say)])


def possible(card: MemberCard) -> set[str]:
    return {key for key, thing in three_things(card, DEFAULT_WORDS, unlocked=True).items() if thing.why_not is None}


ALL = {"again", "contact", "new"}
STANDS: dict[str, tuple[MemberCard, str, str, set[str]]] = {
    "sent": (CARD, "Your link was sent to y01@example.org", "delivered", ALL),
    "delivered": (
        replace(CARD, posted=(replace(SENT, state=DeliveryState.DELIVERED),)),
        "Your link was delivered to y01@example.org",
        "no report",
        ALL,
    ),
    "bounced": (
        replace(CARD, posted=(replace(SENT, state=DeliveryState.BOUNCED),)),
        "did not arrive",
        "was sent to",
        ALL,
    ),
    "locked": (
        replace(CARD, posted=(replace(SENT, state=DeliveryState.QUEUED, answer=WAITS),)),
        "A colleague must unlock sending first.",
        "was sent to",
        {"contact", "new"},
    ),
    "deferred": (
        replace(CARD, posted=(replace(SENT, state=DeliveryState.DEFERRED),)),
        "We try again by ourselves.",
        "was sent to",
        {"contact", "new"},
    ),
    "earlier address": (
        replace(CARD, posted=(replace(SENT, is_present=False, to="old@example.org"),)),
        "We have not sent your voting link by e-mail yet.",
        "old@example.org",
        ALL,
    ),
    "no address": (
        replace(CARD, email=None, posted=()),
        "The new link comes by letter",
        "None",
        {"contact", "new"},
    ),
    "letter": (replace(CARD, letter=LetterNote(OPENS, "someone@example.org")), "A letter with your", "someone@", ALL),
    "not open yet": (replace(CARD, state=State.SEALED), "Voting opens at 9am on Monday 11 May 2020", "vote from", ALL),
    "voted and final": (
        replace(CARD, voted_at=VOTED),
        "The first vote is final. It cannot be changed.",
        "You can vote again",
        {"contact", "new"},
    ),
    "voted, last counts": (
        replace(CARD, voted_at=VOTED, is_final=False),
        "You can vote again until voting closes.",
        "is final",
        ALL,
    ),
    "who voted hidden": (replace(CARD, sees_who_voted=False), "I cannot see whether", "We have no vote", ALL),
    "revoked": (replace(CARD, link="revoked"), "Your voting link was revoked.", "was sent to", set()),
    "struck": (replace(CARD, is_struck=True), "was struck off the roll", "Voting is open", set()),
    "being prepared": (replace(CARD, state=State.DRAFT, link=None), "is being prepared", "was sent to", set()),
    "closed": (replace(CARD, state=State.CLOSED), "No one can vote any more.", "was sent to", set()),
    "declared": (replace(CARD, state=State.DECLARED), "No one can vote any more.", "Voting is open", set()),
    "abandoned": (replace(CARD, state=State.ABANDONED), "no vote in it is counted", "We have no vote", set()),
}


@pytest.mark.parametrize("state", STANDS)
def test_what_is_said_is_true_for_the_state_of_the_practice(state: str) -> None:
    card, sentence, never, can = STANDS[state]
    words = said(card)
    assert sentence in words
    assert never not in words
    assert possible(card) == can


@pytest.mark.parametrize("state", STANDS)
def test_the_words_ask_for_no_secret_use_the_programmes_nouns_and_are_short(state: str) -> None:
    card = STANDS[state][0]
    words = said(card, OTHER)
    assert "practice" not in words
    for line in re.split(r"(?<=[.?])\s", words):
        assert len(line.split()) <= 25, line
    for asks in ("your code", "read me", "tell me your link", "what did you vote"):
        assert asks not in words.lower()


def test_a_new_link_is_promised_only_to_who_gets_one() -> None:
    final = replace(CARD, voted_at=VOTED)
    assert "so you get no new link" in said(final)
    assert "A new link goes to the new address only." in said(CARD)
    hidden = said(replace(CARD, sees_who_voted=False))
    assert "If you can still vote, a new link goes to the new address only." in hidden
    assert "If your practice has voted, it gets none: a vote is final." in hidden
    assert "only the last vote counts" in said(replace(CARD, is_final=False, sees_who_voted=False))


def test_while_sending_is_locked_no_time_is_promised() -> None:
    assert "I cannot say yet when that is." in said(CARD, unlocked=False)
    assert "It can take a few minutes." not in said(CARD, unlocked=False)


def test_the_history_has_e_mails_links_and_the_letter_with_the_newest_first() -> None:
    def after(hours: int) -> datetime:
        return OPENS + timedelta(hours=hours)

    links = (IssuedLink(1, after(-1), "superseded", after(2)), IssuedLink(2, after(2), "revoked", after(4)))
    letter = LetterNote(after(3), "someone@example.org")
    told = history(replace(CARD, links=links, letter=letter))
    assert [(each.what, each.label.text) for each in told] == [
        ("Voting link 2", "Revoked"),
        ("Letter", "Handed over or posted"),
        ("Voting link 1", "Replaced"),
        ("Voting link 2", "Issued"),
        ("Invitation", "Sent"),
        ("Voting link 1", "Issued"),
    ]
