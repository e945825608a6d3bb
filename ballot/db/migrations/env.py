"""The script that Alembic runs: on the given connection, in batch mode so that SQLite can change tables."""

from __future__ import annotations

from alembic import context

from ballot.db.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
