"""Every test that asks for `engine` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.databases import KINDS, fresh_database


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture
def engine(kind: str, tmp_path: Path, server_folder: Path) -> Iterator[Engine]:
    with fresh_database(kind, tmp_path, server_folder) as engine:
        yield engine
