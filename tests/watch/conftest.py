"""A watcher, and a board that two ballots were cast on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.office.on_time import tick
from ballot.watch.alarms import Sighting
from ballot.watch.fetching import BoardSite
from ballot.watch.keeping import WatchFolder
from ballot.watch.look import Look, WatchOptions
from tests.integration.office.world import OPENS, World
from tests.watch.boards import Shown, fork, shown

CCGS = ("00A", "00B")
HOUR = timedelta(hours=1)


@dataclass
class Watcher:
    """Somebody who looks, now and then, by a clock of their own."""

    watch: WatchOptions
    kept: WatchFolder
    now: datetime = OPENS + HOUR

    def look(self, **more: Any) -> list[Sighting]:
        """What one look finds; the clock goes on an hour afterwards."""
        found = Look(replace(self.watch, **more), self.kept, "merger", self.now).run()
        self.now += HOUR
        return found

    def alarms(self, **more: Any) -> set[str]:
        """The words of it; a trouble is one too."""
        return {finding.kind.value for finding in self.look(**more)}


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A ballot that is open, and nobody has voted: a board that rewrites its history goes back to here."""
    folder = tmp_path_factory.mktemp("board")
    engine = connect(f"sqlite:///{folder / 'ballot.db'}")
    upgrade(engine)
    world = World(engine, folder, ccgs=CCGS, practices=4).open()
    tick(world.desk)
    yield world
    engine.dispose()


@pytest.fixture(scope="session")
def bodies(empty: World) -> list[bytes]:
    """The ballots of the practices of the first CCG, ready to be cast."""
    return [empty.ballot(link) for link in empty.links()]


@pytest.fixture(scope="session")
def origin(empty: World, bodies: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two have voted; tests take forks of it and leave it alone."""
    with fork(empty, tmp_path_factory.mktemp("origin") / "db") as world:
        for voter in (0, 1):
            assert world.cast(world.links()[voter], bodies[voter]).status == 200
        yield world


@pytest.fixture(scope="session")
def first_look(origin: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a watcher keeps after one look, at which all was in order."""
    folder = tmp_path_factory.mktemp("kept")
    with shown(origin) as site:
        assert a_watcher(site, folder).look() == []
    return folder


@pytest.fixture
def world(origin: World, tmp_path: Path) -> Iterator[World]:
    with fork(origin, tmp_path / "honest") as world:
        yield world


@pytest.fixture
def site(world: World) -> Iterator[Shown]:
    with shown(world) as site:
        yield site


@pytest.fixture
def watcher(site: Shown, first_look: Path, tmp_path: Path) -> Watcher:
    """It has looked once, and found all in order."""
    shutil.copytree(first_look, tmp_path / "kept")
    watcher = a_watcher(site, tmp_path / "kept")
    watcher.now += HOUR
    return watcher


def a_watcher(site: Shown, folder: Path) -> Watcher:
    """One who has seen nothing yet."""
    return Watcher(WatchOptions(BoardSite(site.base, 20), random.Random(3).randrange), WatchFolder.of(folder, "merger"))
