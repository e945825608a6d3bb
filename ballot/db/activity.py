"""The activity log of an installation: one entry for each act of the office, in a hash chain that only grows.

Entries are written as the last thing of the transaction of their act (`session.transaction`), so that both happen or
neither, and the chain's head is held for a moment only. The tables refuse UPDATE and DELETE by triggers; whoever can
take those away breaks the chain, which `verify_chain` shows. Private: the public learns of acts from events.jsonl.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.base import Base
from ballot.protocol.canonical import Json, write_json
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.times import time_text, whole_second

_PENDING = "activity"


class ActivityRow(Base):
    """One entry; `details` is canonical JSON, and `hash` is over everything else, the entry before by its hash."""

    __tablename__ = "activity"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    time: Mapped[datetime] = mapped_column(index=True)
    act: Mapped[str]
    actor: Mapped[str]
    second: Mapped[str | None]
    acting_for: Mapped[str | None]
    programme: Mapped[str | None]
    ccg: Mapped[str | None]
    reason: Mapped[str | None]
    details: Mapped[str]
    parent: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

    def chain_hash(self) -> Hash:
        """What `hash` must be."""
        value: dict[str, Json] = {
            "parent": self.parent,
            "position": self.position,
            "time": time_text(self.time),
            "act": self.act,
            "actor": self.actor,
            "second": self.second,
            "acting_for": self.acting_for,
            "programme": self.programme,
            "ccg": self.ccg,
            "reason": self.reason,
            "details": self.details,
        }
        return sha256_hex(write_json(value))


class ActivityHeadRow(Base):
    """The newest entry: one row, held while entries are added. It also shows that none was cut off the end."""

    __tablename__ = "activity_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    hash: Mapped[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is noted of one act. `acting_for` is the role whose key or rights were used, or whom the actor stood for."""

    act: str
    actor: str
    time: datetime
    second: str | None = None
    acting_for: str | None = None
    programme: str | None = None
    ccg: str | None = None
    reason: str | None = None
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; None is anything. `since` and `until` are moments, the second one excluded."""

    actor: str | None = None
    act: str | None = None
    programme: str | None = None
    ccg: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def note(session: Session, entry: Entry) -> None:
    """Add an entry to the log when this transaction ends, if it ends well."""
    session.info.setdefault(_PENDING, []).append(entry)


def write_noted(session: Session) -> None:
    """Append what was noted; called once, by `session.transaction`."""
    entries: list[Entry] = session.info.pop(_PENDING, [])
    if not entries:
        return
    session.flush()
    head = session.scalars(select(ActivityHeadRow).with_for_update().execution_options(populate_existing=True)).one()
    for entry in entries:
        row = ActivityRow(
            position=head.size,
            time=whole_second(entry.time),
            act=entry.act,
            actor=entry.actor,
            second=entry.second,
            acting_for=entry.acting_for,
            programme=entry.programme,
            ccg=entry.ccg,
            reason=entry.reason,
            details=write_json(dict(entry.details)).decode(),
            parent=head.hash,
        )
        row.hash = row.chain_hash()
        session.add(row)
        head.size, head.hash = head.size + 1, row.hash


def list_activity(session: Session, sought: Sought, limit: int | None = None) -> list[ActivityRow]:
    """Entries that match, newest first."""
    row, found = ActivityRow, select(ActivityRow)
    if sought.actor is not None:
        found = found.where((row.actor == sought.actor) | (row.second == sought.actor))
    for column, value in ((row.act, sought.act), (row.programme, sought.programme), (row.ccg, sought.ccg)):
        if value is not None:
            found = found.where(column == value)
    if sought.since is not None:
        found = found.where(row.time >= sought.since)
    if sought.until is not None:
        found = found.where(row.time < sought.until)
    return list(session.scalars(found.order_by(row.position.desc()).limit(limit)))


def verify_chain(session: Session, known: Hash | None = None) -> Iterator[str]:
    """What is wrong with the log: nothing, where it is as it was written. `known` is a hash noted down earlier."""
    parent, position, seen = "", 0, known in (None, "")
    for row in session.scalars(select(ActivityRow).order_by(ActivityRow.position).execution_options(yield_per=1000)):
        if row.position != position:
            yield f"entry {position} is missing"
            position = row.position
        if row.parent != parent:
            yield f"entry {row.position} does not follow the one before it"
        if row.hash != row.chain_hash():
            yield f"entry {row.position} was changed"
        seen = seen or row.hash == known
        parent, position = row.hash, position + 1
    head = session.scalars(select(ActivityHeadRow)).one()
    if (head.size, head.hash) != (position, parent):
        yield f"{head.size} entries were written, and {position} are here"
    if not seen:
        yield "the hash that was noted down earlier is not in the log"


def head_of(session: Session) -> tuple[int, str]:
    """How many entries there are, and the hash of the newest: to be noted down elsewhere."""
    head = session.scalars(select(ActivityHeadRow)).one()
    return head.size, head.hash
