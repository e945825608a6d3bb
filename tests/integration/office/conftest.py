"""The programme of world.py on either database, at the stage a test starts from."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.office.world import World


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path)


@pytest.fixture
def sealed(world: World) -> World:
    return world.seal()


@pytest.fixture
def opened(world: World) -> World:
    return world.open()
