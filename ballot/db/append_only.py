"""Board rows are added, never changed or removed: triggers on SQLite, the app's own role on PostgreSQL.

    ballot db upgrade   wipe-rehearsal   restore      as the owner of the tables
    ballot serve   worker   office ...   staff ...    as the app's role

| tables                                                                | SELECT | INSERT | UPDATE  | DELETE |
|-----------------------------------------------------------------------|--------|--------|---------|--------|
| archive, events, checkpoints, proofs, receipts, shares, activity      | yes    | yes    | no      | no     |
| heads of the chains and of the activity log                           | yes    | yes    | columns | no     |
| programme, ballot, practice, token                                    | yes    | yes    | columns | no     |
| outbox, proposals, private notes, staff                               | yes    | yes    | columns | yes    |
| letters, incidents                                                    | yes    | yes    | no      | yes    |
| the scrutineer's reports                                              | yes    | yes    | no      | no     |
| counts of refused ballots                                             | yes    | yes    | columns | no     |

On SQLite, anyone who can write the file can remove the triggers (migrations 0008 and 0009). Either way the record
itself shows what was done to it; this makes tampering harder. `without_triggers` is for wiping rehearsals. A later
migration that makes one of these tables again (Alembic's batch mode does) must add its triggers again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

BOARD_TABLES = (
    "archive_entry",
    "programme_event",
    "checkpoint",
    "accepted",
    "token_line",
    "cosignature",
    "share",
    "document",
)
"""The tables whose rows are published or are behind a receipt. Rows can only be added.

Migration 0008 protected the first five, 0009 the next two (and a table that 0010 removed), 0025 the last.
"""
VERBS = ("UPDATE", "DELETE")


def create_trigger_statements(tables: tuple[str, ...]) -> Iterator[str]:
    """The statements that make the triggers."""
    for table in tables:
        for verb in VERBS:
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'rows of the board are added, and never changed or removed'); END"
            )


def drop_trigger_statements(tables: tuple[str, ...]) -> Iterator[str]:
    """The statements that drop the triggers."""
    for table in tables:
        for verb in VERBS:
            yield f"DROP TRIGGER {table}_no_{verb.lower()}"


@contextmanager
def without_triggers(session: Session) -> Iterator[None]:
    """Allow rows to be removed inside the block, in one transaction, so that no other sees the tables unprotected."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for statement in drop_trigger_statements(BOARD_TABLES) if sqlite else ():
        session.execute(text(statement))
    yield
    for statement in create_trigger_statements(BOARD_TABLES) if sqlite else ():
        session.execute(text(statement))


ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be done with a table's rows besides reading and adding. `columns` are those that may change."""

    columns: tuple[str, ...] = ()
    delete: bool = False


RIGHTS: dict[str, Rights] = {
    **{table: Rights() for table in (*BOARD_TABLES, "activity")},
    "log": Rights(("size", "compact", "head", "last_time", "members")),
    "activity_head": Rights(("size", "hash")),
    "programme": Rights(("terms", "fingerprint", "statement", "decision", "called", "backup_restored_at")),
    "ballot": Rights(("state", "opens_at", "closes_at", "election", "timestamp")),
    "practice": Rights(("representative", "email", "notify", "credential", "struck_at", "salt")),
    "token": Rights(("status", "ended_at")),
    "authority": Rights(("name", "salt")),
    "letter": Rights(delete=True),
    "private_note": Rights(delete=True),
    "incident": Rights(delete=True),
    "refused_cast": Rights(("count",)),
    "scrutiny": Rights(),
    "message": Rights(
        ("mark", "state", "attempts", "next_at", "dated_at", "changed_at", "answer", "reference"), delete=True
    ),
    "message_practice": Rights(delete=True),
    "report_aside": Rights(),
    "proposal": Rights(("state", "signature", "approval", "second", "ended_at"), delete=True),
    "staff_account": Rights(
        ("name", "role", "disabled_at", "enrolment_hash", "enrolment_expires_at", "password", "totp", "totp_step"),
        delete=True,  # `ballot retention run`, long after an account was disabled
    ),
    "notice": Rights(("state", "attempts", "next_at", "answer"), delete=True),
    "activity_name": Rights(delete=True),
    "account_change": Rights(delete=True),
    "ceremony_part": Rights(("body", "received_at"), delete=True),
    "trustee_seat": Rights(("account_id",), delete=True),
    "staff_passkey": Rights(("label", "sign_count", "used_at"), delete=True),
    "staff_recovery": Rights(("used_at",), delete=True),
    "staff_session": Rights(("seen_at",), delete=True),
    "staff_challenge": Rights(("expires_at",), delete=True),
    "staff_kept_form": Rights(delete=True),
    "staff_attempt": Rights(("count", "last_at", "wait_until"), delete=True),
}
"""The rights for every table. A test checks that the list is complete."""


def role_statements(role: str, *, create: bool = True) -> Iterator[str]:
    """The SQL that makes the role, or gives it exactly these rights. Raises ValueError for an unsafe name."""
    if not ROLE.fullmatch(role):
        raise ValueError("a role's name has small letters, digits and _ only")
    if create:
        yield f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}"
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT SELECT ON alembic_version TO {role}"
    for table, rights in RIGHTS.items():
        verbs = "SELECT, INSERT, DELETE" if rights.delete else "SELECT, INSERT"
        yield f'GRANT {verbs} ON "{table}" TO {role}'
        if rights.columns:
            columns = ", ".join(f'"{column}"' for column in rights.columns)
            yield f'GRANT UPDATE ({columns}) ON "{table}" TO {role}'
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}"


def set_up_role(engine: Engine, role: str) -> bool:
    """Make the role if it is missing, and give it exactly these rights. Returns whether it was made."""
    with engine.begin() as connection:
        there = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is not None
        for statement in role_statements(role, create=not there):
            connection.exec_driver_sql(statement)
    return not there


def excess_rights(engine: Engine) -> list[str]:
    """The board's tables whose rows this connection's role could change or remove. None on SQLite."""
    if engine.dialect.name != "postgresql":
        return []
    asked = text(
        "SELECT has_table_privilege(:name, 'UPDATE') OR has_table_privilege(:name, 'DELETE') "
        "OR has_table_privilege(:name, 'TRUNCATE') OR has_any_column_privilege(:name, 'UPDATE')"
    )
    with engine.connect() as connection:
        return [table for table in BOARD_TABLES if connection.scalar(asked, {"name": table})]
