"""The test harness itself: a page with errors fails its test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.watch import Watch

MISBEHAVIOUR = {
    "console.error": ("() => console.error('broken')", "console: broken ("),
    "an error that no code caught": ("() => { setTimeout(() => missing()) }", "not caught: missing is not defined"),
    "a rejection that no code caught": ("() => { Promise.reject(new Error('lost')) }", "not caught: lost"),
    "an inline script": (
        "() => { const s = document.createElement('script'); s.text = '1'; document.head.append(s) }",
        "Content Security Policy",
    ),
    "a request to another host": (
        "() => fetch('https://example.org/').catch(() => null).then(() => null)",
        "foreign request: https://example.org/",
    ),
    "eval": ("() => { setTimeout(() => eval('1')) }", "Content Security Policy"),
}


@pytest.mark.parametrize("name", MISBEHAVIOUR)
def test_a_page_that_misbehaves_is_told_of(chromium: Browser, site: str, name: str) -> None:
    script, told = MISBEHAVIOUR[name]
    watch, context = Watch(), chromium.new_context()
    page = context.new_page()
    watch.over(page)
    page.goto(site)
    assert watch.faults() == []

    page.evaluate(script)
    page.wait_for_timeout(100)
    context.close()

    if name != "a request to another host":
        assert any(told in fault for fault in watch.faults()), watch.told
    else:  # the policy forbids it before it is one, and either is told
        assert any("example.org" in fault for fault in watch.faults()), watch.told


def test_what_is_expected_is_no_fault_and_must_come(page: Page, site: str, watch: Watch) -> None:
    page.goto(site)
    watch.expect("status of 404")
    assert watch.faults() == ["expected and never told: status of 404"]
    page.evaluate("() => fetch('/static/none.js').then((answer) => answer.status)")


def test_the_page_takes_its_scripts_from_our_own_files(protocol: Page) -> None:
    assert protocol.evaluate("() => Object.keys(protocol).includes('createBallot')")
