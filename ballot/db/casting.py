"""What a cast asks of the tables and what it writes: few statements, none of them through the object mapper.

A vote costs the check of its proofs and little else only if the rest is a handful of statements whose form never
changes. So a cast reads everything that it is judged by in one (`read_standings`), holds the head of its log in one
(`hold_log`), and writes each table once (`store_vote`). Reading again under the lock is a statement of its own on
purpose: on PostgreSQL one statement sees one moment, the moment before it waited for the lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, insert, select, update

from ballot.db.accepted import AcceptedRow
from ballot.db.archive import ArchiveEntryRow
from ballot.db.ballots import BallotRow
from ballot.db.base import Base, can_be_named
from ballot.db.logs import CheckpointRow, LogRow
from ballot.db.outbox import MessagePracticeRow, MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.db.tokens import TokenRow


def _columns(row: type[Base]) -> Any:
    return row.metadata.tables[row.__tablename__]


_accepted, _archive_entry, _ballot = _columns(AcceptedRow), _columns(ArchiveEntryRow), _columns(BallotRow)
_checkpoint, _log, _message = _columns(CheckpointRow), _columns(LogRow), _columns(MessageRow)
_message_practice, _practice = _columns(MessagePracticeRow), _columns(PracticeRow)
_programme, _token = _columns(ProgrammeRow), _columns(TokenRow)

LONGEST_HOLD = "10s"
"""How long a cast may hold the head of a log and ask nothing, before PostgreSQL takes it for dead. It needs no ms."""

Values = Mapping[str, Any]
"""Columns of one row, by name."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The practice that a token was issued to, and what became of the token."""

    status: str
    practice_id: int
    ballot_id: int
    ods: str
    credential: str | None
    struck_at: datetime | None
    email: str | None
    notify: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """An election, the holder of a token, and the ballot at hand, as they stand at one moment."""

    holder: Holder | None
    """None where no such token was ever issued."""
    id: int
    election_name: str
    ccg: str
    uuid: str
    state: str
    opens_at: datetime
    closes_at: datetime
    election: bytes | None
    toml: bytes
    keys: bytes
    board: str
    size: int | None
    """Of the election's log; this and the next four are None before there is one."""
    compact: str | None
    last_time: datetime | None
    members: int | None
    last_event: bytes | None
    has_voted: bool
    """Whether the holder has a ballot, this or another."""
    receipt: bytes | None
    """Of exactly this ballot, if it was accepted."""


def holder_of(token: TokenRow, practice: PracticeRow) -> Holder:
    """The same of rows that were read one by one."""
    return Holder(
        token.status,
        practice.id,
        practice.ballot_id,
        practice.ods,
        practice.credential,
        practice.struck_at,
        practice.email,
        practice.notify,
    )


_standing = (
    select(
        *(_ballot.c[name] for name in ("id", "election_name", "ccg", "uuid", "state", "opens_at", "closes_at")),
        _ballot.c.election,
        *(_programme.c[name] for name in ("toml", "keys", "board")),
        *(_log.c[name] for name in ("size", "compact", "last_time", "members")),
        select(_archive_entry.c.body)
        .where(_archive_entry.c.ballot_id == _ballot.c.id, _archive_entry.c.position == _log.c.members - 1)
        .scalar_subquery(),
        exists().where(_accepted.c.practice_id == _practice.c.id),
        select(_accepted.c.receipt)
        .where(_accepted.c.ballot_id == _ballot.c.id, _accepted.c.payload == bindparam("payload"))
        .scalar_subquery(),
        _token.c.status,
        *(_practice.c[name] for name in ("id", "ballot_id", "ods", "credential", "struck_at", "email", "notify")),
    )
    .select_from(_ballot)
    .join(_programme, _programme.c.id == _ballot.c.programme_id)
    .outerjoin(_log, (_log.c.programme_id == _ballot.c.programme_id) & (_log.c.name == _ballot.c.election_name))
    .outerjoin(_token, _token.c.hash == bindparam("token"))
    .outerjoin(_practice, _practice.c.id == _token.c.practice_id)
    .where(_ballot.c.programme_id == bindparam("programme"))
    .order_by(_ballot.c.position)
)
_by_election = _standing.where(_ballot.c.election_name == bindparam("name"))
_by_ccg = _standing.where(_ballot.c.ccg == bindparam("name"))

_of_log = (_log.c.programme_id == bindparam("of_programme")) & (_log.c.name == bindparam("of_name"))
_hold_for_long = func.set_config("idle_in_transaction_session_timeout", bindparam("longest"), True)
_hold = select(_log.c.size, _hold_for_long).where(_of_log).with_for_update()
_append, _sign, _advance = insert(_archive_entry), insert(_checkpoint).inline(), update(_log).where(_of_log)
_accept, _queue, _queue_about = insert(_accepted).inline(), insert(_message), insert(_message_practice)


def read_standings(connection: Connection, programme: str, name: str, token: str, payload: str) -> list[Standing]:
    """How the election of this name stands, or else each of a CCG's; `token` and `payload` are hashes."""
    if not can_be_named(programme, name):
        return []
    asked = {"programme": programme, "name": name, "token": token, "payload": payload}
    rows = connection.execute(_by_election, asked).all() or connection.execute(_by_ccg, asked).all()
    return [_read(*row) for row in rows]


def _read(*row: Any) -> Standing:
    election, holder = row[:18], row[18:]
    return Standing(None if holder[0] is None else Holder(*holder), *election)


def hold_log(connection: Connection, programme: str, name: str) -> bool:
    """Hold the head of the election's log until the transaction ends; False if there is no such log.

    On SQLite the transaction has held the whole database since it began (`session.writing`), and nobody can take that
    away. PostgreSQL ends the transaction of whoever holds it and asks nothing more: a machine that stands still, or was
    cut off, must not keep every other one waiting.
    """
    if connection.dialect.name == "sqlite":
        return True
    log = {"of_programme": programme, "of_name": name, "longest": LONGEST_HOLD}
    return connection.execute(_hold, log).first() is not None


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
    connection.execute(_append, vote.members)
    connection.execute(_sign, vote.checkpoint)
    connection.execute(_advance, {"of_programme": programme, "of_name": name, **vote.head})
    connection.execute(_accept, vote.accepted)
    for message, practices in vote.messages:
        (id,) = connection.execute(_queue, message).inserted_primary_key or (None,)
        for practice in practices:  # of a vote's messages each is about one
            connection.execute(_queue_about, {**practice, "message": id})
