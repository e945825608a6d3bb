"""When the database is at fault, and not the question: it is away, or its disk is full.

Such an act left nothing behind, or all of it: where the connection broke while it was committed, nobody knows which.
Whoever asks the same again is told.
"""

from __future__ import annotations

import sqlite3
from enum import Enum

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
