"""The one place that commits: `with transaction(engine) as session:`, one for each act.

A cast looks and then writes by few statements that never change (casting.py), and needs no object mapper. It takes
one connection with `connected` and does both on it, by `looking` and by `writing`, holding nothing in between.

Leaving the block writes what was noted for the activity log, and commits;
an exception, or the death of the process anywhere before that, leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from ballot.db.activity import write_noted
from ballot.db.engine import WRITES


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session whose changes all happen, or none. On SQLite it holds the write lock from its first statement."""
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session:
        yield session
        write_noted(session)
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the database from first question to last, and changes nothing."""
    snapshot = (
        engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    )
    with Session(snapshot, autoflush=False, expire_on_commit=False) as session:
        yield session


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """One connection, for an act that looks first and writes later."""
    with engine.connect() as connection:
        yield connection


@contextmanager
def looking(connection: Connection) -> Iterator[None]:
    """For statements of which each sees a moment of its own, and which change nothing."""
    if connection.dialect.name == "sqlite":
        connection.execution_options(**{WRITES: None})
    else:
        connection.execution_options(isolation_level="AUTOCOMMIT")
    with connection.begin() as began:
        yield
        began.rollback()


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """As `transaction`: all happens, or nothing; on SQLite the write lock is held from the first statement."""
    if connection.dialect.name == "sqlite":
        connection.execution_options(**{WRITES: True})
    else:
        connection.execution_options(isolation_level="READ COMMITTED")
    with connection.begin():
        yield
