"""A tie on the pages: the count page and the form of the casting vote say what waits, and for whom."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.office.acts.counting import CastingVote
from ballot.office.perform import perform
from ballot.office.staff.roles import StaffRole
from tests.integration.office.test_clauses_in_a_ballot import TIE, a_world, hold
from tests.integration.office.world import WHY, World
from tests.support.simulator import AGAINST, FOR
from tests.web.conftest import make_app
from tests.web.form_reading import sent_of
from tests.web.staff import staff_client


@pytest.fixture
def tied(tmp_path: Path) -> World:
    engine: Engine = connect(f"sqlite:///{tmp_path / 'ballot.db'}")
    upgrade(engine)
    world = a_world(engine, tmp_path, TIE)
    hold(world, [FOR, FOR, AGAINST, AGAINST])
    world.close()
    world.tally()
    return world


@pytest.fixture
def officer(tied: World) -> FlaskClient:
    return staff_client(make_app(tied), tied, StaffRole.DEPUTY)


def test_the_count_page_asks_for_the_casting_vote_before_anything_is_decided(officer: FlaskClient, tied: World) -> None:
    page = officer.get("/office/ballots/merger/count").text
    assert "The vote is tied in NHS 00A CCG (00A)." in page
    assert "Propose to record the casting vote" in page
    assert ">Decide<" not in page

    perform(tied.desk, tied.id, CastingVote("00A", "merge", "against"), tied.two, WHY)

    page = officer.get("/office/ballots/merger/count").text
    assert "The vote is tied" not in page
    assert "Not carried" in page


def test_the_form_offers_only_the_ccg_that_is_tied(officer: FlaskClient) -> None:
    page = officer.get("/office/ballots/merger/proposals/new/casting-vote")
    assert page.status_code == 200, page.text
    assert "Record the casting vote in a tie" in page.text
    assert 'value="00A"' in page.text
    assert 'value="00B"' not in page.text
    sent = sent_of(page.text, "question")
    assert sent["question"] == ["merge"]  # the only one that is tied is chosen already
    assert "Do you agree?" in page.text
    assert [value for value in ("for", "against") if f'name="given" type="radio" value="{value}"' in page.text] == [
        "for",
        "against",
    ]
