"""Who cast each vote, and by what authority; and what voters confirm before casting, as sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("programme", sa.Column("statement", sa.Text(), nullable=True))
    op.create_table(
        "authority",
        sa.Column("accepted_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["accepted_id"], ["accepted.id"], name=op.f("fk_authority_accepted_id_accepted")),
        sa.PrimaryKeyConstraint("accepted_id", name=op.f("pk_authority")),
    )


def downgrade() -> None:
    op.drop_table("authority")
    op.drop_column("programme", "statement")
