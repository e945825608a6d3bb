"""Give messages a mark, keyed with a secret, when they are first sent; and remember reports that were too large.

A message sent before keeps its old Message-ID. Anyone can compute that one. Its mark has fewer digits than a keyed one,
so no report is believed because of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_KEEP_MARK = 'UPDATE message SET mark = substr("name", length(kind) + 3, 32) WHERE dated_at IS NOT NULL'
_STRIP_NAME = 'UPDATE message SET "name" = substr("name", 2, length(kind) + 33)'
_WHOLE_NAME = (
    "UPDATE message SET \"name\" = '<' || kind || '.' || coalesce(mark, substr(\"name\", length(kind) + 2)) || '@' || "
    "(SELECT board FROM programme WHERE programme.id = message.programme_id) || '>'"
)


def upgrade() -> None:
    with op.batch_alter_table("message") as table:
        table.drop_constraint(op.f("uq_message_message_id"), type_="unique")
        table.alter_column("message_id", new_column_name="name", existing_type=sa.Text(), existing_nullable=False)
    with op.batch_alter_table("message") as table:
        table.add_column(sa.Column("mark", sa.Text(), nullable=True))
        table.create_unique_constraint(op.f("uq_message_mark"), ["mark"])
        table.create_unique_constraint(op.f("uq_message_name"), ["name"])
    op.execute(_KEEP_MARK)
    op.execute(_STRIP_NAME)
    op.create_table(
        "report_aside",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_report_aside")),
    )


def downgrade() -> None:
    op.drop_table("report_aside")
    op.execute(_WHOLE_NAME)
    with op.batch_alter_table("message") as table:
        table.drop_constraint(op.f("uq_message_name"), type_="unique")
        table.drop_constraint(op.f("uq_message_mark"), type_="unique")
        table.drop_column("mark")
        table.alter_column("name", new_column_name="message_id", existing_type=sa.Text(), existing_nullable=False)
    with op.batch_alter_table("message") as table:
        table.create_unique_constraint(op.f("uq_message_message_id"), ["message_id"])
