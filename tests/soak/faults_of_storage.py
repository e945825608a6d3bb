"""Disks that are full, slow or frozen; databases that are killed, stopped or locked, and then restarted here."""

from __future__ import annotations

import random
import time

from tests.soak.databases import Postgresql, Sqlite, kill
from tests.soak.lasting import some
from tests.soak.stage import Stage


def fill_disk(stage: Stage, dice: random.Random) -> str | None:
    """Leave no free block on the database's disk."""
    if stage.disk is None:
        return None
    stage.disk.fill()
    seconds = some(dice, 2, 8)
    stage.disk.free()
    stage.database.heal()
    return f"for {seconds:.1f} s"


def freeze_disk(stage: Stage, dice: random.Random) -> str | None:
    """Every write to the database's disk waits."""
    if stage.disk is None:
        return None
    seconds = dice.uniform(1, 8)
    stage.disk.freeze(seconds)
    return f"for {seconds:.1f} s"


def slow_disk(stage: Stage, dice: random.Random) -> str | None:
    """Freeze the disk for a fraction of a second, again and again."""
    if stage.disk is None:
        return None
    times, seconds = dice.randint(8, 20), dice.uniform(0.1, 0.4)
    for _ in range(times):
        stage.disk.freeze(seconds)
        time.sleep(0.02)
    return f"{times} times {seconds:.2f} s"


def hold_lock(stage: Stage, dice: random.Random) -> str | None:
    """SQLite: another process holds the write lock, sometimes for longer than anyone waits for it."""
    assert isinstance(stage.database, Sqlite)
    seconds = dice.choice((2.0, 5.0, 33.0))
    stage.database.hold(seconds)
    return f"for {seconds:.0f} s"


def kill_backend(stage: Stage, dice: random.Random) -> str | None:
    """PostgreSQL: SIGKILL to a process that serves a connection; the server ends all of them and recovers."""
    backends = _postgresql(stage).backends()
    if not backends:
        return None
    kill(dice.choice(backends))
    return f"one of {len(backends)}"


def kill_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: SIGKILL to all its processes, and a start some time later."""
    _postgresql(stage).kill()
    seconds = some(dice, 0.2, 3)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def crash_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: an immediate shutdown, as after a loss of power, and a start."""
    _postgresql(stage).stop("immediate")
    seconds = some(dice, 0.2, 3)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def restart_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: an orderly restart."""
    _postgresql(stage).stop("fast")
    seconds = some(dice, 0, 1)
    stage.database.heal()
    return f"back after {seconds:.1f} s"


def stop_database(stage: Stage, dice: random.Random) -> str:
    """PostgreSQL: SIGSTOP to all its processes, and SIGCONT."""
    seconds = dice.uniform(1, 8)
    _postgresql(stage).stand_still(seconds)
    return f"for {seconds:.1f} s"


def _postgresql(stage: Stage) -> Postgresql:
    assert isinstance(stage.database, Postgresql)
    return stage.database
