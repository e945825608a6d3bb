"""The app on a small programme in SQLite: open, with two ballots cast in the first CCG."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ballot.config import Config, Site
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import World
from tests.support.databases import fresh_sqlite
from tests.web.staff import a_door


def make_app(world: World, site: Site | None = None, *, office: bool = True) -> Flask:
    """The app in this world, as `ballot serve` makes it, with an office or without; `site` says who runs it."""
    instance = world.folder / "instance"
    folder = world.folder
    config = Config("", instance, "vote.example.org", folder / "config", folder / "keys", site=site or Site())
    return create_app(
        AppSurroundings(config, world.engine, world.clock, world.board, a_door(world) if office else None)
    )


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    """A new installation in a folder."""
    with fresh_sqlite(folder) as engine:
        yield World(engine, folder)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        yield world


@pytest.fixture
def opened(world: World) -> World:
    return world.open()


@pytest.fixture
def voted(opened: World) -> World:
    for link in opened.links()[:2]:
        assert opened.cast(link).status == 200
    return opened


@pytest.fixture
def client(voted: World) -> FlaskClient:
    return make_app(voted).test_client()
