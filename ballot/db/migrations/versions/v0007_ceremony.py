"""The parts of the trustees' ceremony, and which account is which trustee."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ceremony_part",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "number", "step", name=op.f("pk_ceremony_part")),
    )
    op.create_table(
        "trustee_seat",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["staff_account.id"], name=op.f("fk_trustee_seat_account_id_staff_account")
        ),
        sa.PrimaryKeyConstraint("programme_id", "number", name=op.f("pk_trustee_seat")),
    )
    op.create_index(op.f("ix_trustee_seat_account_id"), "trustee_seat", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("trustee_seat")
    op.drop_table("ceremony_part")
