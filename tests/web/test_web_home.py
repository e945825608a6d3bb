"""The front page and the home of a ballot: what is next, who must do it, and links only for those who may follow."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from ballot.office.acts.counting import Decide, Declare
from ballot.office.acts.sealing import Seal
from ballot.office.acts.window import Extend
from ballot.office.board.publish import publish_verified
from ballot.office.perform import perform
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.proposals.propose import Officer, propose
from ballot.office.staff.accounts import seat_trustee
from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.web.conftest import make_app
from tests.web.staff import a_door, staff_client

R = StaffRole


@pytest.fixture
def world(world: World) -> World:
    """The folder lies where the pages look for it."""
    (world.folder / "config").rename(world.folder / world.id)
    (world.folder / "config").mkdir()
    world.programme_folder = (world.folder / world.id).rename(world.folder / "config" / world.id)
    return world


@pytest.fixture
def app(world: World) -> Flask:
    return make_app(world)


def text_of(app: Flask, world: World, role: StaffRole, path: str) -> str:
    page = staff_client(app, world, role).get(path)
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2].partition("</main")[0]))


def links_of(app: Flask, world: World, role: StaffRole, path: str) -> set[str]:
    return set(re.findall(r'href="(/office[^"#?]*)', staff_client(app, world, role).get(path).text))


def test_a_proposal_waits_on_the_front_page_of_the_other_officer_alone(app: Flask, world: World) -> None:
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    hash = propose(world.desk, world.id, Extend("00A", CLOSES + SECOND), WHY, Officer("officer", world.officer))
    for role in (R.RETURNING_OFFICER, R.REGISTRAR, R.OBSERVER):
        assert "Nothing is waiting for you." in text_of(app, world, role, "/office")
    assert "Approve or decline a proposal : Keep voting open for longer" in text_of(app, world, R.DEPUTY, "/office")
    assert f"/office/ballots/{world.id}/proposals/{hash}" in links_of(app, world, R.DEPUTY, "/office")


def test_a_trustee_sees_what_waits_for_the_own_seat_and_no_ballot_of_others(app: Flask, world: World) -> None:
    world.open()
    assert "Nothing is waiting for you." in text_of(app, world, R.TRUSTEE, "/office")
    world.close()
    seat_trustee(a_door(world), "trustee@example.org", world.id, 2)
    said = text_of(app, world, R.TRUSTEE, "/office")
    assert said.count("Decrypt the totals") == 1
    assert f"/office/trustee/{world.id}" in links_of(app, world, R.TRUSTEE, "/office")
    assert f"/office/ballots/{world.id}" not in links_of(app, world, R.TRUSTEE, "/office")


def test_the_home_of_a_ballot_says_in_every_phase_what_is_next_and_for_whom(app: Flask, world: World) -> None:
    home = f"/office/ballots/{world.id}"

    def said() -> str:
        return text_of(app, world, R.OBSERVER, home)

    assert "Being set up" in said()
    world.prepare()
    assert "Issue the voting links The registrar" in said()
    world.make_backup().issue()
    perform(world.desk, world.id, Seal(), world.two)
    assert "Sealed, not open yet" in said()
    assert "Send the invitations Either officer. By 11 May, 9:00am" in said()
    assert "Set up the ballot" not in said()
    world.clock.now = OPENS
    assert "0 of 12 practices have voted. Voting closes on 29 May, 5:00pm" in said()
    world.close()
    assert "0 of 12 practices voted. Voting closed on" in said()
    assert "Decrypt the totals Trustees: " in said()
    world.tally()
    assert "Apply the rules to the totals Either officer" in said()
    perform(world.desk, world.id, Decide())
    assert "Propose to declare the result Either officer" in said()
    perform(world.desk, world.id, Declare(), world.two, WHY)
    assert "Declared, not published yet" in said()
    assert "Publish the result Either officer" in said()
    (world.instance / "records").mkdir()
    publish_verified(world.desk, world.id, world.instance / "records")
    assert "Result published" in said()
    assert "Nothing is left to do: the result is published" in said()


def test_the_home_says_when_the_ccgs_do_not_all_close_at_the_same_time(app: Flask, world: World) -> None:
    world.open()
    perform(world.desk, world.id, Extend("00A", CLOSES + timedelta(days=1)), world.two, WHY)
    said = text_of(app, world, R.OBSERVER, f"/office/ballots/{world.id}")
    assert "the first on 29 May, 5:00pm , the last on 30 May, 5:00pm" in said


@pytest.mark.parametrize("role", [R.DEPUTY, R.REGISTRAR, R.TRUSTEE, R.OBSERVER])
@pytest.mark.parametrize("when", ["set up", "open", "closed"])
def test_no_page_of_the_office_offers_what_the_role_may_not_open(
    app: Flask, world: World, role: StaffRole, when: str
) -> None:
    if when != "set up":
        world.open()
    if when == "closed":
        world.close()
    client = staff_client(app, world, role)
    seen, ahead = set[str](), {"/office"}
    while ahead:
        path = ahead.pop()
        seen.add(path)
        page = client.get(path)
        assert page.status_code in (200, 303), f"{path} answers {page.status_code}"
        if "text/html" in page.content_type:
            ahead |= {p for p in re.findall(r'href="(/office[^"#?]*)', page.text) if p not in seen}


def test_a_page_that_the_role_may_not_open_leads_back_to_the_office(app: Flask, world: World) -> None:
    page = staff_client(app, world, R.OBSERVER).get("/office/ballots", headers={"Accept": "text/html"})
    assert (page.status_code, 'href="/office">the office</a>' in page.text) == (403, True)
