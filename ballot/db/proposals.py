"""What one officer proposed, word for word as the other reads it, and its state."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable

UNSIGNED, PROPOSED, APPROVED = "unsigned", "proposed", "approved"
"""Before the proposer has signed; before the other officer has; and approved, where the registrar must act too."""
DONE, WITHDRAWN, DECLINED = "done", "withdrawn", "declined"


class ProposalRow(Base):
    """A proposal. Its expiry is not written: it follows from the clock."""

    __tablename__ = "proposal"
    __table_args__ = (Index(None, "programme_id", "state"),)

    hash: Mapped[str] = mapped_column(primary_key=True)
    """The hash of `body`, which identifies the proposal and is shown with it."""
    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"))
    act: Mapped[bytes]
    """The act, with any names and addresses, as JSON. Never public."""
    body: Mapped[bytes]
    """What was signed: canonical JSON. Public once it is approved."""
    words: Mapped[str]
    """The statement that both officers read. The body has its salted hash."""
    salt: Mapped[bytes]
    note: Mapped[str | None]
    note_salt: Mapped[bytes]
    signature: Mapped[bytes]
    """The proposer's; empty before it is signed."""
    approval: Mapped[bytes | None]
    """The approver's signature, kept while the registrar is still to act."""
    proposer: Mapped[str]
    role: Mapped[str]
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[str]
    second: Mapped[str | None]
    """The person who approved, declined or withdrew it."""
    ended_at: Mapped[datetime | None]


def find_proposal(session: Session, programme_id: str, hash: str) -> ProposalRow | None:
    """The proposal of this programme with this hash, if there is one."""
    row = session.get(ProposalRow, hash) if is_storable(hash) else None
    return row if row is not None and row.programme_id == programme_id else None


def hold_proposal(session: Session, hash: str) -> ProposalRow | None:
    """The proposal as it is now, locked until the transaction ends."""
    found = select(ProposalRow).where(ProposalRow.hash == hash).with_for_update()
    return session.scalar(found.execution_options(populate_existing=True))


def list_proposals(session: Session, programme_id: str) -> list[ProposalRow]:
    """Every proposal of a programme, newest first."""
    found = select(ProposalRow).where(ProposalRow.programme_id == programme_id)
    return list(session.scalars(found.order_by(ProposalRow.proposed_at.desc(), ProposalRow.hash)))
