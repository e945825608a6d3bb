"""Set up a stage: disk, database, sealed programmes, and the command of every process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from scripts.demonstration.rehearsal import Rehearsal
from scripts.demonstration.server import free_address
from tests.soak.databases import Postgresql, Sqlite, opened
from tests.soak.disks import SmallDisk, small_disk
from tests.soak.electorate import bring_electorate
from tests.soak.post_office import WELL
from tests.soak.reckoning import Kept
from tests.soak.stage import ROOT, Size, Stage, SteppedClock, build_library

DISK = {"sqlite": 400, "postgresql": 700}
"""Megabytes of the database's disk."""
MAIL_TIMEOUT = 2
"""Seconds that the worker waits for the mail server."""
SETTINGS = """
database = {database}
instance = {instance}
board = {board}
programmes = {instance}
keys = {keys}

[service]
log = "json"
posts_a_minute = 0
reads_a_minute = 0

[mail]
channel = "smtp"
from = "ballot@vote.example.org"
reply_to = "help@vote.example.org"
host = "127.0.0.1"
port = {port}
tls = "none"
timeout = {timeout}
rate = 100000
links = "http://{address}"
"""


@contextmanager
def set_stage(kind: str, folder: Path, size: Size) -> Iterator[Stage]:
    """A stage on which only the database runs; every process is ended at the end."""
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder, DISK[kind]))
        database = stack.enter_context(opened(kind, folder / "disk"))
        instance = folder / "instance"
        instance.mkdir()
        programmes = bring_electorate(instance, database.url, size.practices)
        for here in programmes:
            stack.callback(here.desk.engine.dispose)
            invite(here.desk.engine, here.desk.clock, here.id, Everyone())
        stage = _stage(folder, database, disk, programmes, size)
        try:
            yield stage
        finally:
            for voter in stage.voters:
                voter.kill()
                voter.communicate()
            for kept in (stage.worker, *stage.machines, stage.post):
                kept.stop(20)


def _stage(
    folder: Path,
    database: Sqlite | Postgresql,
    disk: SmallDisk | None,
    programmes: Sequence[Rehearsal],
    size: Size,
) -> Stage:
    here, port = programmes[0], int(free_address().rpartition(":")[2])
    settings = folder / "ballot.toml"
    quoted = {
        "database": here.database,
        "instance": str(here.instance),
        "board": here.address,
        "keys": str(here.instance / "keys"),
    }
    written = {name: json.dumps(value) for name, value in quoted.items()}
    settings.write_text(SETTINGS.format(**written, port=port, timeout=MAIL_TIMEOUT, address=here.address))
    settings.chmod(0o600)
    mood = folder / "mood"
    mood.write_text(WELL)

    library = build_library(folder)
    count = database.machines
    clocks = [SteppedClock(folder / f"clock-{i}", library) for i in range(count + 1)] if library else []
    environments = [clock.environment for clock in clocks] or [{}] * (count + 1)
    ballot = [sys.executable, "-m", "ballot.cli.main"]
    machines = []
    for i, address in enumerate([here.address, *(free_address() for _ in range(count - 1))]):
        options = ["--port", address.rpartition(":")[2], "--workers", str(size.workers), "--threads", "4"]
        command = [*ballot, "serve", "--config", str(settings), *options]
        machines.append(Kept(address, command, environments[i], folder / f"serve-{i}.log"))
    worker = Kept(
        "worker",
        [*ballot, "worker", "--config", str(settings), "--unlock"],
        environments[count],
        folder / "worker.log",
        rest=3,
    )
    post = Kept(
        "post",
        [sys.executable, "-m", "tests.soak.post_office", str(port), str(folder / "post.jsonl"), str(mood)],
        {"PYTHONPATH": str(ROOT)},
        folder / "post.log",
    )
    (folder / "post.jsonl").touch()
    return Stage(folder, database, disk, programmes, machines, clocks, worker, post, mood)
