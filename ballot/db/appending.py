"""Store an append to a log: the rows that come with it, and the log's new head. All of them are stored, or none.

PostgreSQL gets one statement, `WITH ... AS (INSERT ...), ...`, because each statement is a round trip to the server.
The parts of such a statement see the same moment and run in no order; foreign keys are checked when all are done (its
manual, "Data-Modifying Statements in WITH"). SQLite has no such statement and no round trip: it gets one statement for
each row.

Each statement is built once and cached, so that SQLAlchemy finds its compiled form without examining it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Insert,
    Table,
    Update,
    bindparam,
    insert,
    select,
    update,
)

from ballot.db.base import Base, table_of
from ballot.db.logs import LogHead, LogRow

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add. `below` has rows that refer to it by the number that the database assigns.

    Every other column needs a value, even if it is None: a forgotten column is an error, and never null.
    """

    of: type[Base]
    values: Values
    below: tuple[NewRow, ...] = ()


Shape = tuple[tuple[type[Base], tuple[type[Base], ...]], ...]
"""The tables of the rows, and of the rows below each. The text of a statement depends only on this."""


def store(connection: Connection, head: LogHead, rows: Sequence[NewRow]) -> None:
    """Add the rows and store the log's new head. The caller holds the log."""
    if connection.dialect.name == "sqlite":
        _store_one_by_one(connection, head, rows)
        return
    shape = tuple((row.of, tuple(below.of for below in row.below)) for row in rows)
    values = {name: value for part, row in _named(rows) for name, value in _under(part, row.values)}
    connection.execute(_at_once(shape), values | dict(_under("log", head.columns())))


def _store_one_by_one(connection: Connection, head: LogHead, rows: Sequence[NewRow]) -> None:
    for row in rows:
        added = connection.execute(_insert_one(row.of), dict(_under("row", row.values)))
        for below in row.below:
            values = {**below.values, _pointer(below.of, row.of): added.lastrowid}
            connection.execute(_insert_one(below.of), dict(_under("row", values)))
    connection.execute(_advance(), dict(_under("log", head.columns())))


def _named(rows: Sequence[NewRow]) -> Iterator[tuple[str, NewRow]]:
    """Each row with its name in the one statement for all."""
    for i, row in enumerate(rows):
        yield f"row{i}", row
        yield from ((f"row{i}below{j}", below) for j, below in enumerate(row.below))


def _under(part: str, values: Values) -> Iterator[tuple[str, Any]]:
    return ((f"{part}_{column}", value) for column, value in values.items())


@lru_cache(maxsize=256)  # there are only as many shapes as numbers of addresses that a practice can have
def _at_once(shape: Shape) -> Update:
    """The one statement that adds rows of this shape and stores the head."""
    parts = []
    for i, (of, all_below) in enumerate(shape):
        added = _insert(table_of(of), f"row{i}")
        if not all_below:
            parts.append(added.cte())
            continue
        number = added.returning(table_of(of).c.id).cte()  # a part sees only what another returns, not what it writes
        parts.append(number)
        for j, below in enumerate(all_below):
            given = {_pointer(below, of): select(number.c.id).scalar_subquery()}
            parts.append(_insert(table_of(below), f"row{i}below{j}", given).cte())
    return _advance().add_cte(*parts)


@lru_cache(maxsize=64)
def _insert_one(of: type[Base]) -> Insert:
    return _insert(table_of(of), "row")


@lru_cache(maxsize=1)
def _advance() -> Update:
    table = table_of(LogRow)
    keys = [column == _place("log", column) for column in table.primary_key]
    return update(table).where(*keys).values({c.name: _place("log", c) for c in table.columns if not c.primary_key})


def _insert(table: Table, part: str, given: Mapping[str, ColumnElement[Any]] | None = None) -> Insert:
    """An INSERT with a parameter for each column, except given columns and an assigned number."""
    given = given or {}
    asked = [c for c in table.columns if c is not table.autoincrement_column and c.name not in given]
    return insert(table).values({**given, **{column.name: _place(part, column) for column in asked}})


def _place(part: str, column: ColumnElement[Any]) -> BindParameter[Any]:
    return bindparam(f"{part}_{column.key}", type_=column.type)


@lru_cache(maxsize=64)
def _pointer(below: type[Base], above: type[Base]) -> str:
    """The column of a row below that has the number of the row above."""
    (number,) = table_of(above).primary_key
    return next(column.name for column in table_of(below).columns if column.references(number))
