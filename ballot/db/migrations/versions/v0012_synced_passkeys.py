"""Whether a passkey can be synced between devices, which it says when it is made.

For older passkeys this is not known: they count as bound to one device until their owner makes a new one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("staff_passkey") as table:
        table.add_column(sa.Column("backup_eligible", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("staff_passkey") as table:
        table.alter_column("backup_eligible", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("staff_passkey") as table:
        table.drop_column("backup_eligible")
