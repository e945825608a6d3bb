"""What a cast writes: all the rows of a vote, or none.

On SQLite one statement for each row. On PostgreSQL one for all, `WITH ... AS (INSERT ...), ...`: there each statement
is a journey to the server and back, which costs this process more than what it says. The parts of one statement see
the same moment and run in no order; foreign keys are judged when all are done. (PostgreSQL's manual, "Data-Modifying
Statements in WITH".)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    FromClause,
    Insert,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from ballot.db.accepted import AcceptedRow
from ballot.db.archive import ArchiveEntryRow
from ballot.db.base import table_of
from ballot.db.logs import CheckpointRow, LogRow
from ballot.db.outbox import MessagePracticeRow, MessageRow
from ballot.db.statements import Statement, Values

_accepted, _archive_entry, _checkpoint = table_of(AcceptedRow), table_of(ArchiveEntryRow), table_of(CheckpointRow)
_log, _message, _message_practice = table_of(LogRow), table_of(MessageRow), table_of(MessagePracticeRow)


@dataclass(frozen=True, slots=True)
class Vote:
    """The rows that make a vote: all of them are stored, or none."""

    members: Sequence[Values]
    """The ballot's, and the event's."""
    checkpoint: Values
    head: Values
    accepted: Values
    messages: Sequence[tuple[Values, Sequence[Values]]]
    """Each e-mail, and the practices that it is about."""


def store_vote(connection: Connection, programme: str, name: str, vote: Vote) -> None:
    """Write a vote; the caller holds the head of the log."""
    values = {f"{part}_{column}": value for part, row in _rows(vote) for column, value in row.items()}
    values.update(log_programme_id=programme, log_name=name)
    about = tuple(len(practices) for _, practices in vote.messages)
    for statement in _statements(len(vote.members), about, connection.dialect.name == "postgresql"):
        statement.write(connection, values)


def _rows(vote: Vote) -> Iterator[tuple[str, Values]]:
    """Every row under a name of its own, the same that it has in the statements."""
    yield from ((f"member{i}", member) for i, member in enumerate(vote.members))
    yield from (("checkpoint", vote.checkpoint), ("log", vote.head), ("accepted", vote.accepted))
    for i, (message, practices) in enumerate(vote.messages):
        yield f"message{i}", message
        yield from ((f"message{i}about{j}", practice) for j, practice in enumerate(practices))


@cache
def _statements(members: int, about: tuple[int, ...], at_once: bool) -> tuple[Statement, ...]:
    """What writes so many members and, for each message, so many practices; `at_once` in a single statement.

    There are as few of these as there are numbers of addresses that a practice can have.
    """
    parts: list[Insert | Update] = [_insert(_archive_entry, f"member{i}") for i in range(members)]
    parts += [_insert(_checkpoint, "checkpoint"), _advance(), _insert(_accepted, "accepted")]
    ctes = [part.cte() for part in parts]
    for i, practices in enumerate(about):
        queued = _insert(_message, f"message{i}")
        its_name: BindParameter[str] = bindparam(f"message{i}_name")
        returned = queued.returning(_message.c.id).cte()  # no part sees what another writes, only what it returns
        written = select(_message.c.id).where(_message.c.name == its_name).subquery()
        names = [f"message{i}about{j}" for j in range(practices)]
        parts += [queued, *(_insert_about(written, name) for name in names)]
        ctes += [returned, *(_insert_about(returned, name).cte() for name in names)]
    return (Statement(select(literal_column("1")).add_cte(*ctes)),) if at_once else tuple(map(Statement, parts))


def _insert(table: Table, part: str) -> Insert:
    return insert(table).values(_places(table, part))


def _insert_about(number: FromClause, part: str) -> Insert:
    """Of the message with this number, a practice that it is about."""
    places = _places(_message_practice, part)
    return insert(_message_practice).from_select(["message", *places], select(number.c.id, *places.values()))


def _advance() -> Update:
    places = {name: place for name, place in _places(_log, "log").items() if not _log.c[name].primary_key}
    of = [_log.c[name] == _places(_log, "log")[name] for name in ("programme_id", "name")]
    return update(_log).where(*of).values(places)


def _places(table: Table, part: str) -> dict[str, BindParameter[Any]]:
    """Where the values of a part go, by column; each must be said, but for what the database or another part gives."""
    names = [column.name for column in table.columns if column.name not in ("id", "message")]
    return {name: bindparam(f"{part}_{name}", type_=table.c[name].type) for name in names}
