"""Old backups are removed, the newest never; other files stay."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.session import reading
from ballot.office.retention import backups_due, remove_backups
from tests.integration.office.world import CLOSES
from tests.web.conftest import a_world

DAYS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Backups of 10, 40 and 50 days ago, an old folder, and a link to an old file elsewhere."""
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "folder").mkdir()
    (tmp_path / "elsewhere").write_bytes(b"kept")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    for age in (10, 40, 50):
        (folder / f"of-{age}-days").write_bytes(b"backup")
    old = (CLOSES - timedelta(days=400)).timestamp()
    for path in (folder / "folder", tmp_path / "elsewhere"):
        os.utime(path, (old, old))
    os.utime(folder / "link", (old, old), follow_symlinks=False)
    age_of(folder, 0)
    return folder


def age_of(folder: Path, more: int) -> None:
    for age in (10, 40, 50):
        moment = (CLOSES - timedelta(days=age + more)).timestamp()
        os.utime(folder / f"of-{age}-days", (moment, moment))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_older_backups_are_removed_and_the_log_is_told(tmp_path: Path, folder: Path) -> None:
    with a_world(tmp_path) as world:
        world.clock.now = CLOSES
        assert [path.name for path in backups_due(folder, CLOSES, DAYS)] == ["of-50-days", "of-40-days"]
        remove_backups(world.engine, world.clock, folder, DAYS)
        assert remove_backups(world.engine, world.clock, folder, DAYS) == []
        with reading(world.engine) as session:
            (entry,) = list_activity(session, ActivityFilter(act="backups-removed"))
    assert names(folder) == ["folder", "link", "of-10-days"]
    assert entry.details == '{"files":2}'
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"


def test_the_newest_backup_stays_however_old(folder: Path) -> None:
    age_of(folder, 1000)
    assert [path.name for path in backups_due(folder, CLOSES, DAYS)] == ["of-50-days", "of-40-days"]
