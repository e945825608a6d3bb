#!/usr/bin/env python3
"""Draw the rooms of `ballot/` from their imports, as a Mermaid picture between two markers of docs/architecture.md.

python3 scripts/rooms.py             # print the picture
python3 scripts/rooms.py --write     # put it into docs/architecture.md

A room is a folder directly in `ballot/`. An arrow means that a file of the one imports from the other. An arrow that
follows from two others is left out, because a room may import from every room below it. A circle is refused.
"""

from __future__ import annotations

import argparse
import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: made by scripts/rooms.py --write -->", "<!-- /rooms -->"

Rooms = dict[str, set[str]]
"""Each room, and the rooms that it imports from."""


class Circle(Exception):
    """Rooms that import each other."""


def read_rooms(package: Path) -> Rooms:
    """The rooms of a package, from the imports in every file, including those inside functions."""
    rooms: Rooms = {path.parent.name: set() for path in sorted(package.glob("*/__init__.py"))}
    for room, below in rooms.items():
        for path in (package / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                below |= {name for module in modules(node) for name in rooms if is_within(module, package.name, name)}
        below.discard(room)
    return rooms


def modules(node: ast.AST) -> list[str]:
    """The full names in an import statement; for `from a import b` also a.b, which may be a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def is_within(module: str, package: str, room: str) -> bool:
    return module == f"{package}.{room}" or module.startswith(f"{package}.{room}.")


def from_top(rooms: Rooms) -> list[str]:
    """The rooms, each before those that it imports from; raises Circle."""
    try:
        return list(TopologicalSorter(rooms).static_order())[::-1]
    except CycleError as fault:
        raise Circle(" -> ".join(fault.args[1])) from None


def reach(rooms: Rooms) -> Rooms:
    """Every room that each room imports, directly or through others."""
    reached: Rooms = {}
    for room in reversed(from_top(rooms)):
        reached[room] = rooms[room].union(*(reached[each] for each in rooms[room]))
    return reached


def arrows(rooms: Rooms) -> list[tuple[str, str]]:
    """The imports that do not follow from two others, from the top down."""
    reached = reach(rooms)
    drawn = []
    for room in sorted(rooms, key=lambda room: (-len(reached[room]), room)):
        implied = {each for below in rooms[room] for each in reached[below]}
        drawn += [(room, each) for each in sorted(rooms[room] - implied)]
    return drawn


def picture(rooms: Rooms) -> str:
    lines = [f"    {above} --> {below}" for above, below in arrows(rooms)]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def put(text: str, drawn: str) -> str:
    """The document with the picture between its markers; raises ValueError if they are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the document needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{drawn}\n{END}{after}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw the rooms of ballot/ from their imports.")
    parser.add_argument("--write", action="store_true", help="put the picture into docs/architecture.md")
    asked = parser.parse_args()
    try:
        drawn = picture(read_rooms(ROOT / "ballot"))
        if asked.write:
            DOCUMENT.write_text(put(DOCUMENT.read_text("utf-8"), drawn), "utf-8")
        else:
            print(drawn)
    except (Circle, ValueError) as fault:
        print(f"Not drawn: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
