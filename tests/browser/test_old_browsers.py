"""A browser too old for the page's scripts gets a page that says so, before any of them runs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from ballot.web.assets import STATIC
from tests.browser.barriers import faults_in_every_window
from tests.browser.booth_site import Booth, Voter
from tests.browser.watch import Watch
from tests.web.script_sections import code_of

REMOVED = {
    "modules": "delete HTMLScriptElement.prototype.noModule",
    "AbortSignal.timeout": "delete AbortSignal.timeout",
    "AbortSignal": "delete globalThis.AbortSignal",
    "Object.hasOwn": "delete Object.hasOwn",
    "replaceAll": "delete String.prototype.replaceAll",
    "at": "delete Array.prototype.at",
    "replaceChildren": "delete Element.prototype.replaceChildren",
    "submitter": "delete SubmitEvent.prototype.submitter",
    "BigInt": "delete globalThis.BigInt",
    "crypto.subtle.deriveBits": "delete SubtleCrypto.prototype.deriveBits",
    "crypto.subtle": "delete Crypto.prototype.subtle",
    "crypto": "delete globalThis.crypto",
    "fetch": "delete globalThis.fetch",
    "MessageChannel": "delete globalThis.MessageChannel",
    "the Unicode classes of regular expressions": (
        "const R = RegExp; globalThis.RegExp = function (p, f) {"
        " if (String(f).includes('u')) throw new SyntaxError('flags'); return new R(p, f); }"
    ),
}


@pytest.mark.parametrize("what", REMOVED)
def test_a_browser_without_something_that_we_use_is_told_that_it_is_too_old(
    open_booth: Booth, voter: Voter, what: str
) -> None:
    voter.page.add_init_script(REMOVED[what])
    page = voter.open(open_booth.url()).sees("This browser is too old").page

    assert page.locator("h1:visible").all_inner_texts() == ["This browser is too old"]
    assert page.title().startswith("This browser is too old")
    assert "01772 000000" in page.locator("main").inner_text()
    assert page.evaluate("location.href") == f"{open_booth.base}/vote/merger/00A"
    assert not [request for request in voter.requests if request.method != "GET"]
    if what == "modules":
        assert faults_in_every_window(page, "browser-old") == []


@pytest.mark.parametrize("what", ["modules", "Object.hasOwn", "crypto.subtle"])
def test_the_page_that_checks_a_paper_says_the_same(open_booth: Booth, page: Page, what: str) -> None:
    page.add_init_script(REMOVED[what])
    page.goto(f"{open_booth.base}/check-paper")

    page.get_by_role("heading", name="This browser is too old").wait_for()
    assert page.locator("form:visible").count() == 0
    assert not page.get_by_text("This page needs JavaScript").is_visible()
    if what == "modules":
        assert faults_in_every_window(page, "browser-old-checker") == []


def test_a_browser_that_cannot_read_our_scripts_is_too_old(open_booth: Booth, voter: Voter, watch: Watch) -> None:
    watch.expect("not caught: ")
    voter.page.route(
        "**/noble-ed25519/index.js",
        lambda route: route.fulfill(body="const p = 1m;", content_type="text/javascript"),
    )
    voter.open(open_booth.url()).sees("This browser is too old")


def test_a_script_that_does_not_arrive_is_not_taken_for_an_old_browser(
    open_booth: Booth, voter: Voter, watch: Watch
) -> None:
    watch.expect("net::ERR_FAILED")
    voter.page.route("**/protocol.js", lambda route: route.abort())
    page = voter.open(open_booth.url()).sees("Part of this page did not arrive").page

    assert page.locator("h1:visible").count() == 1
    assert faults_in_every_window(page, "page-broken") == []


def test_an_address_without_tls_is_named_and_not_the_browser(open_booth: Booth, chromium: Browser) -> None:
    """Another name than localhost, over http: what Chromium itself takes for insecure."""

    def forward(route: Route) -> None:
        parts = urlsplit(route.request.url)
        route.fulfill(response=route.fetch(url=f"{open_booth.base}{parts.path}"))

    context = chromium.new_context()
    page = context.new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.route("http://vote.example.org/**", forward)
    page.goto(open_booth.url().replace(open_booth.base, "http://vote.example.org"))
    page.get_by_role("heading", name="The address of this page is not secure").wait_for()

    assert page.evaluate("typeof crypto.subtle") == "undefined"
    assert page.locator("h1:visible").count() == 1
    assert set(sent) == {"GET"}
    assert faults_in_every_window(page, "address-insecure") == []
    context.close()


RECENT = {
    "hasOwn", "fromEntries", "groupBy", "flat", "flatMap", "at", "findLast", "findLastIndex", "toSorted", "toReversed",
    "toSpliced", "with", "replaceAll", "matchAll", "padStart", "padEnd", "trimStart", "trimEnd", "replaceChildren",
    "structuredClone", "allSettled", "any", "withResolvers", "timeout", "submitter", "requestSubmit", "randomUUID",
    "DecompressionStream", "CompressionStream", "WeakRef", "queueMicrotask", "formatRange", "supportedValuesOf",
    "BigInt", "MessageChannel", "TextDecoder", "formatToParts", "normalize", "closest", "subtle", "isWellFormed",
    "getOrInsert", "try", "isSubsetOf", "union", "intersection", "difference", "escape", "toHex", "fromHex",
    "fromBase64", "toBase64", "checkVisibility", "showPopover", "moveBefore", "waitAsync", "scheduler",
}  # fmt: skip
"""Names that browsers have learnt in the last ten years or so; more may be added."""
MODULES = ["booth", "protocol", "ceremony", "trustee", "checker", "vendor/noble-ed25519/index"]


def test_whatever_the_scripts_use_that_is_recent_is_looked_for_first() -> None:
    used = set()
    for name in MODULES:
        code = code_of((STATIC / f"{name}.js").read_text())
        used |= set(re.findall(r"(?:(?<!\.)\.|\bnew )(\w+)\b(?!\s*\?\.)", code)) & RECENT
    listed = set(re.findall(r'"(\w+)"', (STATIC / "browser.js").read_text()))
    assert used - listed == set()


NEWER_THAN_ES5 = r"`|=>|\b(?:let|const|class|async|await|import|export|of)\b|\.\.\.|\?\?|\?\.|\*\*"


def test_what_every_browser_must_read_is_written_in_ecmascript_5() -> None:
    assert re.findall(NEWER_THAN_ES5, code_of((STATIC / "browser.js").read_text())) == []
