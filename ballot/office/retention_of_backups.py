"""Backups of the database hold what was personal when they were made: files older than the settings say are removed.

The folder is for backups alone: every file in it goes when its own time is over, by the time it was last written. The
newest stays, however old, so that a run never takes the last backup away. Folders and links in it are not touched.
"""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from ballot.db.session import transaction
from ballot.office.activity import COMMAND_LINE, BackupsRemoved, note_act
from ballot.office.desk import Clock
from ballot.record.times import whole_second


def backups_due(folder: Path, now: datetime, after_days: int) -> list[Path]:
    """The files whose time is over, oldest first."""
    written = sorted((_written(path), path) for path in folder.iterdir() if stat.S_ISREG(path.lstat().st_mode))
    return [path for moment, path in written[:-1] if moment < now - timedelta(days=after_days)]


def remove_backups(engine: Engine, clock: Clock, folder: Path, after_days: int) -> list[Path]:
    """Remove them; what was removed."""
    now = whole_second(clock())
    due = backups_due(folder, now, after_days)
    for path in due:
        path.unlink()
    if due:
        with transaction(engine) as session:
            note_act(session, now, COMMAND_LINE, BackupsRemoved(len(due)))
    return due


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)
