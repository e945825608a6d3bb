"""Accounts changed by two officers; proposals signed in the officers' own browsers; whose keys the server holds.

For older programmes it is not known where the officers' keys were, so they count as held by the server.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_OFFICERS = "returning-officer deputy"


def upgrade() -> None:
    op.create_table(
        "account_change",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("programme_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_role", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_change")),
    )
    with op.batch_alter_table("proposal") as table:
        table.add_column(sa.Column("approval", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("programme") as table:
        table.add_column(sa.Column("keys_held", sa.Text(), nullable=False, server_default=_OFFICERS))
    programme = sa.table("programme", sa.column("keys_held"), sa.column("separate", sa.Boolean()))
    together = sa.update(programme).where(programme.c.separate.is_(sa.false()))
    op.execute(together.values(keys_held=f"registrar {_OFFICERS}"))
    with op.batch_alter_table("programme") as table:
        table.alter_column("keys_held", server_default=None)
        table.drop_column("separate")


def downgrade() -> None:
    with op.batch_alter_table("programme") as table:
        table.add_column(sa.Column("separate", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE programme SET separate = (keys_held NOT LIKE '%registrar%')")
    with op.batch_alter_table("programme") as table:
        table.alter_column("separate", server_default=None)
        table.drop_column("keys_held")
    with op.batch_alter_table("proposal") as table:
        table.drop_column("approval")
    op.drop_table("account_change")
