"""The nodes that Merkle proofs are made of, filled for the logs that are there, and the cosignatures of witnesses."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from ballot.record.merkle import CompactRange

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 1000
_EVENTS = "SELECT hash FROM programme_event WHERE programme_id = :programme ORDER BY height"
_ARCHIVE = (
    "SELECT entry.hash FROM archive_entry AS entry JOIN ballot ON ballot.id = entry.ballot_id"
    " WHERE ballot.programme_id = :programme AND ballot.election_name = :log AND entry.kind = 'event'"
    " ORDER BY entry.position"
)


def upgrade() -> None:
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
    op.create_table(
        "cosignature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cosignature_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cosignature")),
        sa.UniqueConstraint(
            "programme_id", "log", "size", "witness", name=op.f("uq_cosignature_programme_id_log_size_witness")
        ),
    )
    connection = op.get_bind()
    for programme, log in connection.execute(sa.text("SELECT programme_id, name FROM log")).all():
        batch: list[dict[str, object]] = []
        for row in _nodes_of(connection, programme, log):
            batch.append({"programme_id": programme, "log": log, **row})
            if len(batch) == _BATCH:
                connection.execute(nodes.insert(), batch)
                batch = []
        if batch:
            connection.execute(nodes.insert(), batch)


def _nodes_of(connection: sa.Connection, programme: str, log: str) -> Iterator[dict[str, object]]:
    question = sa.text(_EVENTS if log == "events" else _ARCHIVE)
    given = {"programme": programme} | ({} if log == "events" else {"log": log})
    tree = CompactRange()
    for (hash,) in connection.execute(question, given).all():
        data = bytes.fromhex(hash)
        for height, node in enumerate(tree.completes(data)):
            yield {"height": height, "number": tree.size >> height, "hash": node}
        tree = tree.append(data)


def downgrade() -> None:
    op.drop_table("cosignature")
    op.drop_table("merkle_node")
