"""Figures of the page, for `make bench`: from click to encrypted ballot in Chromium, at full speed and throttled.

The floor is the scalar multiplications that no maker of such a ballot can avoid, timed in the same page with the same
library and in the same kinds: constant time for secret ones. The longest task is how long the main thread was busy at a
stretch while it encrypted, so that the page could not respond.
"""

from __future__ import annotations

import json
import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from ballot.protocol.elections import Election
from ballot.protocol.group import Ed25519
from ballot.protocol.questions import HomomorphicQuestion
from ballot.web import assets, security
from ballot.web.access import AccessRule, allow
from scripts import chromium as finder

G = Ed25519()
QUESTION = HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "Do you agree?")
ROUNDS = 25
THROTTLES = (1, 6)
GOALS = {1: 50, 6: 250}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bench</title></head>
<body><button id="encrypt">Encrypt</button></body></html>"""

SET_UP = """
async (text) => {
  const protocol = await import("/static/protocol.js");
  const election = await protocol.parseElection(text);
  const q = protocol.q, y = election.publicKey;
  const P = protocol.basePower(protocol.randomBelow(q));
  globalThis.times = [];
  document.getElementById("encrypt").addEventListener("click", async (event) => {
    await protocol.createBallot(election, "abcde-fghijk-mnopq-rstuvw", [[0, 1, 0]]);
    times.push(performance.now() - event.timeStamp);
  });
  // n choices and their sum: encrypted once each, one commitment pair true and one simulated; signature and credential.
  globalThis.floor = (n) => {
    const s = protocol.randomBelow(q);
    const began = performance.now();
    for (let i = 0; i < n; i += 1) { protocol.basePower(s); protocol.power(y, s); }
    for (let i = 0; i < n + 1; i += 1) { protocol.basePower(s); protocol.power(y, s); }
    for (let i = 0; i < n; i += 1) {
      protocol.publicPower(protocol.g, s);
      for (let j = 0; j < 3; j += 1) protocol.publicPower(P, s);
    }
    protocol.basePower(s); protocol.basePower(s);
    return performance.now() - began;
  };
}
"""


class Silent(WSGIRequestHandler):
    """Does not log requests."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[str]:
    """The page's files, under the real headers, on the loopback address."""
    app = Flask("bench", static_folder=None)
    assets.install(app)
    security.install(app)

    @app.get("/")
    @allow(AccessRule.PUBLIC)
    def page() -> str:
        return PAGE

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def figures(rounds: int = ROUNDS) -> list[tuple[str, str]]:
    """Names and values, ready to print; one line if there is no browser."""
    path = finder.find()
    if path is None:
        return [("click to encrypted in Chromium", finder.NOT_RUN)]
    from playwright.sync_api import sync_playwright

    election = Election("", "A vote", G.base_power(12345), (QUESTION,), "abcdefghijkmno").to_bytes().decode()
    found: list[tuple[str, str]] = []
    with serving() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=finder.arguments())
        page = browser.new_page()
        page.goto(base)
        page.evaluate(SET_UP, election)
        session = page.context.new_cdp_session(page)
        for throttle in THROTTLES:
            session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
            found += _at(page, browser, throttle, rounds)
        browser.close()
    return found


def _at(page: Any, browser: Any, throttle: int, rounds: int) -> list[tuple[str, str]]:
    for _ in range(3):  # Compiled and warm, as after the first letters typed
        _click(page)
    floors = [page.evaluate("() => floor(3)") for _ in range(rounds)]
    page.evaluate("() => { times.length = 0 }")
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"])
    for _ in range(rounds):
        _click(page)
    longest = _longest_task(browser.stop_tracing())
    times = page.evaluate("() => times")
    median, floor = statistics.median(times), statistics.median(floors)
    low, high = statistics.quantiles(times, n=10)[0], statistics.quantiles(times, n=10)[-1]
    name = "click to encrypted in Chromium" + (f", {throttle}x throttled" if throttle > 1 else "")
    return [
        (name, f"{median:8.1f} ms (nine in ten from {low:.0f} to {high:.0f}; goal under {GOALS[throttle]})"),
        ("", f"{median / floor:8.2f} x the floor of its multiplications, {floor:.1f} ms"),
        ("", f"{longest:8.1f} ms the longest task of the main thread"),
    ]


def _click(page: Any) -> None:
    before = page.evaluate("() => times.length")
    page.click("#encrypt")
    page.wait_for_function("(before) => times.length > before", arg=before, polling=5)


def _longest_task(trace: bytes) -> float:
    """Milliseconds of the longest task on the page's main thread."""

    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event["dur"] / 1000
        for event in events
        if event.get("name") in ("RunTask", "ThreadControllerImpl::RunTask")
        and "dur" in event
        and (event["pid"], event["tid"]) in mains
    ]
    return max(tasks, default=0.0)


if __name__ == "__main__":
    for name, value in figures():
        print(f"{name:<46}{value}")
