"""Figures of the booth, for `make bench`: the cost of a first vote in a browser, and ballots accepted by the app.

Bytes are counted on the wire, headers included, as Chromium reports them, from an empty cache to the verified receipt.
Ballots are made beforehand; each client holds one connection and verifies every receipt, on the same cores.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from ballot.constitution.programme import load_programme
from ballot.roll.read import RollFile, read_files
from bench.casting import Paper, Stopwatch, check_paper, papers
from scripts import chromium as finder
from scripts.demonstration.rehearsal import open_window, rehearse
from scripts.demonstration.server import processor_time, serving
from scripts.demonstration.voter import SAID, Voter

CLIENTS = (1, 8)
GOAL_BYTES, GOAL_REQUESTS = 110_000, 12


def figures(here: Path, source: Path, practices: int) -> Iterator[tuple[str, str]]:
    """Names and values, line by line; about `practices` practices vote, or all if there are fewer."""
    folder = open_window(source, here)
    programme = load_programme((folder / "programme.toml").read_bytes(), "programme.toml")
    roll = read_files(RollFile("roll.csv", (source / "roll.csv").read_bytes()), [ccg.ods for ccg in programme.ccgs])
    roll = replace(roll, members=roll.members[:: max(1, len(roll.members) // practices)])
    set_up = rehearse(here, folder, roll, lambda word, what: None)
    with serving(set_up.address, set_up.settings(), here / "server.log") as base:
        yield from first_vote([link.url(base) for link in set_up.links()[:2]])
        made = papers(set_up)[2:]
        half = len(made) // 2
        for clients, part in zip(CLIENTS, (made[:half], made[half:]), strict=True):
            checked, before = Stopwatch(), processor_time(set_up.address)
            for paper in part:
                checked.time(lambda p=paper: check_paper(p))  # type: ignore[misc]
            taken = cast_all(base, set_up.desk.board.public, set_up.id, part, clients)
            told = f"{clients} client{'s' if clients > 1 else ''}, {len(part)} ballots"
            yield "ballots accepted over HTTP", f"{len(part) / taken:8.0f} /s, {told}"
            after = processor_time(set_up.address)
            if before is not None and after is not None:
                yield "", f"{(after - before) / checked.processor:8.2f} x their proofs (processor time of the app)"


def cast_all(base: str, board: Any, programme: str, made: Sequence[Paper], clients: int) -> float:
    """The seconds that this many concurrent clients take to cast all ballots and verify every receipt."""

    def cast(part: int) -> None:
        mine = Voter(base, board)
        for paper in made[part::clients]:
            mine.cast(f"{programme}/{paper.link.ccg}", paper.link.token, paper.body)

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(cast, range(clients)))
    return time.perf_counter() - began


def first_vote(links: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Bytes and requests of a vote with an empty cache, and of another vote with the cache of the first."""
    path = finder.find()
    if path is None:
        yield "the first vote in a browser", finder.NOT_RUN
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=finder.arguments())
        page = browser.new_context().new_page()
        for name, link in zip(("the first vote in a browser", "the next one, cached"), links, strict=True):
            asked, received, taken = vote(page, link)
            yield name, f"{received / 1000:8.1f} kB in {asked} requests, {taken:.2f} s of clicking"
        yield "", f"         the goals: {GOAL_BYTES // 1000} kB, under {GOAL_REQUESTS} requests, cached afterwards"
        browser.close()


def vote(page: Any, link: str) -> tuple[int, int, float]:
    """Requests, bytes and seconds from the link to the receipt."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    asked: list[str] = []
    received: list[int] = []
    cached: set[str] = set()
    session.on("Network.requestServedFromCache", lambda event: cached.add(event["requestId"]))
    session.on(
        "Network.responseReceived",
        lambda event: cached.add(event["requestId"]) if event["response"].get("fromDiskCache") else None,
    )
    session.on("Network.requestWillBeSent", lambda event: asked.append(event["requestId"]))
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    page.goto("about:blank")
    asked.clear()
    began = time.perf_counter()
    page.goto(link)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Continue", exact=True).click()
    page.get_by_label("Your full name").fill(SAID.name)
    page.get_by_role("radio", name="I am the practice's representative").check()
    page.get_by_role("checkbox").check()
    for name in ("Continue", "Encrypt my ballot", "Cast my vote"):
        page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("heading", name="Your vote was accepted").wait_for()
    taken = time.perf_counter() - began
    page.wait_for_load_state("networkidle")
    session.detach()
    return len([one for one in asked if one not in cached]), sum(received), taken
