"""Proofs about the logs for anyone who asks: checkpoints with cosignatures, inclusion, consistency. Reads only.

No answer reads a whole log: a proof is a few stored nodes, looked up by key (ballot.db.transparency). The functions
return None for what does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.logs import LogRow, find_checkpoint, find_log, list_logs
from ballot.db.programmes import ProgrammeRow
from ballot.db.transparency import cosignatures_of, find_nodes, newest_cosigned
from ballot.office.sealed import read_keys
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import open_checkpoint, origin_of
from ballot.record.cosignatures import log_vkey
from ballot.record.keys import Role
from ballot.record.merkle import (
    create_consistency_proof,
    create_inclusion_proof,
    nodes_of_consistency,
    nodes_of_inclusion,
)
from ballot.record.tlog_proofs import ConsistencyProof, InclusionProof, SignedCheckpoint


@dataclass(frozen=True, slots=True)
class LogSummary:
    """One log as it is now. `cosigned` is the newest size that a witness cosigned; `witnesses` are those who did."""

    name: str
    origin: str
    vkey: str
    size: int
    head: Hash
    time: datetime
    cosigned: int | None
    witnesses: tuple[str, ...]


def log_summaries(session: Session, programme: ProgrammeRow) -> list[LogSummary]:
    """Every log that is not empty, by name."""
    return [_summary(session, programme, log) for log in list_logs(session, programme.id) if log.size]


def _summary(session: Session, programme: ProgrammeRow, log: LogRow) -> LogSummary:
    origin = origin_of(programme.board, programme.id, log.name)
    cosigned = newest_cosigned(session, programme.id, log.name)
    lines = [] if cosigned is None else cosignatures_of(session, programme.id, log.name, cosigned)
    board = read_keys(programme.keys)[Role.BOARD]
    newest = open_checkpoint(find_checkpoint(session, programme.id, log.name, log.size) or "", board)
    return LogSummary(
        log.name,
        origin,
        log_vkey(origin, board),
        log.size,
        Hash(log.head),
        newest.time,
        cosigned,
        tuple(line.split(" ")[1] for line in lines),
    )


def signed_checkpoint(session: Session, programme_id: str, log: str, size: int | None) -> SignedCheckpoint | None:
    """The checkpoint of a size, or the newest one, with its cosignatures."""
    found = find_log(session, programme_id, log)
    if found is None:
        return None
    wanted = found.size if size is None else size
    note = find_checkpoint(session, programme_id, log, wanted) if 1 <= wanted <= found.size else None
    return None if note is None else SignedCheckpoint(note, tuple(cosignatures_of(session, programme_id, log, wanted)))


def newest_cosigned_checkpoint(session: Session, programme_id: str, log: str) -> SignedCheckpoint | None:
    """The newest checkpoint that a witness cosigned."""
    size = newest_cosigned(session, programme_id, log)
    return None if size is None else signed_checkpoint(session, programme_id, log, size)


def prove_inclusion(session: Session, programme_id: str, log: str, index: int, size: int) -> InclusionProof | None:
    """Prove that the event at height `index` is among the first `size` events."""
    signed = signed_checkpoint(session, programme_id, log, size)
    if signed is None or not 0 <= index < size:
        return None
    nodes = find_nodes(session, programme_id, log, nodes_of_inclusion(index, size))
    return InclusionProof(index, tuple(create_inclusion_proof(index, size, nodes)), signed)


def prove_receipt(session: Session, programme_id: str, log: str, height: int) -> InclusionProof | None:
    """Prove that the ballot at this height is in the newest cosigned checkpoint, or else in the ballot's own."""
    cosigned = newest_cosigned(session, programme_id, log)
    size = height + 1 if cosigned is None else max(cosigned, height + 1)
    return prove_inclusion(session, programme_id, log, height, size)


def prove_consistency(session: Session, programme_id: str, log: str, old: int, size: int) -> ConsistencyProof | None:
    """Prove that the first `size` events begin with the first `old`."""
    signed = signed_checkpoint(session, programme_id, log, size)
    if signed is None or not 0 <= old <= size:
        return None
    nodes = find_nodes(session, programme_id, log, nodes_of_consistency(old, size))
    return ConsistencyProof(old, tuple(create_consistency_proof(old, size, nodes)), signed)
