"""The stored nodes that proofs are made of, and the witnesses' cosignatures: rows that only grow.

A checkpoint's row has the root of every perfect subtree that its event completed, fewer than two on average. Arithmetic
gives the row of each root. So a proof for a log of 100,000 events needs one query for at most about 34 rows.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base
from ballot.db.logs import CheckpointRow
from ballot.record.cosignatures import RecordedCosignature
from ballot.record.merkle import Node


class CosignatureRow(Base):
    """A witness's signature line for one checkpoint. `id` is the order of cosignatures.jsonl.

    The id is drawn under the lock of the log. So a holder of every log sees no gap that could fill later.
    """

    __tablename__ = "cosignature"
    __table_args__ = (UniqueConstraint("programme_id", "log", "size", "witness"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    log: Mapped[str]
    size: Mapped[int]
    witness: Mapped[str]
    """Its verifier key."""
    line: Mapped[str]


def find_nodes(session: Session, programme_id: str, log: str, wanted: Collection[Node]) -> dict[Node, bytes]:
    """These nodes, in one query. A subtree is completed when the log has as many events as the subtree's end."""
    if not wanted:
        return {}
    row = CheckpointRow
    completed = {(height, number): (number + 1) << height for height, number in wanted}
    found = select(row.size, row.nodes).where(row.programme_id == programme_id, row.log == log)
    rows = session.execute(found.where(row.size.in_(sorted(set(completed.values())))))
    nodes = {size: [kept[at : at + 32] for at in range(0, len(kept), 32)] for size, kept in rows}
    return {(height, number): nodes[size][height] for (height, number), size in completed.items() if size in nodes}


def add_cosignature(session: Session, programme_id: str, given: RecordedCosignature) -> None:
    """Store it, unless this witness's cosignature of this checkpoint is stored already. The caller holds the log."""
    row = CosignatureRow
    same = (row.programme_id == programme_id, row.log == given.log, row.size == given.size, row.witness == given.vkey)
    if session.scalar(select(row.id).where(*same)) is None:
        session.add(row(programme_id=programme_id, log=given.log, size=given.size, witness=given.vkey, line=given.line))


def list_cosignatures(session: Session, programme_id: str) -> list[RecordedCosignature]:
    """All cosignatures of a programme, in the order of cosignatures.jsonl."""
    found = select(CosignatureRow).where(CosignatureRow.programme_id == programme_id).order_by(CosignatureRow.id)
    return [RecordedCosignature(row.log, row.size, row.witness, row.line) for row in session.scalars(found)]


def cosignatures_of(session: Session, programme_id: str, log: str, size: int) -> list[str]:
    """The cosignature lines of one checkpoint."""
    row = CosignatureRow
    found = select(row.line).where(row.programme_id == programme_id, row.log == log, row.size == size)
    return list(session.scalars(found.order_by(row.id)))


def newest_cosigned(session: Session, programme_id: str, log: str, witness: str | None = None) -> int | None:
    """The largest size that this witness cosigned; without `witness`, that any witness did."""
    row = CosignatureRow
    found = select(row.size).where(row.programme_id == programme_id, row.log == log)
    if witness is not None:
        found = found.where(row.witness == witness)
    return session.scalar(found.order_by(row.size.desc()).limit(1))
