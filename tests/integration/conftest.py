"""Every test that asks for `engine` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.databases import KINDS, lent_database, postgresql_server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def server() -> Iterator[Callable[[], str]]:
    with postgresql_server() as url:
        yield url


@pytest.fixture
def engine(kind: str, tmp_path: Path, server: Callable[[], str]) -> Iterator[Engine]:
    with lent_database(kind, tmp_path, server) as engine:
        yield engine
