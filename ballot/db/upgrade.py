"""Bring a database to the tables of this version, from empty or from an older one, also when installed as a package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from ballot.db.engine import WRITES

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply every migration up to `revision`, all or none."""
    with _changing_tables(engine) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Undo migrations down to `revision`. The content of the removed tables and columns is lost."""
    with _changing_tables(engine) as connection:
        command.downgrade(_config(connection), revision)


@contextmanager
def _changing_tables(engine: Engine) -> Iterator[Connection]:
    """One transaction. SQLite changes a table by making it anew, and foreign keys to it must not prevent that.

    So on SQLite foreign keys are off during the change, and all of them are checked before the commit.
    """
    sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(**{WRITES: True}).connect() as connection:
        if sqlite:
            _hold_references(connection, "OFF")
        try:
            with connection.begin():
                yield connection
                if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                    raise CommandError("a migration left rows that refer to nothing")
        finally:
            if sqlite:
                _hold_references(connection, "ON")


def _hold_references(connection: Connection, how: str) -> None:
    """Call before a transaction begins or after it has ended. Inside one, SQLite ignores this."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {how}")
    cursor.close()


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """The version of the tables, None for none; and the version that this program expects."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found, head()


@cache
def head() -> str | None:
    """The version of the tables that this program expects."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
