"""The salt of the commitment to a person's name, where the members are persons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("practice", sa.Column("salt", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("practice", "salt")
