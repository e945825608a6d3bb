"""A real Chromium for the tests of this folder: `chromium`, `page` (watched), and `site`, which serves our files.

A browser for each file of tests, a fresh context for each test. Without a Chromium these tests are skipped, and the
last line of `make test` says so; the gate takes that line for a failure.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from ballot.web import assets, security
from ballot.web.access import AccessRule, allow
from scripts import chromium as finder
from tests.browser.watch import Watch
from tests.web.conftest import a_world

if TYPE_CHECKING:  # it serves with `served` of this file
    from tests.browser.booth_site import Booth, Voter

BLANK = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Blank</title></head></html>'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser. Not for the whole session: Playwright holds an event loop, under which `asyncio.run` fails."""
    path = finder.find()
    if path is None:
        pytest.skip(finder.NOT_RUN)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=finder.arguments())
        yield browser
        browser.close()


@pytest.fixture
def watch() -> Watch:
    """What the page of this test told."""
    return Watch()


@pytest.fixture
def page(chromium: Browser, watch: Watch) -> Iterator[Page]:
    """A page of its own, with nothing kept from others; the test fails if it tells of any fault."""
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    watch.over(page)
    yield page
    context.close()
    assert watch.faults() == []


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An app on a free port of the loopback address, in threads of this process; answers its base address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The page's files and a blank page at /, under the real headers."""
    app = Flask("site", static_folder=None)
    assets.install(app)
    security.install(app)

    @app.get("/")
    @allow(AccessRule.PUBLIC)
    def blank() -> str:
        return BLANK

    with served(app) as base:
        yield base


@pytest.fixture(scope="module")
def _calculator(chromium: Browser, site: str) -> Iterator[tuple[Page, Watch]]:
    """A page in which `protocol` is the protocol module: nothing is kept in it, so that a module's tests share one."""
    watch, context = Watch(), chromium.new_context()
    page = context.new_page()
    watch.over(page)
    page.goto(site)
    page.evaluate("async () => { globalThis.protocol = await import('/static/protocol.js'); }")
    yield page, watch
    context.close()


@pytest.fixture
def protocol(_calculator: tuple[Page, Watch]) -> Iterator[Page]:
    """That page, watched for each test."""
    page, watch = _calculator
    yield page
    told, watch.told = watch.told, []
    assert told == []


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    """A small programme on SQLite that is open, with its booth."""
    from tests.browser.booth_site import booth_of

    with a_world(tmp_path) as world, booth_of(world.open()) as booth:
        yield booth


@pytest.fixture(scope="module")
def open_booth(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Booth]:
    """An open booth for the tests of a file that look at it and do not vote."""
    from tests.browser.booth_site import booth_of

    with a_world(tmp_path_factory.mktemp("booth")) as world, booth_of(world.open()) as booth:
        yield booth


@pytest.fixture
def voter(page: Page) -> Voter:
    """Somebody at the page."""
    from tests.browser.booth_site import Voter

    return Voter(page)
