"""Move the nodes for proofs into the row of the checkpoint that completed them, which saves a statement."""

from __future__ import annotations

from itertools import groupby, islice

import sqlalchemy as sa
from alembic import op

from ballot.db.append_only import create_trigger_statements, drop_trigger_statements

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BATCH = 1000
_NODES = sa.text(
    "SELECT programme_id, log, (number + 1) * (1 << height) AS size, hash FROM merkle_node "
    "ORDER BY programme_id, log, size, height"
)
_FILL = sa.text("UPDATE checkpoint SET nodes = :nodes WHERE programme_id = :programme AND log = :log AND size = :size")
_CHECKPOINTS = sa.text("SELECT programme_id, log, size, nodes FROM checkpoint ORDER BY programme_id, log, size")


def upgrade() -> None:
    sqlite = _lift()
    with op.batch_alter_table("checkpoint") as table:
        table.add_column(sa.Column("nodes", sa.LargeBinary(), nullable=False, server_default=""))
    connection = op.get_bind()
    found = groupby(connection.execute(_NODES), key=lambda row: (row.programme_id, row.log, row.size))
    filled = (
        {"programme": programme, "log": log, "size": size, "nodes": b"".join(row.hash for row in rows)}
        for (programme, log, size), rows in found
    )
    while batch := list(islice(filled, _BATCH)):
        connection.execute(_FILL, batch)
    with op.batch_alter_table("checkpoint") as table:
        table.alter_column("nodes", server_default=None)
    op.drop_table("merkle_node")
    _hold(sqlite)


def downgrade() -> None:
    nodes = op.create_table(
        "merkle_node",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_merkle_node_programme_id_programme")),
        sa.PrimaryKeyConstraint("programme_id", "log", "height", "number", name=op.f("pk_merkle_node")),
    )
    connection = op.get_bind()
    split = (
        {"programme_id": programme, "log": log, "height": height, "number": (size >> height) - 1, "hash": hash}
        for programme, log, size, kept in connection.execute(_CHECKPOINTS)
        for height, hash in enumerate(kept[at : at + 32] for at in range(0, len(kept), 32))
    )
    while batch := list(islice(split, _BATCH)):
        connection.execute(nodes.insert(), batch)
    sqlite = _lift()
    with op.batch_alter_table("checkpoint") as table:
        table.drop_column("nodes")
    _hold(sqlite)
    for statement in create_trigger_statements(("merkle_node",)) if sqlite else ():
        op.execute(statement)


def _lift() -> bool:
    """On SQLite, drop the triggers, because the table is made anew. Returns whether this is SQLite."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in drop_trigger_statements(("checkpoint",)) if sqlite else ():
        op.execute(statement)
    return sqlite


def _hold(sqlite: bool) -> None:
    for statement in create_trigger_statements(("checkpoint",)) if sqlite else ():
        op.execute(statement)
