"""A sealed world is made once for each shape of it; whoever seals the same again is given its rows and files.

Sealing is a quarter of a second of keys, proofs and measuring, and some nine hundred tests begin with it. The rows are
put in through the tables, so that one snapshot does for both databases.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import Engine, Integer, delete, insert, select, text

from ballot.db.session import transaction
from ballot.db.tables import Base
from ballot.registrar.keyring import init_keys
from tests.support.databases import OWNER, as_owner

Key = tuple[str, datetime, Any, str]
TABLES = Base.metadata.sorted_tables
BY_MIGRATION = ("activity_head",)
"""Where a new database has a row already; while nothing has happened in it, that row is the same for all."""
_ANYTHING = text(
    " UNION ALL ".join(f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {t.name})" for t in TABLES if t.name not in BY_MIGRATION)
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What sealing left behind."""

    rows: dict[str, list[dict[str, Any]]]
    files: Path
    random: Any


_taken: dict[Key, Snapshot] = {}


@cache
def keys() -> Path:
    """A folder with the keys of every installation that brings none of its own."""
    folder = Path(mkdtemp(prefix="ballot-keys-"))
    init_keys(folder)
    return folder


def sealed_once(
    engine: Engine, folder: Path, draw: random.Random, now: datetime, who: object, seal: Callable[[], None]
) -> None:
    """Seal, or do as if: only where the database is empty, and everything that sealing reads is as it was then.

    That is the files, the time, what is drawn, and whatever else `who` says; and, where the database knows the app's
    role, that it was that role which sealed.
    """
    if not _is_empty(engine):
        seal()
        return
    role = None if engine.url.username == OWNER else engine.url.username
    key = (_digest(folder), now, draw.getstate(), repr((who, role)))
    if key in _taken:
        _restore(_taken[key], engine, folder, draw)
        return
    seal()
    files = Path(mkdtemp(prefix="ballot-sealed-"))
    for path in _files(folder):
        _copy(path, files / path.relative_to(folder))
    with engine.connect() as connection:
        rows = {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in TABLES}
    _taken[key] = Snapshot(rows, files, draw.getstate())


def _restore(snapshot: Snapshot, engine: Engine, folder: Path, draw: random.Random) -> None:
    with as_owner(engine) as owner, transaction(owner) as session:
        for table in TABLES:
            rows = snapshot.rows[table.name]
            if not rows:
                continue
            if table.name in BY_MIGRATION:
                session.execute(delete(table))
            session.execute(insert(table), rows)
            for column in table.primary_key if engine.dialect.name == "postgresql" else ():
                if isinstance(column.type, Integer):
                    named = {"table": table.name, "column": column.name, "last": max(row[column.name] for row in rows)}
                    session.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), named)
    for path in _files(snapshot.files):
        _copy(path, folder / path.relative_to(snapshot.files))
    draw.setstate(snapshot.random)


def _is_empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(_ANYTHING).first() is None


def _files(folder: Path) -> list[Path]:
    """All but the database, which SQLite has in the same folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("ballot.db"))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _files(folder):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(folder)} {len(data)}\n".encode() + data)
    return digest.hexdigest()


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
