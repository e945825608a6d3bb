"""What a cast reads from the tables: few statements, none of them through the object mapper.

A vote should cost little more than the check of its proofs. So the rest is a handful of statements whose form never
changes. A cast reads everything it needs in one (`read_cast_states`), locks the head of its log in one (`hold_log`),
and then appends (appending.py). Reading again under the lock is a separate statement on purpose: on PostgreSQL one
statement sees one moment, which would be the moment before it waited for the lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select

from ballot.db.accepted import AcceptedRow
from ballot.db.archive import ArchiveEntryRow
from ballot.db.ballots import BallotRow
from ballot.db.base import is_storable, table_of
from ballot.db.engine import BEGIN_TO_WRITE
from ballot.db.logs import HEAD, LogHead, LogRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.db.tokens import TokenRow

_accepted, _archive_entry, _ballot = table_of(AcceptedRow), table_of(ArchiveEntryRow), table_of(BallotRow)
_log, _practice, _programme = table_of(LogRow), table_of(PracticeRow), table_of(ProgrammeRow)
_token = table_of(TokenRow)

LONGEST_HOLD = "10s"
"""How long a cast may be idle in its transaction before PostgreSQL ends it. A cast takes under a millisecond."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The practice that a token was issued to, and the token's status."""

    status: str
    practice_id: int
    ballot_id: int
    ods: str
    credential: str | None
    struck_at: datetime | None
    email: str | None
    notify: str | None


@dataclass(frozen=True, slots=True)
class CastState:
    """An election, the holder of a token, and the ballot to be cast, at one moment."""

    holder: Holder | None
    """None if no such token was ever issued."""
    log: LogHead | None
    """The election's log, once it exists."""
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
    statement: str | None
    """What the voter confirms before casting. None if voters are not asked."""
    last_event: bytes | None
    """The newest event of the election's log, once it exists."""
    has_voted: bool
    """Whether the holder has a ballot, this one or another."""
    receipt: bytes | None
    """The receipt of exactly this ballot, if it was accepted."""


def holder_of(token: TokenRow, practice: PracticeRow) -> Holder:
    """The holder, from rows that were read one by one."""
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


_of_practice = ("id", "ballot_id", "ods", "credential", "struck_at", "email", "notify")
_of_ballot = ("id", "election_name", "ccg", "uuid", "state", "opens_at", "closes_at", "election")
_holder = [_token.c.status, *(_practice.c[name] for name in _of_practice)]
_head = [_log.c[name] for name in HEAD]
_election = [
    *(_ballot.c[name] for name in _of_ballot),
    *(_programme.c[name] for name in ("toml", "keys", "board", "statement")),
    select(_archive_entry.c.body)
    .where(_archive_entry.c.ballot_id == _ballot.c.id, _archive_entry.c.position == _log.c.members - 1)
    .scalar_subquery(),
    exists().where(_accepted.c.practice_id == _practice.c.id),
    select(_accepted.c.receipt)
    .where(_accepted.c.ballot_id == _ballot.c.id, _accepted.c.payload == bindparam("payload"))
    .scalar_subquery(),
]
_standing = (
    select(*_holder, *_head, *_election)
    .select_from(_ballot)
    .join(_programme, _programme.c.id == _ballot.c.programme_id)
    .outerjoin(_log, (_log.c.programme_id == _ballot.c.programme_id) & (_log.c.name == _ballot.c.election_name))
    .outerjoin(_token, _token.c.hash == bindparam("token"))
    .outerjoin(_practice, _practice.c.id == _token.c.practice_id)
    .where(_ballot.c.programme_id == bindparam("programme"))
    .order_by(_ballot.c.position)
)

_ENDS = accumulate([len(_holder), len(_head), len(_election)], initial=0)
_PARTS = [slice(start, end) for start, end in pairwise(_ENDS)]
"""The positions of holder, head and election in a row."""

_of_log = (_log.c.programme_id == bindparam("of_programme")) & (_log.c.name == bindparam("of_name"))
_hold_for_long = func.set_config("idle_in_transaction_session_timeout", bindparam("longest"), True)
_hold = select(_log.c.size, _hold_for_long).where(_of_log).with_for_update()
_looks = {"sqlite": _standing, "postgresql": _standing.add_columns(_hold_for_long)}
_by_election, _by_ccg = (
    {name: look.where(column == bindparam("name")) for name, look in _looks.items()}
    for column in (_ballot.c.election_name, _ballot.c.ccg)
)


def read_cast_states(connection: Connection, programme: str, name: str, token: str, payload: str) -> list[CastState]:
    """Read the election of this name or, if there is none, each election of a CCG. `token` and `payload` are hashes.

    On PostgreSQL the first read begins the transaction. A migration waits for that transaction, and everyone waits for
    the migration. So the transaction ends by itself if no further query comes.
    """
    if not is_storable(programme, name):
        return []
    asked = {"programme": programme, "name": name, "token": token, "payload": payload, "longest": LONGEST_HOLD}
    kind = connection.dialect.name
    rows = connection.execute(_by_election[kind], asked).all() or connection.execute(_by_ccg[kind], asked).all()
    return [_read(*row) for row in rows]


def _read(*row: Any) -> CastState:
    holder, log, election = (row[part] for part in _PARTS)
    return CastState(
        None if holder[0] is None else Holder(*holder), None if log[0] is None else LogHead(*log), *election
    )


def hold_log(connection: Connection, programme: str, name: str) -> bool:
    """Hold the head of the election's log until the transaction ends. Returns False if there is no such log.

    On SQLite the transaction begins here and locks the whole database; nothing can take that lock away. PostgreSQL ends
    the transaction of a holder that sends nothing more: a machine that hangs or was cut off must not keep the others
    waiting.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(BEGIN_TO_WRITE)
        return True
    log = {"of_programme": programme, "of_name": name, "longest": LONGEST_HOLD}
    return connection.execute(_hold, log).first() is not None
