"""Incidents, counts of refused ballots, the scrutineer's key and signed reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ballot.db.base import UtcDateTime

revision = "0023"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("ccg", sa.Text(), nullable=True),
        sa.Column("practice", sa.Text(), nullable=True),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_incident_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_programme_id"), "incident", ["programme_id"], unique=False)
    op.create_table(
        "refused_cast",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("election", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_refused_cast_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "election", "reason", name=op.f("pk_refused_cast")),
    )
    op.create_table(
        "scrutiny",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_scrutiny_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scrutiny")),
    )
    op.create_index(op.f("ix_scrutiny_programme_id"), "scrutiny", ["programme_id"], unique=False)
    op.add_column("programme", sa.Column("scrutineer", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("programme", "scrutineer")
    op.drop_table("scrutiny")
    op.drop_table("refused_cast")
    op.drop_table("incident")
