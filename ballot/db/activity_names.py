"""The names of people in the activity log. The chain has a salted hash of each name; name and salt are in this table.

People sign in with an e-mail address. So a value with an @ in it is a name, and any other value is a code. When the row
of a name is removed, nothing says whose hash it was, and the chain does not change.
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
    """A name in an entry. `part` is actor, second, or the detail that contains it."""

    __tablename__ = "activity_name"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Not a foreign key: PostgreSQL would then refuse to empty the log's table before the log's own trigger does."""
    part: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    name: Mapped[str] = mapped_column(index=True)


def is_name(value: Json) -> bool:
    """Whether a value in an entry is a person's name."""
    return isinstance(value, str) and "@" in value


def name_hash(salt: bytes, name: str) -> str:
    """The hash that the chain has for a name."""
    return PREFIX + sha256_hex(salt + name.encode())


class HashedNames:
    """The values of one entry with names replaced by hashes. `rows` has the names."""

    def __init__(self, position: int) -> None:
        self._position = position
        self.rows: list[ActivityNameRow] = []

    def value(self, part: str, value: Json) -> Json:
        """A value, with a name replaced by its hash."""
        if not isinstance(value, str) or not is_name(value):
            return value
        salt = secrets.token_bytes(_SALT)
        self.rows.append(ActivityNameRow(position=self._position, part=part, salt=salt, name=value))
        return name_hash(salt, value)

    def text(self, part: str, value: str | None) -> str | None:
        """A text, with a name replaced by its hash."""
        found = self.value(part, value)
        return None if found is None else str(found)

    def details(self, details: Mapping[str, Json]) -> dict[str, Json]:
        """Every detail, with names replaced by hashes."""
        return {part: self.value(part, value) for part, value in details.items()}


def names_of(session: Session, positions: Iterable[int]) -> dict[tuple[int, str], ActivityNameRow]:
    """The names that are still stored, by entry and part."""
    wanted, found = list(positions), {}
    for start in range(0, len(wanted), _MANY):
        some = ActivityNameRow.position.in_(wanted[start : start + _MANY])
        found.update({(row.position, row.part): row for row in session.scalars(select(ActivityNameRow).where(some))})
    return found


def positions_of(name: str) -> Select[Any]:
    """A query for the entries in which a name is actor or second person."""
    row = ActivityNameRow
    return select(row.position).where(row.name == name, row.part.in_((ACTOR, SECOND)))


def list_actors(session: Session) -> list[str]:
    """Every name that is still stored of someone who did an act."""
    row = ActivityNameRow
    return list(session.scalars(select(row.name).distinct().where(row.part.in_((ACTOR, SECOND)))))


def details_with_names(details: str, position: int, known: Mapping[tuple[int, str], ActivityNameRow]) -> str:
    """The details of an entry, with the names that are still stored."""
    if PREFIX not in details:
        return details
    values = {
        part: known[position, part].name if (position, part) in known else value
        for part, value in json.loads(details).items()
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def list_names(session: Session, name: str) -> list[ActivityNameRow]:
    """Every place where this name occurs, ignoring case, oldest first."""
    found = select(ActivityNameRow).where(func.lower(ActivityNameRow.name) == name.lower())
    return list(session.scalars(found.order_by(ActivityNameRow.position, ActivityNameRow.part)))


def remove_names(session: Session, entries: Select[Any]) -> int:
    """Remove every name from these entries. Returns how many."""
    there = select(func.count()).select_from(ActivityNameRow).where(ActivityNameRow.position.in_(entries))
    number = session.scalar(there) or 0
    session.execute(delete(ActivityNameRow).where(ActivityNameRow.position.in_(entries)))
    return number
