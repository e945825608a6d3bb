"""Connect to the database: an SQLite file by default, PostgreSQL by its URL; the same tests run on both.

SQLite: WAL, foreign keys on, pages of 8 kB (with 4 kB a vote needs 30 per cent more room; with 16 kB its commit writes
twice as much, and saves 2 per cent), a commit that survives a power cut, and our own `BEGIN`, because the driver starts
a transaction only at the first change.

`why_unavailable` tells when the database itself is at fault: it is away, or its disk is full. Such an act left nothing
behind, or all of it: if the connection broke during the commit, no one knows which. Asking again tells.
"""

from __future__ import annotations

import sqlite3
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

_DISK_FULL = "53100"
"""PostgreSQL's code for it (its manual, appendix A)."""


class Unavailable(Enum):
    """`AWAY`: it cannot be reached, was restarted, waits for a disk or a lock. `FULL`: it has no room to write."""

    AWAY = "database-away"
    FULL = "database-full"


def why_unavailable(error: DBAPIError) -> Unavailable | None:
    """What is the matter with the database; None where the statement was at fault, which is ours."""
    driver = error.orig
    code = getattr(driver, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_ERROR:  # a statement that it does not understand is an OperationalError there too
        return None
    if code == sqlite3.SQLITE_FULL or getattr(driver, "sqlstate", None) == _DISK_FULL:
        return Unavailable.FULL
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Unavailable.AWAY
    return None


WRITES = "ballot_writes"
"""The execution option of what is going to be done: True takes SQLite's write lock at once, False reads one moment.

None begins no transaction at all: on SQLite each statement then sees a moment of its own, until BEGIN_TO_WRITE.
"""

BEGIN_TO_WRITE = "BEGIN IMMEDIATE"
"""Takes SQLite's write lock."""

PRAGMAS = (
    "PRAGMA page_size = 8192",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def connect(url: str) -> Engine:
    """The engine for a database URL; `postgresql://` means psycopg 3. Raises ValueError for any other database.

    Whatever a server's own default is: who waited for a lock must read what is there now.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            hide_parameters=True,
            isolation_level="READ COMMITTED",
        )
        event.listen(engine, "handle_error", _on_error)
        return engine
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite") or parsed.database in (None, "", ":memory:"):
        raise ValueError("the database must be sqlite:///FILE or postgresql://HOST/NAME")
    engine = create_engine(parsed, hide_parameters=True)  # an exception never shows what was asked with
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_error(context: ExceptionContext) -> None:
    """Give up a connection whose statement something else than the database ended: the server may be at work on it."""
    if context.execution_context is not None and context.sqlalchemy_exception is None:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = False


def _on_connect(connection: Any, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    if writes is not None:
        connection.exec_driver_sql(BEGIN_TO_WRITE if writes else "BEGIN")
