"""The first tables: programmes, ballots, practices, tokens, logs, archives, events, accepted ballots and shares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("toml", sa.LargeBinary(), nullable=False),
        sa.Column("roll", sa.LargeBinary(), nullable=False),
        sa.Column("roll_sources", sa.LargeBinary(), nullable=False),
        sa.Column("pedersen", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("separate", sa.Boolean(), nullable=False),
        sa.Column("backup_restored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "ballot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ccg", sa.Text(), nullable=False),
        sa.Column("locality", sa.Text(), nullable=True),
        sa.Column("election_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("constitution", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Text(), nullable=False),
        sa.Column("heads", sa.BigInteger(), nullable=True),
        sa.Column("single", sa.LargeBinary(), nullable=False),
        sa.Column("election", sa.LargeBinary(), nullable=True),
        sa.Column("timestamp", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("opens_at <= closes_at", name=op.f("ck_ballot_window")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_ballot_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
        sa.UniqueConstraint("programme_id", "election_name", name=op.f("uq_ballot_programme_id_election_name")),
        sa.UniqueConstraint("programme_id", "position", name=op.f("uq_ballot_programme_id_position")),
        sa.UniqueConstraint("uuid", name=op.f("uq_ballot_uuid")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_checkpoint_programme_id_programme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("programme_id", "log", "size", name=op.f("uq_checkpoint_programme_id_log_size")),
    )
    op.create_table(
        "log",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("compact", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_log_programme_id_programme")),
        sa.PrimaryKeyConstraint("programme_id", "name", name=op.f("pk_log")),
    )
    op.create_table(
        "programme_event",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_event_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "height", name=op.f("pk_programme_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_programme_event_hash")),
    )
    op.create_table(
        "token_line",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_token_line_programme_id_programme")),
        sa.PrimaryKeyConstraint("programme_id", "position", name=op.f("pk_token_line")),
    )
    op.create_table(
        "archive_entry",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_archive_entry_ballot_id_ballot")),
        sa.PrimaryKeyConstraint("ballot_id", "position", name=op.f("pk_archive_entry")),
    )
    op.create_table(
        "practice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("ods", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("list_size", sa.Integer(), nullable=True),
        sa.Column("weight", sa.BigInteger(), nullable=True),
        sa.Column("representative", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_practice_ballot_id_ballot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice")),
        sa.UniqueConstraint("ballot_id", "credential", name=op.f("uq_practice_ballot_id_credential")),
        sa.UniqueConstraint("ballot_id", "ods", name=op.f("uq_practice_ballot_id_ods")),
    )
    op.create_table(
        "private_note",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "height"],
            ["programme_event.programme_id", "programme_event.height"],
            name=op.f("fk_private_note_programme_id_programme_event"),
        ),
        sa.PrimaryKeyConstraint("programme_id", "height", name=op.f("pk_private_note")),
    )
    op.create_table(
        "share",
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_share_ballot_id_ballot")),
        sa.PrimaryKeyConstraint("ballot_id", "owner", name=op.f("pk_share")),
    )
    op.create_table(
        "accepted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ballot_id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("once", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_accepted_ballot_id_ballot")),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_accepted_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted")),
        sa.UniqueConstraint("ballot_id", "height", name=op.f("uq_accepted_ballot_id_height")),
        sa.UniqueConstraint("ballot_id", "once", name=op.f("uq_accepted_ballot_id_once")),
        sa.UniqueConstraint("ballot_id", "payload", name=op.f("uq_accepted_ballot_id_payload")),
    )
    with op.batch_alter_table("accepted", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_accepted_practice_id"), ["practice_id"], unique=False)

    op.create_table(
        "token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name=op.f("fk_token_practice_id_practice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
        sa.UniqueConstraint("hash", name=op.f("uq_token_hash")),
        sa.UniqueConstraint("practice_id", "serial", name=op.f("uq_token_practice_id_serial")),
    )
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.create_index(
            "uq_token_live",
            ["practice_id"],
            unique=True,
            sqlite_where=sa.text("status = 'live'"),
            postgresql_where=sa.text("status = 'live'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("token", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_token_live", sqlite_where=sa.text("status = 'live'"), postgresql_where=sa.text("status = 'live'")
        )

    op.drop_table("token")
    with op.batch_alter_table("accepted", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_accepted_practice_id"))

    op.drop_table("accepted")
    op.drop_table("share")
    op.drop_table("private_note")
    op.drop_table("practice")
    op.drop_table("archive_entry")
    op.drop_table("token_line")
    op.drop_table("programme_event")
    op.drop_table("log")
    op.drop_table("checkpoint")
    op.drop_table("ballot")
    op.drop_table("programme")
