"""The documents of the voting pack, in rows that are added and never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ballot.db.append_only import create_trigger_statements

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_document_programme_id_programme")),
        sa.PrimaryKeyConstraint("programme_id", "sha256", name=op.f("pk_document")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in create_trigger_statements(("document",)):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("document")
