"""A small programme served with its booth, and hands that go through the booth as a voter does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page, Request, Response

from ballot.config import Config
from ballot.constitution.programme import STATEMENT
from ballot.office.post.voting_links import PracticeLink
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.browser.board_sites import SITE
from tests.browser.conftest import served
from tests.integration.office.world import World


@dataclass
class Booth:
    """The world behind it, and where it is served."""

    world: World
    base: str

    def url(self, number: int = 0, ccg: str = "00A") -> str:
        """The link of the practice with this number."""
        return self.link(number, ccg).url(self.base)

    def link(self, number: int = 0, ccg: str = "00A") -> PracticeLink:
        return self.world.links(ccg)[number]


@contextmanager
def booth_of(world: World) -> Iterator[Booth]:
    """The app in this world, on a port of its own."""
    config = Config("", world.folder / "instance", "vote.example.org", world.folder / "config", world.keys, site=SITE)
    app = create_app(AppSurroundings(config, world.engine, world.clock, world.board))
    with served(app) as base:
        yield Booth(world, base)


class Voter:
    """Somebody at a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[Request] = []
        self.responses: list[Response] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("response", lambda response: self.responses.append(response))

    def open(self, url: str) -> Voter:
        self.page.goto(url)
        return self

    def sees(self, heading: str) -> Voter:
        """Wait for the step with this heading; it has the focus, and the title says it."""
        self.page.locator("h1:visible").filter(has_text=heading).wait_for()
        return self

    @property
    def heading(self) -> str:
        return self.page.locator("h1:visible").inner_text()

    def click(self, name: str) -> Voter:
        self.page.get_by_role("button", name=name, exact=True).click()
        return self

    def choose(self, label: str) -> Voter:
        self.page.get_by_role("radio", name=label, exact=True).check()
        return self

    def paste(self, code: str) -> Voter:
        """Into the one box that is in sight."""
        self.page.locator("textarea:visible").fill(code)
        return self.click("Continue")

    def unfold(self, summary: str) -> Voter:
        self.page.get_by_text(summary, exact=True).click()
        return self

    def state(self, name: str = "Dr Ada Ash", capacity: str = "I am the practice's representative") -> Voter:
        """Say who casts the vote."""
        self.sees("Who is casting this vote?")
        self.page.get_by_label("Your full name").fill(name)
        self.page.get_by_role("radio", name=capacity).check()
        self.page.get_by_role("checkbox", name=STATEMENT).check()
        return self.click("Continue")

    def to_paper(self, answer: str = "For") -> Voter:
        """From the welcome to an encrypted paper."""
        self.sees("Vote for your practice").click("Start").choose(answer).click("Continue").state()
        self.sees("Check your answer").click("Encrypt my ballot")
        return self.sees("Your ballot is encrypted")

    def cast(self) -> Voter:
        return self.click("Cast my vote")

    def receipt(self) -> bytes:
        """What the receipt's download gives."""
        with self.page.expect_download() as download:
            self.page.locator('a[data-file="receipt"]:visible').first.click()
        return download.value.path().read_bytes()

    def tracking_number(self, name: str = "paper") -> str:
        return self.page.locator(f'[data-groups="{name}"]:visible').inner_text().replace(" ", "").replace("\n", "")
