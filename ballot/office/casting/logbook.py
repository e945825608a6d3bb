"""The one path that appends to a log: rows, compact range, head, time and signed checkpoint.

Casting and the officers' acts use it alike, each while it holds the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from ballot.db.appending import NewRow, store
from ballot.db.archive import ArchiveEntryRow
from ballot.db.logs import CheckpointRow, LogHead
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import Checkpoint, origin_of, sign_checkpoint
from ballot.record.keys import SigningKey
from ballot.record.merkle import CompactRange
from ballot.record.times import whole_second


class Timed(Protocol):
    """A log, or data read from one."""

    @property
    def last_time(self) -> datetime: ...


def never_before(clock_says: datetime, logs: Iterable[Timed]) -> datetime:
    """The time of an act, in whole seconds. If the clock went back, this repeats the last time of the logs."""
    return max([whole_second(clock_says), *(log.last_time for log in logs)])


def append(
    connection: Connection,
    log: LogHead,
    event: Hash,
    rows: Sequence[NewRow],
    now: datetime,
    board_name: str,
    board: SigningKey,
) -> LogHead:
    """Append an event to a log that the caller holds, and return the log's new head.

    The event's rows, a signed checkpoint with the nodes for proofs, and the head are stored together. Rows that are
    archive members are counted.
    """
    before = CompactRange.from_text(log.size, log.compact)
    made = before.completes(bytes.fromhex(event))
    longer = before.with_completed(made)
    origin = origin_of(board_name, log.programme_id, log.name)
    note = sign_checkpoint(Checkpoint(origin, longer.size, longer.root, event, now), board)
    checkpoint = {
        "programme_id": log.programme_id,
        "log": log.name,
        "size": longer.size,
        "note": note,
        "nodes": b"".join(made),
    }
    members = log.members + sum(row.of is ArchiveEntryRow for row in rows)
    head = LogHead(log.programme_id, log.name, longer.size, longer.to_text(), event, now, members)
    store(connection, head, [*rows, NewRow(CheckpointRow, checkpoint)])
    return head
