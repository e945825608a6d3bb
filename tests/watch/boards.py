"""A board that can cheat: the real app on the real keys, and in front of it whatever a hostile server would do.

`Board.answers` rewrite single answers; `fork` is the same installation, with the same board key, as it was at a moment
before: what it does from then on is signed and chained like everything else. That is what cheating servers have.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask

from ballot.db.engine import connect
from ballot.office.desk import Desk
from ballot.office.on_time import tick
from tests.browser.conftest import served
from tests.integration.office.world import World
from tests.web.conftest import make_app

Start = Callable[..., Any]
Rewrite = Callable[[bytes], bytes]


@dataclass
class Board:
    """A WSGI app in front of whichever face is shown; `answers` rewrite bodies by a pattern of the path."""

    face: Flask
    answers: dict[str, Rewrite] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(path)
        rewrites = [rewrite for pattern, rewrite in self.answers.items() if re.fullmatch(pattern, path)]
        if not rewrites:
            return self.face(environ, start)
        told: list[Any] = []
        pieces = self.face(environ, lambda status, headers, *rest: told.append((status, headers)))
        body = b"".join(pieces)
        if hasattr(pieces, "close"):
            pieces.close()
        for rewrite in rewrites:
            body = rewrite(body)
        status, headers = told[0]
        start(status, [(name, value) for name, value in headers if name.lower() != "content-length"])
        return [body]


@dataclass(frozen=True)
class Shown:
    """The board, where it is, and the honest world behind it."""

    board: Board
    base: str
    world: World


@contextmanager
def shown(world: World) -> Iterator[Shown]:
    """The board of a world on a port of the loopback address; openings that are due are written."""
    tick(world.desk)
    board = Board(make_app(world, office=False))
    with served(board) as base:  # type: ignore[arg-type]  # any WSGI app will do
        yield Shown(board, base, world)


@contextmanager
def fork(world: World, folder: Path) -> Iterator[World]:
    """The same installation, from here on with a history of its own."""
    folder.mkdir(parents=True)
    copy = folder / "ballot.db"
    source, target = sqlite3.connect(world.engine.url.database or ""), sqlite3.connect(copy)
    source.backup(target)
    source.close()
    target.close()
    engine = connect(f"sqlite:///{copy}")
    other = object.__new__(World)
    other.__dict__.update(world.__dict__)
    other.engine = engine
    other.clock = replace(world.clock)
    other.desk = Desk(engine, other.clock, world.rng, world.board)
    try:
        yield other
    finally:
        engine.dispose()
