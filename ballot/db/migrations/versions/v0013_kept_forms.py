"""What a person typed into a form that could not be taken yet: one row for an account, sealed, for an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ballot.db.base import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_kept_form",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_staff_kept_form_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_kept_form")),
    )
    op.create_index(op.f("ix_staff_kept_form_kept_at"), "staff_kept_form", ["kept_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_staff_kept_form_kept_at"), "staff_kept_form")
    op.drop_table("staff_kept_form")
