"""Adding to a log whose row is held: the compact range, the head, the time, and the signed checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from ballot.db.logs import CheckpointRow, LogRow
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import Checkpoint, origin_of, sign_checkpoint
from ballot.record.keys import SigningKey
from ballot.record.merkle import CompactRange
from ballot.record.times import whole_second


class Timed(Protocol):
    """A log, or what was read of one."""

    @property
    def last_time(self) -> datetime | None: ...


def never_before(clock_says: datetime, logs: Iterable[Timed]) -> datetime:
    """The time of an act, in whole seconds: a clock that stepped back repeats the last time of its logs."""
    return max([whole_second(clock_says), *(log.last_time for log in logs if log.last_time is not None)])


def new_log(session: Session, programme_id: str, name: str, now: datetime) -> LogRow:
    """A log with nothing in it yet."""
    log = LogRow(programme_id=programme_id, name=name, size=0, compact="", head="", last_time=now, members=0)
    session.add(log)
    return log


@dataclass(frozen=True, slots=True)
class Advance:
    """A log with one more event: how long it is, its compact range and head, and the signed checkpoint.

    `nodes` are the roots of the subtrees that the event completed, from the leaf up: what proofs are made of.
    """

    size: int
    compact: str
    head: Hash
    time: datetime
    note: str
    nodes: bytes


def next_advance(origin: str, size: int, compact: str, event: Hash, now: datetime, board: SigningKey) -> Advance:
    """What a held log becomes when `event` is appended; `origin` is its name in checkpoints."""
    before = CompactRange.from_text(size, compact)
    made = before.completes(bytes.fromhex(event))
    longer = before.with_completed(made)
    note = sign_checkpoint(Checkpoint(origin, longer.size, longer.root, event, now), board)
    return Advance(longer.size, longer.to_text(), event, now, note, b"".join(made))


def advance(session: Session, log: LogRow, event: Hash, now: datetime, board_name: str, board: SigningKey) -> None:
    """Make `event` the head of a held log, keep what proofs are made of, and sign the checkpoint that says so."""
    origin = origin_of(board_name, log.programme_id, log.name)
    to = next_advance(origin, log.size, log.compact, event, now, board)
    log.size, log.compact, log.head, log.last_time = to.size, to.compact, to.head, to.time
    row = CheckpointRow(programme_id=log.programme_id, log=log.name, size=log.size, note=to.note, nodes=to.nodes)
    session.add(row)
