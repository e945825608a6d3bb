"""The documents of the voting pack that the voting page gives out: the same bytes for ever."""

from __future__ import annotations

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base, is_storable


class DocumentRow(Base):
    """A document of a programme, by the SHA-256 that the terms name. Stored when the programme is prepared."""

    __tablename__ = "document"

    programme_id: Mapped[str] = mapped_column(ForeignKey("programme.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]


def find_document(session: Session, programme_id: str, sha256: str) -> bytes | None:
    """The bytes of a document of this programme, if it is kept here."""
    if not is_storable(programme_id, sha256):
        return None
    found = select(DocumentRow.body).where(DocumentRow.programme_id == programme_id, DocumentRow.sha256 == sha256)
    return session.scalar(found)
