#!/usr/bin/env python3
"""Make pictures of every page at desk and phone width, in docs/pictures: `make pictures`.

The browser tests that open pages keep a picture of each (`shoot` in tests/browser/barriers.py). This runs them, and
makes small pictures and an index. Nothing is listed here: a page that a browser test opens at both widths is included,
and tests/web/test_web_pictures.py says which page has none.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

ROOT = Path(__file__).resolve().parents[1]
SHOTS = ROOT / "instance" / "pictures"
OUT = ROOT / "docs" / "pictures"
ROUTES = ROOT / "tests" / "web" / "routes.txt"
WIDTHS = {1280: "desk", 320: "phone"}
SCALED = {1280: 640, 320: 260}
HIGHEST = 900
"""The greatest height, in pixels after scaling; the rest of a longer page is cut off."""
COLOURS = 32
REFUSALS = ("error", "refused", "trouble", "without-javascript", "address-insecure", "browser-old", "page-broken")
VARIANTS = ("weight-", "printed")
"""Of the booth: the same page for another CCG, and on paper."""
MOST = {"/vote/<programme>/<ccg>": 10, "/office/ballots/<programme>/<part>": 7, "/office/trustee/<programme>": 3}
"""Routes with more than one picture, and how many: the steps of the booth are one page."""
ROOMS = {
    "office": "office",
    "trustee": "trustee",
    "vote": "booth",
    "check-paper": "booth",
    "how-it-is-counted": "booth",
}
"""The first word of an address, and the room of its page; every other page is the board's."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a test opened: its name, and its route in the golden list."""

    room: str
    name: str
    route: str

    def file(self, width: int) -> Path:
        """Its picture at a width."""
        return OUT / self.room / f"{self.name}-{WIDTHS[width]}.png"


def main() -> int:
    """Run the tests, or only remake the pictures from the last run; 0 if every test passed."""
    parser = argparse.ArgumentParser(description="Make docs/pictures from what the browser tests look at.")
    parser.add_argument("--kept", action="store_true", help="run no test: use what the last run kept")
    if not parser.parse_args().kept:
        shutil.rmtree(SHOTS, ignore_errors=True)
        status = look()
        if status:
            print("A browser test failed: the pictures are as they were.")
            return status
    pages = last_stages(sorted(complete(), key=lambda page: (page.room, page.route, page.name)))
    shutil.rmtree(OUT, ignore_errors=True)
    for page in pages:
        for width in WIDTHS:
            compact(SHOTS / f"{shot_name(page)}-{width}.png", page.file(width), SCALED[width])
    (OUT / "README.md").write_text(index(pages))
    size = sum(path.stat().st_size for path in OUT.rglob("*.png"))
    print(f"{len(pages)} pages at both widths, {size / 1e6:.1f} MB in {OUT.relative_to(ROOT)}.")
    return 0


def look() -> int:
    """Run the browser tests that keep pictures."""
    files = [
        path for path in sorted((ROOT / "tests" / "browser").glob("test_*.py")) if "barriers import" in path.read_text()
    ]
    command = [sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", *map(str, files)]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "BALLOT_SCREENSHOTS": str(SHOTS)}, check=False
    ).returncode


def complete() -> Iterator[Page]:
    """Every page that was opened at both widths and has a route."""
    kept: dict[str, set[int]] = {}
    paths: dict[str, str] = {}
    for line in (SHOTS / "pages.jsonl").read_text().splitlines():
        shot = json.loads(line)
        kept.setdefault(shot["name"], set()).add(shot["width"])
        paths[shot["name"]] = shot["path"]
    there = addresses()
    for name, widths in kept.items():
        route = route_of(there, paths[name])
        if widths >= set(WIDTHS) and route is not None:
            room = ROOMS.get(route.split("/")[1], "board")
            yield Page(room, name.removeprefix(f"{room}-"), route)


def last_stages(pages: list[Page]) -> list[Page]:
    """The last stage of each page with several, since it shows the most; a refusal only if there is nothing else."""
    of_route: dict[str, list[Page]] = {}
    for page in pages:
        of_route.setdefault(page.route, []).append(page)
    kept: list[Page] = []
    for route, found in of_route.items():
        well = [page for page in found if not any(word in page.name for word in (*REFUSALS, *VARIANTS))] or found
        kept += well[-MOST.get(route, 1) :]
    return sorted(kept, key=lambda page: (page.room, page.route, page.name))


def shot_name(page: Page) -> str:
    """The name that the tests gave it."""
    full = f"{page.room}-{page.name}"
    return full if (SHOTS / f"{full}-1280.png").exists() else page.name


def addresses() -> Map:
    """The golden list of routes, as a map that finds the route of an address."""
    lines = [line.split() for line in ROUTES.read_text().splitlines()]
    return Map([Rule(route, endpoint=route, methods=methods.split(",")) for methods, route, *_ in lines])


def route_of(there: Map, path: str) -> str | None:
    """The route of an address; a form that was sent belongs to the address it was sent to."""
    for method in ("GET", "POST"):
        try:
            return str(there.bind("").match(path, method)[0])
        except HTTPException:
            continue
    return None


def compact(kept: Path, picture: Path, width: int) -> None:
    """A small PNG with a palette."""
    with Image.open(kept) as whole:
        height = round(whole.height * width / whole.width)
        scaled = whole.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    cut = scaled.crop((0, 0, width, min(height, HIGHEST)))
    picture.parent.mkdir(parents=True, exist_ok=True)
    cut.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(picture, optimize=True)


def index(pages: list[Page]) -> str:
    """docs/pictures/README.md."""
    lines = [
        "# Pictures of every page",
        "",
        "Each page at desk width (1280, shown smaller) and at phone width (320). Very long pages are cut off.",
        "`make pictures` makes them from the pages that the browser tests open. Do not make any by hand.",
    ]
    for room in dict.fromkeys(page.room for page in pages):
        lines += ["", f"## {room.capitalize()}", "", "| page | route | desk | phone |", "|---|---|---|---|"]
        for page in (page for page in pages if page.room == room):
            links = [f"[{word}]({page.file(width).relative_to(OUT).as_posix()})" for width, word in WIDTHS.items()]
            lines.append(f"| {page.name} | `{page.route}` | {links[0]} | {links[1]} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
