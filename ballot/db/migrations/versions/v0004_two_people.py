"""Proposals, which another officer approves; and the activity log, which only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFUSED = "the activity log only grows"


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("act", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_salt", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("proposer", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_proposal_programme_id_programme")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_programme_id_state"), "proposal", ["programme_id", "state"], unique=False)
    op.create_table(
        "activity",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=True),
        sa.Column("acting_for", sa.Text(), nullable=True),
        sa.Column("programme", sa.Text(), nullable=True),
        sa.Column("ccg", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_activity")),
        sa.UniqueConstraint("hash", name=op.f("uq_activity_hash")),
    )
    op.create_index(op.f("ix_activity_time"), "activity", ["time"], unique=False)
    head = op.create_table(
        "activity_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_head")),
    )
    op.bulk_insert(head, [{"id": 1, "size": 0, "hash": ""}])
    for statement in _on_postgresql() if op.get_bind().dialect.name == "postgresql" else _on_sqlite():
        op.execute(statement)


def _on_sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER activity_no_{verb.lower()} BEFORE {verb} ON activity "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def _on_postgresql() -> list[str]:
    function = f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$"
    for_each = {"no_change BEFORE UPDATE OR DELETE": "ROW", "no_truncate BEFORE TRUNCATE": "STATEMENT"}
    return [f"CREATE FUNCTION activity_only_grows() RETURNS trigger LANGUAGE plpgsql AS {function}"] + [
        f"CREATE TRIGGER activity_{when} ON activity FOR EACH {what} EXECUTE FUNCTION activity_only_grows()"
        for when, what in for_each.items()
    ]


def downgrade() -> None:
    op.drop_table("activity_head")
    op.drop_table("activity")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION activity_only_grows()")
    op.drop_table("proposal")
