"""E-mails to the people of the office about steps that wait for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ballot.db.base import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["staff_account.id"], name=op.f("fk_notice_account_id_staff_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("name", name=op.f("uq_notice_name")),
    )
    op.create_index(op.f("ix_notice_account_id"), "notice", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("notice")
