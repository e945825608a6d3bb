"""The one place that commits: `with transaction(engine) as session:`, one for each act.

Leaving the block writes the entries for the activity log, and commits. An exception, or the death of the process before
that, leaves nothing behind. A cast reads and writes by a few fixed statements without the object mapper: `casting`.
`database_time` asks the database for its time, to compare with the application's clock. Only the latter decides about
votes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.orm import Session

from ballot.db.activity import write_entries
from ballot.db.engine import WRITES
from ballot.db.logs import LogRow


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose changes all happen, or none. On SQLite it takes the write lock at its first statement."""
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session:
        yield session
        write_entries(session)
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the database from first query to last, and changes nothing."""
    snapshot = (
        engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    )
    with Session(snapshot, autoflush=False, expire_on_commit=False) as session:
        yield session


@contextmanager
def casting(engine: Engine) -> Iterator[Connection]:
    """A connection for an act that first reads without a lock, and later locks the head of a log and writes.

    All that it writes after the lock happens, or nothing. Each query before it sees its own moment. Until then
    SQLite has begun no transaction. PostgreSQL has, and a migration waits for it, at most as long as casting.py allows.
    """
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: None})
        with connection.begin():
            yield connection


def database_time(engine: Engine) -> datetime | None:
    """The database server's time. None on SQLite, which has no clock of its own."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


def newest_time(engine: Engine) -> datetime | None:
    """When the newest event of any chain was written; None if there is none. If later than now, a clock went back."""
    with reading(engine) as session:
        return session.scalar(select(func.max(LogRow.last_time)))
