"""While a ballot runs: recipients are shown before sending; turnout is shown, and how anyone voted is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ballot.config import Config
from ballot.db.outbox import note_waiting
from ballot.db.session import transaction
from ballot.mail.messages import Kind
from ballot.office.acts.window import Extend
from ballot.office.perform import perform
from ballot.office.post.compose import DUMMY
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone, outbox
from ballot.office.post.send import WAITS
from ballot.office.post.unlocking import Lock
from ballot.office.post.voting_links import VotingLinks
from ballot.office.practices import turnout
from ballot.office.staff.roles import StaffRole
from ballot.web.app import create_app
from ballot.web.office.turnout_plot import time_left
from ballot.web.stage import AppSurroundings
from tests.integration.mail.post import settings_for
from tests.integration.office.world import CLOSES, OPENS, WHY, World
from tests.support.simulator import AGAINST, FOR
from tests.web.conftest import a_world, make_app
from tests.web.staff import a_door, staff_client, token_of

BASE = "/office/ballots/merger"


@pytest.fixture
def officer(opened: World) -> FlaskClient:
    return staff_client(make_app(opened), opened, StaffRole.RETURNING_OFFICER)


def queued(world: World, kind: Kind) -> list[str]:
    return [posted.practice for posted in outbox(world.engine, world.id, Everyone()) if posted.kind is kind]


def send(client: FlaskClient, kind: str, **data: str) -> tuple[int, str]:
    answer = client.post(f"{BASE}/mail/{kind}", data={"csrf_token": token_of(client), **data})
    return answer.status_code, answer.text


def test_who_gets_an_invitation_is_shown_and_only_then_sent(officer: FlaskClient, opened: World) -> None:
    status, page = send(officer, "invitation", whom="ccg", ccg="00B", look="y")
    assert status == 200
    assert "4 messages, for 4 practices. Nothing has been sent yet." in page
    assert "y10@example.org" in page
    assert "y00@example.org" not in page
    assert queued(opened, Kind.INVITATION) == []

    status, _ = send(officer, "invitation", whom="ccg", ccg="00B", send="y")

    assert status == 303
    assert queued(opened, Kind.INVITATION) == ["Y10000", "Y10001", "Y10002", "Y10003"]
    page = text_of(officer.get(f"{BASE}/mail").text)
    assert "Totals E-mail Waiting to be sent In all" in page
    assert "4 shown" in text_of(officer.get(f"{BASE}/mail?kind=invitation&state=queued").text)
    assert "0 shown" in text_of(officer.get(f"{BASE}/mail?kind=invitation&state=sent").text)


def test_names_are_shown_to_all_and_addresses_to_those_who_may_see_them(opened: World) -> None:
    send(staff_client(make_app(opened), opened, StaffRole.DEPUTY), "invitation", whom="all", send="y")
    for role, sees in ((StaffRole.DEPUTY, True), (StaffRole.REGISTRAR, True), (StaffRole.OBSERVER, False)):
        page = text_of(staff_client(make_app(opened), opened, role).get(f"{BASE}/mail?ccg=00B").text)
        assert "Practice 1-0 (Y10000), NHS 00B CCG" in page
        assert "Practice 0-0" not in page
        assert ("y10@example.org" in page) == sees


@pytest.mark.parametrize("page", ["mail", "turnout", "count", "links", "mail/reminder"])
def test_every_page_of_a_ballot_says_that_sending_is_paused_and_what_to_do(opened: World, page: str) -> None:
    invite(opened.engine, opened.clock, opened.id, Everyone())
    with transaction(opened.engine) as session:
        note_waiting(session, ["queued"], ["invitation"], WAITS)
    client = staff_client(make_app(opened), opened, StaffRole.DEPUTY)
    said = text_of(client.get(f"{BASE}/{page}").text)
    assert "Sending is paused" in said
    assert "12 e-mails with voting links cannot be sent: the registrar&#39;s key is locked" in said
    front = text_of(client.get("/office").text)
    assert "A merger: 12 e-mails with voting links cannot be sent" in front
    assert "&lt;p" not in front
    trustee = staff_client(make_app(opened), opened, StaffRole.TRUSTEE)
    assert "paused" not in trustee.get("/office").text
    with transaction(opened.engine) as session:
        note_waiting(session, ["queued"], ["invitation"], "")
    assert "paused" not in client.get(f"{BASE}/{page}").text


@pytest.mark.parametrize(
    "data",
    [
        {"whom": "all", "practice": "Y00001"},
        {"whom": "all", "ccg": "00A"},
        {"whom": "practice", "practice": ""},
        {"whom": "practice"},
        {"whom": "practice", "practice": "all"},
        {"whom": "practice", "practice": "%"},
        {"whom": "practice", "practice": "Y0000"},
        {"whom": "practice", "practice": "Y00001", "ccg": "00A"},
        {"whom": "ccg", "ccg": "Y00001"},
        {"whom": "ccg", "practice": "Y00001"},
        {"whom": ""},
        {},
        {"practice": "Y00001"},
        {"whom": "everyone"},
    ],
)
@pytest.mark.parametrize("button", ["look", "send"])
def test_whom_it_is_for_is_never_guessed(
    officer: FlaskClient, opened: World, data: dict[str, str], button: str
) -> None:
    for kind in ("invitation", "reminder"):
        status, _ = send(officer, kind, **data, **{button: "y"})
        assert status == 400
    assert queued(opened, Kind.INVITATION) == queued(opened, Kind.REMINDER) == []


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (None, "No worker answers here, so we cannot say whether they will have a voting link."),
        ("locked", "These reminders have no voting link, because the registrar's key is locked."),
        ("unlocked", "Sending is unlocked, so each reminder contains the practice's voting link."),
    ],
)
def test_the_page_says_whether_reminders_will_have_a_link_and_shows_the_e_mail(
    opened: World, state: str | None, says: str
) -> None:
    links = VotingLinks(opened.engine, opened.registrar, opened.entries) if state == "unlocked" else None
    lock = Lock(opened.instance, lambda registrar, vault: pytest.fail("nothing is unlocked"), links)
    config = Config(
        "", opened.instance, "vote.example.org", opened.folder, opened.keys, mail=settings_for(25, 60, "b@example.org")
    )
    app = create_app(AppSurroundings(config, opened.engine, opened.clock, opened.board, a_door(opened)))
    client = staff_client(app, opened, StaffRole.DEPUTY)
    with nullcontext() if state is None else lock.answering():
        assert says in unescape(text_of(client.get(f"{BASE}/mail/reminder").text))
        _, page = send(client, "reminder", whom="ccg", ccg="00B", look="y")
    assert "Read the e-mail to y10@example.org" in text_of(page)
    assert (DUMMY in page) == (state != "locked")


def test_reminders_go_to_those_who_have_not_voted(officer: FlaskClient, opened: World) -> None:
    assert opened.cast(opened.links()[0]).status == 200
    status, page = send(officer, "reminder", whom="all", look="y")
    assert status == 200
    assert "11 messages, for 11 practices" in page
    assert "Y00000" not in page
    send(officer, "reminder", whom="all", send="y")
    assert len(queued(opened, Kind.REMINDER)) == 11


def test_turnout_is_told_by_ccg_and_over_time(opened: World) -> None:
    for i, link in enumerate(opened.links()[:3]):
        opened.clock.now = OPENS + timedelta(days=i)
        assert opened.cast(link).status == 200
    page = staff_client(make_app(opened), opened, StaffRole.DEPUTY).get(f"{BASE}/turnout").text
    assert "3 of 12 practices have voted." in page
    assert "16 days 8 hours left." in page
    assert "Monday 11 May 2020: 1; Tuesday 12 May 2020: 1; Wednesday 13 May 2020: 1" in page
    assert page.count("<svg") == 1
    assert "Practice 0-3 (Y00003)" in page
    assert "Y00000" not in page
    opened.clock.now = CLOSES
    assert (
        "Voting has closed." in staff_client(make_app(opened), opened, StaffRole.OBSERVER).get(f"{BASE}/turnout").text
    )


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 hours"),
        (timedelta(days=1, minutes=50), "1 day"),
        (timedelta(hours=1, minutes=45, seconds=59), "1 hour 45 minutes"),
        (timedelta(hours=1, minutes=5), "1 hour 5 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=1, seconds=1), "1 minute"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(0), ""),
    ],
)
def test_the_time_left_is_said_to_the_minute_on_the_last_day(left: timedelta, said: str) -> None:
    assert time_left(CLOSES - left, CLOSES) == said


def test_turnout_says_when_each_ccg_closes_where_they_differ(opened: World) -> None:
    later = CLOSES + timedelta(days=2)
    perform(opened.desk, opened.id, Extend("00B", later), opened.two, WHY)
    opened.clock.now = CLOSES - timedelta(hours=1, minutes=45)
    page = text_of(staff_client(make_app(opened), opened, StaffRole.DEPUTY).get(f"{BASE}/turnout").text)
    assert "NHS 00A CCG, NHS 00C CCG: closes on 29 May, 5:00pm" in page
    assert "1 hour 45 minutes left." in page
    assert "NHS 00B CCG: closes on 31 May, 5:00pm" in page
    assert "2 days 1 hour left." in page
    opened.clock.now = CLOSES
    page = text_of(staff_client(make_app(opened), opened, StaffRole.DEPUTY).get(f"{BASE}/turnout").text)
    assert "NHS 00A CCG, NHS 00C CCG: closed on" in page


def test_turnout_before_the_opening_says_when_voting_opens(world: World) -> None:
    sealed = world.seal()
    page = text_of(staff_client(make_app(sealed), sealed, StaffRole.DEPUTY).get(f"{BASE}/turnout").text)
    assert "Voting opens on 11 May, 9:00am" in page
    assert "left." not in page


def text_of(html: str) -> str:
    """The words of a page, in one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_who_sees_names_is_a_setting(opened: World) -> None:
    def names(role: StaffRole, seeing: tuple[str, ...]) -> bool:
        folder = opened.folder
        config = Config("", folder, "vote.example.org", folder, folder / "keys", names_of_missing=seeing)
        app = create_app(AppSurroundings(config, opened.engine, opened.clock, opened.board, a_door(opened)))
        return "Y00003" in staff_client(app, opened, role).get(f"{BASE}/turnout").text

    both = ("returning-officer", "deputy")
    assert [names(role, both) for role in (StaffRole.DEPUTY, StaffRole.OBSERVER)] == [True, False]
    assert [names(role, ("observer",)) for role in (StaffRole.DEPUTY, StaffRole.OBSERVER)] == [False, True]
    assert not names(StaffRole.RETURNING_OFFICER, ())


def seen(folder: Path, votes: Sequence[Sequence[int]]) -> dict[str, str]:
    """Everything that the office and the board say of practices that voted like this."""
    folder.mkdir()
    with a_world(folder) as world:
        world.open()
        for link, vote in zip(world.links(), votes, strict=False):
            assert world.cast(link, world.ballot(link, vote)).status == 200
        client = staff_client(make_app(world), world, StaffRole.RETURNING_OFFICER)
        pages = (
            f"{BASE}/turnout",
            f"{BASE}/mail",
            "/board/merger",
            "/board/merger/00A",
            "/api/programmes/merger",
        )
        answers = {path: client.get(path) for path in pages}
        assert {answer.status_code for answer in answers.values()} == {200}
        found = {path: answer.text for path, answer in answers.items()}
        found["turnout"] = str(turnout(world.engine, world.id, world.clock.now))
    varying = r'name="csrf_token"[^>]*>|[0-9a-f]{64}|[0-9A-Za-z+/]{43}|[0-9a-f]{4}( [0-9a-f]{4}){7,}|[A-Za-z0-9]{22}'
    return {path: re.sub(varying, "", text) for path, text in found.items()}


def test_no_interim_result_exists_what_is_said_is_the_same_however_anybody_votes(tmp_path: Path) -> None:
    one = seen(tmp_path / "one", [FOR, FOR, FOR])
    other = seen(tmp_path / "other", [AGAINST, AGAINST, FOR])
    assert one == other


def test_what_is_asked_of_a_ballot_that_is_not_there_is_not_found(officer: FlaskClient) -> None:
    for path in ("turnout", "mail"):
        assert officer.get(f"/office/ballots/none/{path}").status_code == 404


@pytest.mark.parametrize("role", [StaffRole.TRUSTEE, StaffRole.REGISTRAR, StaffRole.OBSERVER])
def test_nobody_but_the_officers_sends(opened: World, role: StaffRole) -> None:
    client = staff_client(make_app(opened), opened, role)
    for kind in ("invitation", "reminder"):
        assert client.get(f"{BASE}/mail/{kind}").status_code == 403
        assert send(client, kind, whom="all", send="y")[0] == 403
    expected = 403 if role is StaffRole.TRUSTEE else 200
    assert [client.get(f"{BASE}/{path}").status_code for path in ("mail", "turnout")] == [expected] * 2
    assert queued(opened, Kind.INVITATION) == []


# -- Where there are very many practices -------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["mail", "links"])
def test_a_list_that_is_too_long_is_shown_one_ccg_at_a_time(
    page: str, officer: FlaskClient, opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = officer.get(f"{BASE}/{page}").text
    monkeypatch.setattr("ballot.web.office.one_ccg.MOST", 3)
    chosen, one = officer.get(f"{BASE}/{page}").text, officer.get(f"{BASE}/{page}?ccg=00b").text

    assert "Y00000" in whole
    assert "Y10000" in whole
    assert "?ccg=" not in whole
    assert re.search(rf'href="{BASE}/{page}\?ccg=00B">NHS 00B CCG</a> 4', chosen)
    assert "Y10000" not in chosen
    assert "Y10000" in one
    assert "Y00000" not in one
    assert "There is nothing for 99X" in officer.get(f"{BASE}/{page}?ccg=99x").text
