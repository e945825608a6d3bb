"""The voting codes of letters, each sealed under the code printed on its letter."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ballot.db.base import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("lookup", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_letter_practice_id_practice")),
        sa.PrimaryKeyConstraint("practice_id", name=op.f("pk_letter")),
        sa.UniqueConstraint("lookup", name=op.f("uq_letter_lookup")),
    )


def downgrade() -> None:
    op.drop_table("letter")
