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
"""PostgreSQL's code for a full disk (its manual, appendix A)."""


class Unavailable(Enum):
    """`AWAY`: unreachable, restarted, or waiting for a disk or a lock. `FULL`: no room to write."""

    AWAY = "database-away"
    FULL = "database-full"


def why_unavailable(error: DBAPIError) -> Unavailable | None:
    """Why the database is unavailable. None if the statement was wrong, which is our fault."""
    driver = error.orig
    code = getattr(driver, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_ERROR:  # SQLite also raises OperationalError for a statement it does not understand
        return None
    if code == sqlite3.SQLITE_FULL or getattr(driver, "sqlstate", None) == _DISK_FULL:
        return Unavailable.FULL
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Unavailable.AWAY
    return None


WRITES = "ballot_writes"
"""The execution option for a transaction: True takes SQLite's write lock at once, False reads one moment.

None begins no transaction: on SQLite each statement then sees its own moment, until BEGIN_TO_WRITE.
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
    """The engine for a database URL. `postgresql://` means psycopg 3. Raises ValueError for any other database.

    The isolation level is set, whatever the server's default: after waiting for a lock, a statement must read the
    newest rows.
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
    engine = create_engine(parsed, hide_parameters=True)  # an exception never shows a statement's parameters
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_error(context: ExceptionContext) -> None:
    """Drop a connection whose statement was interrupted from outside: the server may still be working on it."""
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
