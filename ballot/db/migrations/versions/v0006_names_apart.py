"""Store the activity log's names outside its chain, so that they can be removed later; and names for passkeys.

Existing entries get salted hashes for names, and are chained again. Each keeps its old hash, which the new one covers.
So a hash that was noted down is still found, and while the names exist the old chain can be computed again.
"""

from __future__ import annotations

import json
import secrets

import sqlalchemy as sa
from alembic import op

from ballot.db.base import UtcDateTime
from ballot.protocol.canonical import write_json
from ballot.protocol.hashing import sha256_hex
from ballot.record.times import time_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_REFUSED = "the activity log only grows"
_TEXTS = ("act", "actor", "second", "acting_for", "programme", "ccg", "reason", "details", "parent")
_columns: list[sa.ColumnClause[str]] = [sa.column(name) for name in ("position", *_TEXTS, "hash", "former")]
_activity = sa.table("activity", sa.column("time", UtcDateTime), *_columns)
_names = sa.table("activity_name", *(sa.column(name) for name in ("position", "part", "salt", "name")))


def upgrade() -> None:
    op.create_table(
        "activity_name",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", "part", name=op.f("pk_activity_name")),
    )
    op.create_index(op.f("ix_activity_name_name"), "activity_name", ["name"], unique=False)
    op.add_column("activity", sa.Column("former", sa.Text(), nullable=True))
    op.add_column("staff_passkey", sa.Column("label", sa.Text(), nullable=True))
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("ALTER TABLE activity DISABLE TRIGGER USER" if on_postgresql else "DROP TRIGGER activity_no_update")
    _chain_anew()
    op.execute(
        "ALTER TABLE activity ENABLE TRIGGER USER"
        if on_postgresql
        else f"CREATE TRIGGER activity_no_update BEFORE UPDATE ON activity BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )


def _chain_anew() -> None:
    connection = op.get_bind()
    parent = ""
    for row in connection.execute(sa.select(_activity).order_by(_activity.c.position)).all():
        values = {name: getattr(row, name) for name in _TEXTS} | {"parent": parent}
        for part in ("actor", "second"):
            values[part] = _put_aside(row.position, part, values[part])
        details = {part: _put_aside(row.position, part, value) for part, value in json.loads(row.details).items()}
        values["details"] = write_json(details).decode()
        hashed = {"position": row.position, "time": time_text(row.time), **values, "former": row.hash}
        order = ("parent", "position", "time", *_TEXTS[:-1], "former")
        hash = sha256_hex(write_json({name: hashed[name] for name in order}))
        changed = sa.update(_activity).where(_activity.c.position == row.position)
        connection.execute(changed.values(**values, hash=hash, former=row.hash))
        parent = hash
    connection.execute(sa.text("UPDATE activity_head SET hash = :hash"), {"hash": parent})


def _put_aside(position: int, part: str, value: object) -> object:
    """The value that the chain has: for a name, a salted hash."""
    if not isinstance(value, str) or "@" not in value:
        return value
    salt = secrets.token_bytes(16)
    op.get_bind().execute(sa.insert(_names).values(position=position, part=part, salt=salt, name=value))
    return "name:" + sha256_hex(salt + value.encode())


def downgrade() -> None:
    """The remaining names are lost with their table. The chain stays as it is."""
    op.drop_column("staff_passkey", "label")
    op.drop_column("activity", "former")
    op.drop_index(op.f("ix_activity_name_name"), table_name="activity_name")
    op.drop_table("activity_name")
