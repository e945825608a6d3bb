"""Recovery codes are stored under one keyed hash. Codes stored as argon2 hashes are deleted, in both directions.

Their owners see "0 left" on the page of their account, and make new ones there. No code can be hashed anew, because the
database does not hold it.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM staff_recovery")


def downgrade() -> None:
    op.execute("DELETE FROM staff_recovery")
