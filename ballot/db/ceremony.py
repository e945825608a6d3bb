"""What the trustees of a programme handed in, step by step, and which account is which trustee.

There is no foreign key to the programme's table: the ceremony takes place before the programme is prepared, when it is
only a folder.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable


class CeremonyPartRow(Base):
    """What trustee `number`, from 1, handed in at a step. It was checked before it was stored, and is not secret."""

    __tablename__ = "ceremony_part"

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]
    received_at: Mapped[datetime]


class TrusteeSeatRow(Base):
    """The account of trustee `number` of a programme."""

    __tablename__ = "trustee_seat"

    programme_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("staff_account.id"), index=True)


def list_parts(session: Session, programme_id: str, *, hold: bool = False) -> list[CeremonyPartRow]:
    """Every part of a ceremony, by trustee and step. With `hold`, locked until the transaction ends."""
    if not is_storable(programme_id):
        return []
    found = select(CeremonyPartRow).where(CeremonyPartRow.programme_id == programme_id)
    found = found.order_by(CeremonyPartRow.number, CeremonyPartRow.step)
    return list(session.scalars(found.with_for_update() if hold else found))


def list_seats(session: Session, account_id: int) -> list[TrusteeSeatRow]:
    """The programmes in which this account is a trustee."""
    found = select(TrusteeSeatRow).where(TrusteeSeatRow.account_id == account_id)
    return list(session.scalars(found.order_by(TrusteeSeatRow.programme_id, TrusteeSeatRow.number)))


def list_seats_of(session: Session, programme_id: str) -> list[TrusteeSeatRow]:
    """The trustees of a programme that have an account."""
    if not is_storable(programme_id):
        return []
    found = select(TrusteeSeatRow).where(TrusteeSeatRow.programme_id == programme_id)
    return list(session.scalars(found.order_by(TrusteeSeatRow.number)))


def delete_seats(session: Session, programme_id: str) -> None:
    """Delete who the trustees of a programme are."""
    session.execute(delete(TrusteeSeatRow).where(TrusteeSeatRow.programme_id == programme_id))


def delete_parts(session: Session, programme_id: str) -> None:
    """Delete all parts of a ceremony."""
    session.execute(delete(CeremonyPartRow).where(CeremonyPartRow.programme_id == programme_id))
