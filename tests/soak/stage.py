"""All processes of a soak: serving machines, the mail worker, the mail server, the voters.

Each has a clock of its own, which can be changed while the process runs (step_clock.c, by LD_PRELOAD). The system's
clock is shared and stays as it is; the code under test reads its time as usual.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts import compiler
from scripts.demonstration.rehearsal import Rehearsal
from tests.soak.databases import Postgresql, Sqlite
from tests.soak.disks import SmallDisk
from tests.soak.post_office import WELL
from tests.soak.reckoning import Kept
from tests.soak.voters import is_ready

SOURCE = Path(__file__).with_name("step_clock.c")


class SteppedClock:
    """The clock of one process: by how many seconds it is wrong."""

    def __init__(self, path: Path, library: Path) -> None:
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "SOAK_CLOCK": str(path)}

    def step(self, seconds: int) -> None:
        """Set the clock wrong by this much from now on; 0 sets it right."""
        self._map[:8] = struct.pack("=q", seconds)


def build_library(folder: Path) -> Path | None:
    """Build the library that changes clocks; None without a C compiler."""
    path = compiler.find()
    if path is None:
        return None
    library = folder / "step_clock.so"
    command = [path, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True)
    return library


SETTLED = 10
"""Seconds after which a worker has certainly begun its rounds."""
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a soak is."""

    practices: dict[str, int]
    """How many practices each policy's programme has."""
    voters: int
    """Processes."""
    threads: int
    """Of each."""
    pause: float
    """Average seconds between two practices of a thread."""
    workers: int
    """Of each machine."""


@dataclass
class Stage:
    """Everything that faults can hit."""

    folder: Path
    database: Sqlite | Postgresql
    disk: SmallDisk | None
    programmes: Sequence[Rehearsal]
    machines: list[Kept]
    clocks: list[SteppedClock]
    """One for each machine, and the last for the worker; empty without a compiler."""
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
        """How many receipts were issued so far."""
        return sum(path.read_bytes().count(b'"status": 200') for path in self.voters_journals)

    def set_mood(self, mood: str) -> None:
        """Set the mail server's behaviour from now on."""
        new = self.mood.with_suffix(".new")
        new.write_text(mood)
        new.replace(self.mood)

    def start(self) -> None:
        """Start the serving processes; return when every machine answers."""
        for kept in (self.post, *self.machines, self.worker):
            kept.start()
        for machine in self.machines:
            self.wait_for(machine)

    def wait_for(self, machine: Kept, patience: float = 60) -> None:
        """Wait until it answers; raises TimeoutError."""

        until = time.monotonic() + patience
        while not is_ready(f"http://{machine.name}"):
            if time.monotonic() > until:
                raise TimeoutError(f"{machine.name} does not answer: {machine.log.read_text()[-1000:]}")
            time.sleep(0.1)

    def wait_for_worker(self, patience: float = 15) -> None:
        """Wait until it runs, and has run long enough to have checked its clock."""
        until = time.monotonic() + patience
        while time.monotonic() < until and not (self.worker.pid and time.time() - self.worker.began > SETTLED):
            time.sleep(0.2)

    def vote(self, seed: str, size: Size) -> None:
        """Start the voters; return when they have read what they need."""
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
            command = [sys.executable, "-m", "tests.soak.voters", str(path), str(size.threads)]
            self.voters.append(
                subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, start_new_session=True)
            )
            log.close()
        for voter in self.voters:
            assert voter.stdout is not None
            if voter.stdout.readline() != b"voting\n":
                raise OSError(1, "the voters did not begin; see voters-*.log", str(self.folder))

    def end_votes(self, patience: float = 200) -> list[int]:
        """Tell the voters to end and wait for each answer; return their exit statuses. Kill those without an answer."""
        for voter in self.voters:
            voter.send_signal(signal.SIGTERM)
        until = time.monotonic() + patience
        for voter in self.voters:
            with contextlib.suppress(subprocess.TimeoutExpired):
                voter.wait(max(0, until - time.monotonic()))
            voter.kill()
        return [voter.wait() for voter in self.voters]

    def heal(self) -> None:
        """Put everything right: room on the disk, clocks, the mail server, the database."""
        if self.disk is not None:
            self.disk.free()
        for clock in self.clocks:
            clock.step(0)
        self.set_mood(WELL)
        self.database.heal()
        for machine in self.machines:
            self.wait_for(machine)
