"""Copy all rows out of one moment of a database, and into an empty one, SQLite or PostgreSQL. A row is a JSON line.

The first line of a table names its columns. Bytes are `{"b": base64}` and times `{"t": ISO 8601}`. A row that cites
another of its own table comes after it. Nothing is read into memory whole.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from ballot.db.programmes import ProgrammeRow
from ballot.db.tables import Base

PAGE = 500
HEAD = "activity_head"
"""A migration inserts its one row."""
TABLES: tuple[Table, ...] = tuple(Base.metadata.sorted_tables)
"""In an order in which a table comes after the tables it refers to."""


class InvalidCopy(Exception):
    """A line that is not from one of our copies. The message names the table."""


def export_rows(session: Session, table: Table) -> Iterator[bytes]:
    """Yield the lines of a table."""
    yield _line([column.name for column in table.columns])
    found: Iterable[Any] = session.execute(
        select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": PAGE}
    )
    for row in _cited_first(found) if table is ProgrammeRow.__table__ else found:
        yield _line([_out(value) for value in row])


def import_rows(session: Session, table: Table, lines: Iterable[bytes]) -> int:
    """Fill the table, which is empty except for rows of a migration. Returns how many rows. Raises InvalidCopy."""
    if table.name == HEAD:
        session.execute(delete(table))
    given = iter(lines)
    names = [column.name for column in table.columns]
    if _parse(table, next(given, b"")) != names:
        raise InvalidCopy(f"The copy of the table {table.name} has other columns than the table.")
    number = 0
    while page := list(islice(given, PAGE)):
        session.execute(insert(table), [_row(table, names, line) for line in page])
        number += len(page)
    return number


def is_empty(session: Session) -> bool:
    """Whether this database has never been used."""
    counts = (session.scalar(select(func.count()).select_from(table)) for table in TABLES if table.name != HEAD)
    return not any(counts)


def advance_sequences(session: Session) -> None:
    """On PostgreSQL, move every sequence past the numbers that came with the rows."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES:
        column = table.autoincrement_column
        if column is not None:
            highest = session.scalar(select(func.max(column)))
            if highest is not None:
                places = {"table": f'"{table.name}"', "column": column.name, "highest": highest}
                session.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), places)


def _cited_first(rows: Iterable[Any]) -> Iterator[Any]:
    waiting, done = list(rows), {None}
    while waiting:
        ready = [row for row in waiting if row.cites in done]
        yield from ready
        done |= {row.id for row in ready}
        waiting = [row for row in waiting if row.id not in done]


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _out(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _parse(table: Table, line: bytes) -> list[Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise InvalidCopy(f"The copy of the table {table.name} is damaged.")
    return found


def _row(table: Table, names: list[str], line: bytes) -> dict[str, Any]:
    values = _parse(table, line)
    if len(values) != len(names):
        raise InvalidCopy(f"The copy of the table {table.name} is damaged.")
    try:
        return {name: _in(value) for name, value in zip(names, values, strict=True)}
    except (ValueError, KeyError, binascii.Error):
        raise InvalidCopy(f"The copy of the table {table.name} is damaged.") from None


def _in(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return base64.b64decode(value["b"], validate=True) if "b" in value else datetime.fromisoformat(value["t"])
