"""The programme of world.py on either database, at the stage a test starts from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.office.world import World
from tests.support.databases import as_app


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    """Worked as the app's role; `engine` is the owner's, which alone can wipe, and tamper."""
    with as_app(engine) as app:
        yield World(app, tmp_path)


@pytest.fixture
def sealed(world: World) -> World:
    return world.seal()


@pytest.fixture
def opened(world: World) -> World:
    return world.open()
