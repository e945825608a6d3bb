"""Statements whose form never changes, compiled once by SQLAlchemy and from then on handed to the driver as they are.

To find the compiled form of a statement again costs SQLAlchemy as much as the statement itself costs SQLite, and a vote
is ten statements (casting.py, votes.py; ADR 0025 has the figures). Whatever happens once in a ballot, and not once in a
vote, has no use for this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable, Select
from sqlalchemy.types import TypeEngine

Values = Mapping[str, Any]
"""What a statement is said with, by name."""
Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """As the driver is told it: the words, how each value is written, and how each column of an answer is read."""

    words: str
    names: tuple[str, ...]
    """Of every value, each once."""
    places: tuple[str, ...] | None
    """In the order of the places, where the driver knows none by its name."""
    given: Values
    """Values that stand in the statement itself."""
    writers: tuple[tuple[str, Processor], ...]
    readers: tuple[tuple[int, Processor], ...]

    def written(self, values: Values) -> Any:
        """The values as the driver takes them; raises KeyError where one is wanting."""
        found = {name: values[name] if name in values else self.given[name] for name in self.names}
        for name, write in self.writers:
            found[name] = write(found[name])
        return found if self.places is None else [found[name] for name in self.places]

    def read(self, row: Any) -> list[Any]:
        """A row of the answer."""
        found = list(row)
        for index, read in self.readers:
            found[index] = read(found[index])
        return found


class Statement:
    """A statement of SQLAlchemy's. All its values are named parameters, and every one has a type."""

    def __init__(self, clause: Executable) -> None:
        self._clause = clause
        self._compiled: dict[str, _Compiled] = {}

    def __repr__(self) -> str:
        return f"Statement({self._clause})"

    def rows(self, connection: Connection, values: Values) -> list[list[Any]]:
        """Ask, and hear all; raises DBAPIError, without the values."""
        compiled = self._for(connection.dialect)
        return [compiled.read(row) for row in _say(connection, compiled, values, fetch=True)]

    def write(self, connection: Connection, values: Values) -> None:
        """Write; raises DBAPIError, without the values."""
        _say(connection, self._for(connection.dialect), values, fetch=False)

    def _for(self, dialect: Dialect) -> _Compiled:
        found = self._compiled.get(dialect.name)
        if found is None:  # two threads may both do it, and find the same
            found = self._compiled[dialect.name] = _compile(self._clause, dialect)
        return found


def _compile(clause: Executable, dialect: Dialect) -> _Compiled:
    compiled = clause.compile(dialect=dialect)  # type: ignore[attr-defined]
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("only statements about rows are said this way")
    columns = list(clause.selected_columns) if isinstance(clause, Select) else []
    writers = [(name, _writer(bind.type, dialect)) for name, bind in compiled.binds.items()]
    readers = [(index, _reader(column.type, dialect)) for index, column in enumerate(columns)]
    return _Compiled(
        compiled.string,
        tuple(compiled.binds),
        None if compiled.positiontup is None else tuple(compiled.positiontup),
        {name: bind.effective_value for name, bind in compiled.binds.items() if not bind.required},
        tuple((name, write) for name, write in writers if write is not None),
        tuple((index, read) for index, read in readers if read is not None),
    )


def _writer(type_: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _say(connection: Connection, compiled: _Compiled, values: Values, fetch: bool) -> Any:
    """As SQLAlchemy does it: an error of the driver is wrapped, and a connection that broke is given up."""
    written, driver, cursor = compiled.written(values), connection.connection, None
    try:
        cursor = driver.cursor()
        cursor.execute(compiled.words, written)
        return cursor.fetchall() if fetch else None
    except connection.dialect.loaded_dbapi.Error as fault:
        gone = connection.dialect.is_disconnect(fault, driver.dbapi_connection, cursor)
        if gone:
            connection.invalidate(fault)
        raise _wrapped(fault, compiled, connection.dialect, gone) from fault
    except BaseException as interruption:  # whether the server still works on it, nobody knows
        connection.invalidate(interruption)
        raise
    finally:
        if cursor is not None:
            cursor.close()


def _wrapped(fault: Exception, compiled: _Compiled, dialect: Dialect, gone: bool) -> BaseException:
    base = dialect.loaded_dbapi.Error
    return DBAPIError.instance(
        compiled.words, None, fault, base, hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )
