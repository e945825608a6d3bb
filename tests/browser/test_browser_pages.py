"""Every page in a real browser: no barrier that axe knows, nothing wider than a phone, no error, usable by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page

from scripts import vendor
from tests.browser.barriers import AXE, DESK, PHONE, barriers, faults_in_every_window, overflow, shoot
from tests.browser.board_sites import Served, site_at
from tests.browser.watch import Watch

At = Callable[[str], Served]
SIZES = {"desk": DESK, "phone": PHONE}
BOARD = {
    "front": "/",
    "programme": "/board/merger",
    "events": "/board/merger/events",
    "checkpoints": "/board/merger/checkpoints",
    "find": "/board/merger/find",
    "ccg": "/board/merger/00A",
    "ccg-both-measures": "/board/merger/00B",
    "ccg-nobody": "/board/merger/00C",
    "ballots": "/board/merger/00A/ballots",
    "ballots-none": "/board/merger/00C/ballots",
}
PAGES = [
    ("empty", "front", "/", 200),
    ("draft", "front", "/", 200),
    ("draft", "programme", "/board/merger", 200),
    ("draft", "ccg", "/board/merger/00A", 200),
    *(("open", name, path, 200) for name, path in BOARD.items()),
    ("open", "found", "/board/merger/find?number={2}", 200),
    ("open", "superseded", "/board/merger/find?number={0}", 200),
    ("open", "not-found", "/board/merger/find?number=" + "A" * 43, 200),
    ("open", "mistyped", "/board/merger/find?number=abc", 200),
    *(("decided", name, path, 200) for name, path in BOARD.items() if name not in ("find", "ballots-none")),
    ("plain", "how-to-check", "/how-to-check", 200),
    ("plain", "accessibility", "/accessibility", 200),
    ("open", "accessibility", "/accessibility", 200),
    ("plain", "form", "/form", 200),
    ("plain", "form-with-errors", "/form-with-errors", 200),
    *(("plain", f"error-{status}", f"/fails/{status}", status) for status in (400, 404, 405, 413, 500)),
    ("open", "error-404", "/board/merger/none", 404),
]


AGAIN = {
    *(("decided", name) for name in ("events", "checkpoints", "ballots", "ccg-nobody")),
    *(("open", name) for name in ("superseded", "not-found", "error-404")),
    *(("plain", f"error-{status}") for status in (400, 405, 413)),
    ("draft", "front"),
    ("open", "accessibility"),
}
"""Pages of the same parts as one that axe looks at: with more rows, or with another sentence."""


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[At]:
    """The site at a stage, made when it is first asked for."""
    with ExitStack() as stack:
        made: dict[str, Served] = {}

        def site(stage: str) -> Served:
            if stage not in made:
                made[stage] = stack.enter_context(site_at(stage, tmp_path_factory.mktemp(stage)))
            return made[stage]

        yield site


def go(page: Page, here: Served, path: str, size: tuple[int, int] = DESK) -> None:
    """Open a page in a window of a size, its scripts done."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(here.base + path.format(*(quote(number, safe="") for number in here.numbers)))
    page.wait_for_selector("body.nhsuk-frontend-supported")


@pytest.mark.parametrize(
    ("stage", "name", "path", "status"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in PAGES]
)
def test_a_page_has_no_barrier_and_fits_every_window(
    page: Page, watch: Watch, at: At, stage: str, name: str, path: str, status: int
) -> None:
    if status >= 400:
        watch.expect(f"status of {status}")

    go(page, at(stage), path)

    assert faults_in_every_window(page, f"{stage}-{name}", again=(stage, name) in AGAIN) == []


def test_axe_finds_a_barrier_where_there_is_one(page: Page, at: At) -> None:
    go(page, at("plain"), "/form")
    page.evaluate("() => document.querySelector('label[for=name]').remove()")
    page.evaluate("() => { document.querySelector('h1').style.color = '#eee'; }")

    assert {"label", "color-contrast"} <= {found.split(":")[0] for found in barriers(page)}


def test_what_is_too_wide_is_found(page: Page, at: At) -> None:
    go(page, at("plain"), "/form", PHONE)
    page.evaluate("() => { document.querySelector('h1').style.width = '400px'; }")

    assert any(found.startswith("H1") for found in overflow(page))


def test_axe_is_as_its_makers_delivered_it() -> None:
    assert AXE.is_file()
    assert vendor.check(AXE.parents[1]) == []


TABBED = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  if (one === document.body) return null;
  one.scrollIntoViewIfNeeded();
  const box = one.getBoundingClientRect();
  const shown = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
  return [[...document.querySelectorAll('a[href], button, input, select, textarea, summary')].indexOf(one), shown,
    box.width > 0 && box.height > 0 && box.left >= 0 && box.right <= innerWidth];
}"""


@pytest.mark.parametrize(
    ("stage", "path"), [("decided", "/board/merger"), ("open", "/board/merger/find?number=abc"), ("plain", "/form")]
)
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_tab_key_reaches_everything_in_the_order_of_the_page_and_shows_where_it_is(
    page: Page, at: At, stage: str, path: str, size: str
) -> None:
    go(page, at(stage), path, SIZES[size])
    page.evaluate("() => { document.activeElement.blur(); getSelection().removeAllRanges(); scrollTo(0, 0); }")
    page.evaluate(
        "() => { document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex') }"
    )
    stops = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(TABBED)
        if stop is None:
            break
        stops.append(stop)

    places = [place for place, _, _ in stops]
    groups = "() => [...document.querySelectorAll('input[type=radio]')].length"
    assert places[0] == 0
    assert places == sorted(places)
    visible = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]"
        ".filter((one) => one.checkVisibility() && !one.disabled).length"
    )
    assert len(set(places)) == visible - max(0, page.evaluate(groups) - 1)  # arrows move between radios
    assert [stop for stop in stops if not (stop[1] and stop[2])] == []


def test_the_skip_link_comes_first_and_leads_past_the_header(page: Page, at: At) -> None:
    go(page, at("open"), "/board/merger")

    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "maincontent"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('main') !== null")


def test_the_error_summary_takes_the_focus_and_leads_to_the_field(page: Page, at: At) -> None:
    go(page, at("plain"), "/form-with-errors")

    assert page.title().startswith("Error: ")
    assert page.evaluate("() => document.activeElement.className") == "nhsuk-error-summary"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent.trim()") == "Enter your name"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "name"


def test_a_vote_is_found_with_the_keyboard_alone_and_without_any_script(chromium: Browser, at: At) -> None:
    here = at("open")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{here.base}/board/merger")
    box = page.get_by_label("Tracking number")
    box.focus()
    page.keyboard.type(f" {here.numbers[1]} ")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    assert page.get_by_role("heading", level=1).inner_text() == "Yes, this ballot is on the board"
    context.close()


def test_whoever_wants_less_motion_sees_none(page: Page, at: At) -> None:
    page.emulate_media(reduced_motion="reduce")
    go(page, at("open"), "/board/merger")

    moving = "() => [...document.querySelectorAll('*')].filter((one) => { const style = getComputedStyle(one);"
    moving += " return parseFloat(style.transitionDuration) > 0.001 || style.animationName !== 'none'; }).length"
    assert page.evaluate(moving) == 0


@pytest.mark.parametrize("name", ["programme", "ccg", "ballots"])
def test_a_page_on_paper_keeps_what_matters(page: Page, at: At, name: str) -> None:
    page.emulate_media(media="print")
    go(page, at("decided"), BOARD[name], (720, 1000))

    assert page.get_by_text("This is a rehearsal").is_visible()
    assert page.get_by_text("Fingerprint of this programme:").is_visible()
    assert page.get_by_text("How to check a result yourself", exact=True).last.is_hidden()
    assert overflow(page) == []
    shoot(page, f"print-{name}")
