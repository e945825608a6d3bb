"""`booth` on SQLite, and `voter`, for the tests of the booth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.booth_site import Booth, Voter, booth_of
from tests.web.conftest import a_world


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    with a_world(tmp_path) as world, booth_of(world.open()) as booth:
        yield booth


@pytest.fixture
def voter(page: Page) -> Voter:
    return Voter(page)
