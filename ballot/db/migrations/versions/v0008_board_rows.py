"""On SQLite, triggers refuse to change or remove a row of the board. On PostgreSQL roles do (db/append_only.py)."""

from __future__ import annotations

from alembic import op

from ballot.db.append_only import create_trigger_statements, drop_trigger_statements

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = ("archive_entry", "programme_event", "checkpoint", "accepted", "token_line")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in create_trigger_statements(_TABLES):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in drop_trigger_statements(_TABLES):
            op.execute(statement)
