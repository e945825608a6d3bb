"""On SQLite the board's rows are held by triggers: added, never changed or removed. `lifted` is for wiping rehearsals.

A later migration that makes one of these tables anew (a batch of Alembic's does) must hold it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

HELD = (
    "archive_entry",
    "programme_event",
    "checkpoint",
    "accepted",
    "token_line",
    "cosignature",
    "share",
)
"""As of the newest migration: 0008 held the first five, 0009 the others (and a table that 0010 took away)."""
VERBS = ("UPDATE", "DELETE")


def hold_statements(tables: tuple[str, ...]) -> Iterator[str]:
    """The triggers."""
    for table in tables:
        for verb in VERBS:
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of the board are added, and never changed or removed'); END"
            )


def lift_statements(tables: tuple[str, ...]) -> Iterator[str]:
    """Take them away."""
    for table in tables:
        for verb in VERBS:
            yield f"DROP TRIGGER {table}_no_{verb.lower()}"


@contextmanager
def lifted(session: Session) -> Iterator[None]:
    """Rows can be removed inside the block: all of it in one transaction, so that no other ever sees them unheld."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for statement in lift_statements(HELD) if sqlite else ():
        session.execute(text(statement))
    yield
    for statement in hold_statements(HELD) if sqlite else ():
        session.execute(text(statement))
