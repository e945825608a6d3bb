"""Persons vote in a real browser: each is greeted by their own name, and the names of others never come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.booth_site import Booth, Voter, booth_of
from tests.integration.office.test_persons import NAMES, of_persons
from tests.integration.office.world import World
from tests.support.databases import fresh_sqlite


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    """A programme of persons that is open, with its booth."""
    with fresh_sqlite(tmp_path) as engine, booth_of(of_persons(World(engine, tmp_path, ccgs=("00A",))).open()) as booth:
        yield booth


def test_a_person_votes_and_sees_no_name_but_their_own(booth: Booth, voter: Voter) -> None:
    link = booth.link()
    voter.open(booth.url()).sees("Vote for your GP")
    assert f"{link.name} ({link.practice})" in voter.page.locator("main").inner_text()
    voter.click("Start").choose("For").click("Continue")
    voter.sees("Check your answer").click("Encrypt my ballot").sees("Your ballot is encrypted")
    voter.cast().sees("Your vote was accepted")

    came = "".join(each.text() for each in voter.responses if "json" in each.headers.get("content-type", ""))
    assert "sha256:" in came
    assert not any(name in came for name in NAMES if name != link.name)
