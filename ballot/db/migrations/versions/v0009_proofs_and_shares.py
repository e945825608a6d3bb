"""On SQLite, the triggers of 0008 for the rows behind proofs, cosignatures and partial decryptions too."""

from __future__ import annotations

from alembic import op

from ballot.db.append_only import create_trigger_statements, drop_trigger_statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLES = ("merkle_node", "cosignature", "share")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in create_trigger_statements(_TABLES):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in drop_trigger_statements(_TABLES):
            op.execute(statement)
