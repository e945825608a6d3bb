"""The activity log of an installation: one entry for each act of the office, in a hash chain that only grows.

Entries are written at the end of their act's transaction (`session.transaction`). So both happen or neither, and the
chain's head is locked only briefly. Triggers refuse UPDATE and DELETE. Someone who can remove the triggers breaks the
chain, which `verify_chain` shows. The log is private: the public learns of acts from events.jsonl.

The chain contains salted hashes of people's names. The names themselves are in another table (`activity_names`), and
are removed after a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from ballot.db.activity_names import (
    ACTOR,
    PREFIX,
    SECOND,
    ActivityNameRow,
    HashedNames,
    details_with_names,
    list_actors,
    name_hash,
    names_of,
    positions_of,
)
from ballot.db.base import Base
from ballot.protocol.canonical import Json, parse_json, write_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.times import time_text, whole_second

NAMES_REMOVED = "names-removed"
"""The act after which names may be missing in entries up to its detail `upto`."""
_PENDING = "activity"
_BATCH = 1000


class ActivityRow(Base):
    """One entry. `details` is canonical JSON. `hash` covers all other columns, and the previous entry by its hash."""

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
    former: Mapped[str | None]
    """In entries from before names had their own table: the hash at that time, which someone may have noted down."""

    def chain_hash(self) -> Hash:
        """The value that `hash` must have."""
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
        if self.former is not None:
            value["former"] = self.former
        return sha256_hex(write_json(value))


class ActivityHeadRow(Base):
    """The newest entry, in one row that is locked while entries are added. It shows if entries are cut off the end."""

    __tablename__ = "activity_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int]
    hash: Mapped[str]


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """The content of an entry. `acting_for` is the role whose key or rights were used, or the person represented."""

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
class NamedEntry:
    """An entry as it is read, with the names that are still stored."""

    position: int
    time: datetime
    act: str
    actor: str
    second: str | None
    acting_for: str | None
    programme: str | None
    ccg: str | None
    reason: str | None
    details: str
    parent: str
    hash: str


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """A filter for entries. None matches anything. `since` and `until` are moments; `until` itself is excluded."""

    actor: str | None = None
    act: str | None = None
    programme: str | None = None
    ccg: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def add_entry(session: Session, entry: ActivityEntry) -> None:
    """Add an entry to the log when this transaction ends, if it succeeds."""
    session.info.setdefault(_PENDING, []).append(entry)


def write_entries(session: Session) -> None:
    """Append the entries of this transaction. Called once, by `session.transaction`."""
    entries: list[ActivityEntry] = session.info.pop(_PENDING, [])
    if not entries:
        return
    session.flush()
    head = session.scalars(select(ActivityHeadRow).with_for_update().execution_options(populate_existing=True)).one()
    names: list[ActivityNameRow] = []
    for entry in entries:
        hashed = HashedNames(head.size)
        row = ActivityRow(
            position=head.size,
            time=whole_second(entry.time),
            act=entry.act,
            actor=hashed.text(ACTOR, entry.actor),
            second=hashed.text(SECOND, entry.second),
            acting_for=entry.acting_for,
            programme=entry.programme,
            ccg=entry.ccg,
            reason=entry.reason,
            details=write_json(hashed.details(entry.details)).decode(),
            parent=head.hash,
        )
        row.hash = row.chain_hash()
        session.add(row)
        names += hashed.rows
        head.size, head.hash = head.size + 1, row.hash
    session.add_all(names)


def list_activity(
    session: Session, sought: ActivityFilter, limit: int | None = None, offset: int = 0
) -> list[NamedEntry]:
    """The entries that match, newest first, after the first `offset` of them."""
    found = _matching(select(ActivityRow), sought)
    rows = session.scalars(found.order_by(ActivityRow.position.desc()).limit(limit).offset(offset)).all()
    known = names_of(session, [each.position for each in rows])
    return [_with_names(each, known) for each in rows]


def count_activity(session: Session, sought: ActivityFilter) -> int:
    """How many entries match."""
    return session.scalar(_matching(select(func.count()).select_from(ActivityRow), sought)) or 0


@dataclass(frozen=True, slots=True)
class ActivityChoices:
    """What there is in the log to filter by."""

    actors: tuple[str, ...]
    acts: tuple[str, ...]
    programmes: tuple[str, ...]
    ccgs: tuple[str, ...]


def activity_choices(session: Session) -> ActivityChoices:
    """Everyone who did something and whose name is still stored, and every act, programme and CCG."""
    unnamed = session.scalars(select(ActivityRow.actor).distinct().where(ActivityRow.actor.not_like(f"{PREFIX}%")))
    columns = (ActivityRow.act, ActivityRow.programme, ActivityRow.ccg)
    acts, programmes, ccgs = (
        tuple(sorted(filter(None, session.scalars(select(column).distinct())))) for column in columns
    )
    return ActivityChoices(tuple(sorted({*unnamed, *list_actors(session)})), acts, programmes, ccgs)


def _matching(found: Select[Any], sought: ActivityFilter) -> Select[Any]:
    row = ActivityRow
    if sought.actor is not None:
        by_name = row.position.in_(positions_of(sought.actor))
        found = found.where((row.actor == sought.actor) | (row.second == sought.actor) | by_name)
    for column, value in ((row.act, sought.act), (row.programme, sought.programme), (row.ccg, sought.ccg)):
        if value is not None:
            found = found.where(column == value)
    if sought.since is not None:
        found = found.where(row.time >= sought.since)
    if sought.until is not None:
        found = found.where(row.time < sought.until)
    return found


def read_entries(session: Session, positions: Sequence[int]) -> list[ActivityRow]:
    """The entries at these positions, as the chain has them."""
    found: list[ActivityRow] = []
    for start in range(0, len(positions), _BATCH):
        some = ActivityRow.position.in_(positions[start : start + _BATCH])
        found += session.scalars(select(ActivityRow).where(some))
    return found


def _with_names(row: ActivityRow, known: Mapping[tuple[int, str], ActivityNameRow]) -> NamedEntry:
    def name(part: str, value: str | None) -> str | None:
        found = known.get((row.position, part))
        return value if found is None else found.name

    actor, second = name(ACTOR, row.actor) or row.actor, name(SECOND, row.second)
    where = (row.acting_for, row.programme, row.ccg, row.reason)
    details = details_with_names(row.details, row.position, known)
    return NamedEntry(row.position, row.time, row.act, actor, second, *where, details, row.parent, row.hash)


def verify_chain(session: Session, known: Hash | None = None) -> Iterator[str]:
    """Yield what is wrong with the log: nothing if it is as written. `known` is a hash noted down earlier.

    A name must match its salted hash in the chain. It may be missing if the log says that names were removed.
    """
    removed_upto = _names_removed_upto(session)
    parent, position, seen = "", 0, known in (None, "")
    rows = iter(session.scalars(select(ActivityRow).order_by(ActivityRow.position).execution_options(yield_per=_BATCH)))
    while some := list(islice(rows, _BATCH)):
        names = names_of(session, [row.position for row in some])
        for row in some:
            if row.position != position:
                yield f"entry {position} is missing"
                position = row.position
            if row.parent != parent:
                yield f"entry {row.position} does not follow the one before it"
            if row.hash != row.chain_hash():
                yield f"entry {row.position} was changed"
            yield from _wrong_names(row, names, removed_upto)
            seen = seen or known in (row.hash, row.former)
            parent, position = row.hash, position + 1
    head = session.scalars(select(ActivityHeadRow)).one()
    if (head.size, head.hash) != (position, parent):
        yield f"{head.size} entries were written, and {position} are here"
    if not seen:
        yield "the hash that was noted down earlier is not in the log"


def _names_removed_upto(session: Session) -> int:
    """The last entry in which a name may be missing. -1 for none."""
    rows = session.scalars(select(ActivityRow.details).where(ActivityRow.act == NAMES_REMOVED))
    told = [_details(details).get("upto") for details in rows]
    return max((upto for upto in told if isinstance(upto, int)), default=-1)


def _details(written: str) -> dict[str, Json]:
    """The details of an entry. Empty if someone overwrote them with other text; the hash shows that."""
    try:
        found = parse_json(written.encode())
    except InvalidMessage:
        return {}
    return found if isinstance(found, dict) else {}


def _wrong_names(
    row: ActivityRow, names: Mapping[tuple[int, str], ActivityNameRow], removed_upto: int
) -> Iterator[str]:
    values: dict[str, Json] = {**_details(row.details), ACTOR: row.actor, SECOND: row.second}
    for part, value in values.items():
        if not isinstance(value, str) or not value.startswith(PREFIX):
            continue
        found = names.get((row.position, part))
        if found is not None and name_hash(found.salt, found.name) != value:
            yield f"a name in entry {row.position} was changed"
        if found is None and row.position > removed_upto:
            yield f"a name in entry {row.position} is gone, and the log does not say that it was removed"


def head_of(session: Session) -> tuple[int, str]:
    """The number of entries and the hash of the newest one, to be noted down elsewhere."""
    head = session.scalars(select(ActivityHeadRow)).one()
    return head.size, head.hash
