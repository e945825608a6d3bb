"""Looking for barriers on a page with axe-core, and keeping a picture of it for people to look at.

barriers(page) == []           every rule of WCAG 2.0, 2.1 and 2.2, levels A and AA, and axe's good practice
overflow(page) == []           nothing is wider than the window
shoot(page, "board-open")      board-open-1280.png in $BALLOT_SCREENSHOTS, where that is set: drawing takes its time
faults_in_every_window(page, "board-open") == []     all of it, at a desk's width, a phone's, and zoomed

Beside the pictures stands pages.jsonl, a line for each: its file, and the path of the page, from which
`make pictures` makes docs/pictures.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

DESK, PHONE, ZOOMED = (1280, 800), (320, 640), (320, 200)
"""A desk's window; a phone's; and what is left of a desk's at 400 % zoom: a quarter each way."""

_RUN = """async (rules) => {
  const only = {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]};  // what passes is not described
  const found = await axe.run(document, only);
  return found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${one.help}: ${node.html}`));
}"""
_WIDER = """() => {
  const width = document.documentElement.clientWidth;
  const wide = document.documentElement.scrollWidth > width ? [`page: ${document.documentElement.scrollWidth}`] : [];
  const clipped = (one) => one !== document.body && (one.offsetWidth <= 1 || clipped(one.parentElement));
  for (const one of document.body.querySelectorAll("*")) {
    const box = one.getBoundingClientRect();
    if (!clipped(one) && box.width > 0 && Math.floor(box.right) > width) {
      wide.push(`${one.tagName} ${one.className}: ${box.right}`);
    }
  }
  return wide;
}"""


def faults_in_every_window(page: Page, name: str, *, again: bool = False) -> list[str]:
    """Barriers and what is too wide, each after the window's name; a picture of the page at a desk and on a phone.

    `again`: axe has looked at the same page in another state, and what it takes time for is not done twice.
    """
    faults: list[str] = []
    for window, size in {"desk": DESK, "phone": PHONE, "zoomed": ZOOMED}.items():
        resize(page, size)
        if size is not ZOOMED:
            faults += [] if again else [f"{window}: {found}" for found in barriers(page)]
            shoot(page, name)
        faults += [f"{window}: {found}" for found in overflow(page)]
    resize(page, DESK)
    return faults


def resize(page: Page, size: tuple[int, int]) -> None:
    """A window of this width and height."""
    page.set_viewport_size({"width": size[0], "height": size[1]})


def barriers(page: Page) -> list[str]:
    """What axe found, one line for each element."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(f"() => {{ {AXE.read_text('utf-8')} }}")
    found: list[str] = page.evaluate(_RUN, RULES)
    return found


def overflow(page: Page) -> list[str]:
    """What reaches over the right edge of the window; what only ears are told is clipped to nothing, and left out."""
    found: list[str] = page.evaluate(_WIDER)
    return found


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if anybody wants pictures."""
    wanted = os.environ.get("BALLOT_SCREENSHOTS")
    if wanted is None:
        return
    folder = Path(wanted)
    folder.mkdir(parents=True, exist_ok=True)
    width = page.viewport_size["width"] if page.viewport_size else 0
    path = folder / f"{name}-{width}.png"
    page.screenshot(path=path, full_page=True)
    line = json.dumps({"file": path.name, "name": name, "width": width, "path": urlsplit(page.url).path})
    with (folder / "pages.jsonl").open("a") as index:
        index.write(line + "\n")
