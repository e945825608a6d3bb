"""The day of the count in a real browser: no barrier, nothing wider than a phone, and the pictures are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from sqlalchemy import text as sql

from ballot.office.acts.counting import Abandon, Declare, GiveShare
from ballot.office.board.publish import publish_verified
from ballot.office.perform import perform
from ballot.office.staff.roles import StaffRole
from tests.browser.barriers import DESK, faults_in_every_window
from tests.browser.conftest import served
from tests.browser.test_browser_setting_up import Office, cookie_of, go, office_app
from tests.browser.watch import Watch
from tests.integration.office.world import THREE, WHY, World
from tests.support.simulator import AGAINST, FOR
from tests.web.conftest import a_world
from tests.web.staff import staff_client

COUNT, RESULTS = "/office/ballots/merger/count", "/board/merger/results"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Closed; 00B votes in three localities; 00C is abandoned."""
    with a_world(tmp_path_factory.mktemp("counting")) as bare:
        world = World(bare.engine, bare.folder / "by-locality", practices=6, localities=THREE).open()
        for ccg in ("00A", "00B"):
            for i, link in enumerate(world.links(ccg)[:5]):
                assert world.cast(link, world.ballot(link, AGAINST if i == 3 else FOR)).status == 200
        world.close("00A", "00B")
        perform(world.desk, world.id, Abandon("00C"), world.two, WHY)
        app = office_app(world)
        client = staff_client(app, world, StaffRole.RETURNING_OFFICER)
        with served(app) as base:
            yield Office(base, app, world, cookie_of(client, app))


def looks_well(page: Page, name: str) -> None:
    """At both widths."""
    assert faults_in_every_window(page, name) == []


def test_from_closed_to_the_declared_result(page: Page, watch: Watch, office: Office) -> None:
    """One journey in the order of the day; each page is looked at once."""
    world = office.world
    go(page, office, COUNT, DESK)
    page.get_by_role("button", name="Add the server's share").click()
    page.get_by_text("Waiting for the trustees: 0 of 2").first.wait_for()
    page.get_by_text("Add a trustee's share from a file").click()
    looks_well(page, "office-count")

    watch.expect("status of 400")
    page.get_by_role("button", name="Add this share").click()
    page.get_by_role("link", name="Choose the file").wait_for()
    looks_well(page, "office-count-error")

    for name in (name for name in world.elections if name != "00C"):
        for owner in (2, 4):
            perform(world.desk, world.id, GiveShare(name, owner, world.share(name, owner)))
    go(page, office, COUNT, DESK)
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("The programme is decided.").wait_for()
    looks_well(page, "office-count-decided")
    perform(world.desk, world.id, Declare(), world.two)
    publish_verified(world.desk, world.id, world.instance / "records")

    go(page, office, RESULTS, DESK)
    assert page.get_by_role("img").count() == 1 + 1 + 1 + 2 + 3
    assert page.get_by_role("img", name="Locality test, U11. Of 2 practices that voted for or against").count() == 1
    assert page.get_by_text("Two people abandoned this ballot").is_visible()
    looks_well(page, "board-results")
    with page.expect_download() as download:
        page.get_by_role("link", name="The declaration (PDF)").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")

    with world.engine.begin() as connection:
        connection.execute(sql("UPDATE programme SET decision = :d"), {"d": b'{"ccgs":{},"outcome":null}\n'})
    watch.expect("status of 409")
    go(page, office, COUNT, DESK)
    page.get_by_role("button", name="Verify and publish").click()
    page.get_by_text("FAIL record.decision").first.wait_for()
    looks_well(page, "office-count-refused")
