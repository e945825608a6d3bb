"""Adding to a log whose row is held: the compact range, the head, the time, and the signed checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.logs import CheckpointRow, LogRow
from ballot.db.transparency import add_nodes
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import Checkpoint, origin_of, sign_checkpoint
from ballot.record.keys import SigningKey
from ballot.record.merkle import CompactRange
from ballot.record.times import whole_second


def never_before(clock_says: datetime, logs: Iterable[LogRow]) -> datetime:
    """The time of an act, in whole seconds: a clock that stepped back repeats the last time of its logs."""
    return max([whole_second(clock_says), *(log.last_time for log in logs)])


def new_log(session: Session, programme_id: str, name: str, now: datetime) -> LogRow:
    """A log with nothing in it yet."""
    log = LogRow(programme_id=programme_id, name=name, size=0, compact="", head="", last_time=now, members=0)
    session.add(log)
    return log


def advance(session: Session, log: LogRow, event: Hash, now: datetime, board_name: str, board: SigningKey) -> None:
    """Make `event` the head of a held log, keep what proofs are made of, and sign the checkpoint that says so."""
    before, leaf = CompactRange.from_text(log.size, log.compact), bytes.fromhex(event)
    add_nodes(session, log.programme_id, log.name, before.size, before.completes(leaf))
    compact = before.append(leaf)
    log.size, log.compact, log.head, log.last_time = compact.size, compact.to_text(), event, now
    origin = origin_of(board_name, log.programme_id, log.name)
    note = sign_checkpoint(Checkpoint(origin, log.size, compact.root, event, now), board)
    session.add(CheckpointRow(programme_id=log.programme_id, log=log.name, size=log.size, note=note))
