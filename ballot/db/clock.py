"""What time the database says that it is: held against the application's clock, which alone decides about votes."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine, func, select, text

from ballot.db.logs import LogRow
from ballot.db.session import reading


def database_time(engine: Engine) -> datetime | None:
    """The database server's time; None on SQLite, which has no clock of its own."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


def newest_time(engine: Engine) -> datetime | None:
    """When the newest event of any chain was written; None if there is none. Later than now: a clock went back."""
    with reading(engine) as session:
        return session.scalar(select(func.max(LogRow.last_time)))
