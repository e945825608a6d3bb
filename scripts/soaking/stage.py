"""Everything that runs in a soak, as processes: machines that serve, the mail worker, the mail server, the voters."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from demonstration.rehearsal import Rehearsal
from demonstration.server import free_address

from ballot.office.invite import invite
from ballot.office.recipients import Everyone
from soaking.asking import is_ready
from soaking.clocks import SteppedClock, build_library
from soaking.databases import Postgresql, Sqlite, opened
from soaking.disks import SmallDisk, small_disk
from soaking.electorate import FINAL, LAST_COUNTS, bring_electorate
from soaking.kept import Kept
from soaking.post_office import WELL

SCRIPTS = Path(__file__).resolve().parents[1]
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


@dataclass(frozen=True, slots=True)
class Size:
    """How large a soak is."""

    practices: dict[str, int]
    """How many of each policy's programme."""
    voters: int
    """Processes."""
    threads: int
    """Of each."""
    pause: float
    """Seconds, on average, between two practices of a thread."""
    workers: int
    """Of each machine."""


@dataclass
class Stage:
    """What there is to break."""

    folder: Path
    database: Sqlite | Postgresql
    disk: SmallDisk | None
    programmes: Sequence[Rehearsal]
    machines: list[Kept]
    clocks: list[SteppedClock]
    """One for each machine, and the last for the worker; empty where there is no compiler."""
    worker: Kept
    post: Kept
    mood: Path
    voters: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def bases(self) -> list[str]:
        return [f"http://{machine.name}" for machine in self.machines]

    @property
    def post_journal(self) -> Path:
        return self.folder / "post.jsonl"

    @property
    def voters_journals(self) -> list[Path]:
        return sorted(self.folder.glob("voters-*.jsonl"))

    def receipts(self) -> int:
        """How often a receipt was handed out so far."""
        return sum(path.read_bytes().count(b'"status": 200') for path in self.voters_journals)

    def set_mood(self, mood: str) -> None:
        """How the mail server behaves from now on."""
        new = self.mood.with_suffix(".new")
        new.write_text(mood)
        new.replace(self.mood)

    def start(self) -> None:
        """Start what serves; answers when every machine does."""
        for kept in (self.post, *self.machines, self.worker):
            kept.start()
        for machine in self.machines:
            self.wait_for(machine)

    def wait_for(self, machine: Kept, patience: float = 60) -> None:
        """Until it answers; raises TimeoutError."""

        until = time.monotonic() + patience
        while not is_ready(f"http://{machine.name}"):
            if time.monotonic() > until:
                raise TimeoutError(f"{machine.name} does not answer: {machine.log.read_text()[-1000:]}")
            time.sleep(0.1)

    def vote(self, seed: str, size: Size) -> None:
        """Start the voters; answers when they have read what they need."""
        practices = [
            {
                "programme": link.programme,
                "place": f"{link.programme}/{link.ccg}",
                "practice": link.practice,
                "policy": here.files.programme.policy.value,
                "link": link.url(self.bases[0]),
            }
            for here in self.programmes
            for link in here.links()
        ]
        random.Random(seed).shuffle(practices)
        for i in range(size.voters):
            task = {
                "bases": self.bases,
                "board": self.programmes[0].desk.board.public.raw.hex(),
                "journal": str(self.folder / f"voters-{i}.jsonl"),
                "pause": size.pause,
                "seed": f"{seed} {i}",
                "practices": practices[i :: size.voters],
            }
            path = self.folder / f"voters-{i}.json"
            path.write_text(json.dumps(task))
            log = (self.folder / f"voters-{i}.log").open("wb")
            command = [sys.executable, "-m", "soaking.voters", str(path), str(size.threads)]
            self.voters.append(
                subprocess.Popen(command, cwd=SCRIPTS, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
            )
            log.close()
        for voter in self.voters:
            assert voter.stdout is not None
            if voter.stdout.readline() != b"voting\n":
                raise OSError(1, "the voters did not begin; see voters-*.log", str(self.folder))

    def end_votes(self, patience: float = 300) -> list[int]:
        """Tell the voters to end, and wait until each has its answer; their exit statuses."""
        for voter in self.voters:
            voter.send_signal(signal.SIGTERM)
        return [voter.wait(patience) for voter in self.voters]

    def heal(self) -> None:
        """Everything as it should be: room on the disk, clocks right, the mail server well, the database there."""
        if self.disk is not None:
            self.disk.free()
        for clock in self.clocks:
            clock.step(0)
        self.set_mood(WELL)
        self.database.heal()
        for machine in self.machines:
            self.wait_for(machine)


@contextmanager
def set_stage(kind: str, folder: Path, size: Size) -> Iterator[Stage]:
    """A stage on which nothing runs yet but the database; whatever runs at the end is ended."""
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
        [sys.executable, "-m", "soaking.post_office", str(port), str(folder / "post.jsonl"), str(mood)],
        {"PYTHONPATH": str(SCRIPTS)},
        folder / "post.log",
    )
    (folder / "post.jsonl").touch()
    return Stage(folder, database, disk, programmes, machines, clocks, worker, post, mood)


__all__ = ["FINAL", "LAST_COUNTS", "Size", "Stage", "set_stage"]
