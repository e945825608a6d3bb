"""The people in the activity log. The chain holds a salted hash of each name; name and salt stand here, to be removed.

Whoever signs in is called by an e-mail address: a value with an @ in it is somebody's name, anything else is a code.
Once the row of a name is gone, nothing says whose the hash was, and the chain is what it was.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base
from ballot.protocol.canonical import Json
from ballot.protocol.hashing import sha256_hex

PREFIX = "name:"
ACTOR, SECOND = "actor", "second"
_SALT = 16
_MANY = 500


class ActivityNameRow(Base):
    """A name in an entry: `part` is actor, second, or the detail in which it stands."""

    __tablename__ = "activity_name"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """No foreign key: PostgreSQL would then answer for the log's own trigger when somebody empties the table."""
    part: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    name: Mapped[str] = mapped_column(index=True)


def is_name(value: Json) -> bool:
    """Whether a value in an entry is somebody's name."""
    return isinstance(value, str) and "@" in value


def chained(salt: bytes, name: str) -> str:
    """What the chain holds of a name."""
    return PREFIX + sha256_hex(salt + name.encode())


class Hidden:
    """The values of one entry as the chain holds them; `rows` are the names that were put aside."""

    def __init__(self, position: int) -> None:
        self._position = position
        self.rows: list[ActivityNameRow] = []

    def value(self, part: str, value: Json) -> Json:
        """A value, or the hash of a name."""
        if not isinstance(value, str) or not is_name(value):
            return value
        salt = secrets.token_bytes(_SALT)
        self.rows.append(ActivityNameRow(position=self._position, part=part, salt=salt, name=value))
        return chained(salt, value)

    def text(self, part: str, value: str | None) -> str | None:
        """The same, of what is text."""
        found = self.value(part, value)
        return None if found is None else str(found)

    def details(self, details: Mapping[str, Json]) -> dict[str, Json]:
        """The same, of every detail."""
        return {part: self.value(part, value) for part, value in details.items()}


def names_of(session: Session, positions: Iterable[int]) -> dict[tuple[int, str], ActivityNameRow]:
    """The names that are still known, by entry and part."""
    wanted, found = list(positions), {}
    for start in range(0, len(wanted), _MANY):
        some = ActivityNameRow.position.in_(wanted[start : start + _MANY])
        found.update({(row.position, row.part): row for row in session.scalars(select(ActivityNameRow).where(some))})
    return found


def positions_of(name: str) -> Select[Any]:
    """The entries in which a name stands as actor or second person."""
    row = ActivityNameRow
    return select(row.position).where(row.name == name, row.part.in_((ACTOR, SECOND)))


def told_details(details: str, position: int, known: Mapping[tuple[int, str], ActivityNameRow]) -> str:
    """The details of an entry with the names that are known."""
    if PREFIX not in details:
        return details
    values = {
        part: known[position, part].name if (position, part) in known else value
        for part, value in json.loads(details).items()
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def list_names(session: Session, name: str) -> list[ActivityNameRow]:
    """Every place at which this name stands, whatever its letters' case, oldest first."""
    found = select(ActivityNameRow).where(func.lower(ActivityNameRow.name) == name.lower())
    return list(session.scalars(found.order_by(ActivityNameRow.position, ActivityNameRow.part)))


def remove_names(session: Session, entries: Select[Any]) -> int:
    """Remove every name from these entries; how many."""
    there = select(func.count()).select_from(ActivityNameRow).where(ActivityNameRow.position.in_(entries))
    number = session.scalar(there) or 0
    session.execute(delete(ActivityNameRow).where(ActivityNameRow.position.in_(entries)))
    return number
