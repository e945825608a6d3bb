"""Make and verify many elections: the cost and memory of a ballot, from a thousand to a million.

One process makes an election's archive while another verifies the one before. Each reports its processor time, which
other load hardly changes, and its peak memory. Every archive is deleted once verified.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ballot.audit.run import Options, audit
from bench.archive_maker import ArchiveMaker

AHEAD = 4
"""The most archives that are being made, stored or verified at once."""


class NotVerified(Exception):
    """An archive made to be valid does not verify: then no figure means anything."""


@dataclass(slots=True)
class Spent:
    """A process's processor seconds over all of its archives, and its memory at the end and at its peak, in kB."""

    seconds: float = 0.0
    memory: int = 0
    most: int = 0

    def add(self, other: Spent) -> None:
        self.seconds += other.seconds
        self.memory, self.most = other.memory, max(self.most, other.most)


@dataclass(slots=True)
class Size:
    """The cost of one size, as far as it was `done`. `wall` is in seconds on the clock."""

    voters: int
    an_election: int
    done: int = 0
    size: int = 0
    made: Spent = field(default_factory=Spent)
    verified: Spent = field(default_factory=Spent)
    wall: float = 0.0


def measure(voters: int, an_election: int, minutes: float) -> Size:
    """Make and verify `voters` ballots, `an_election` to each election, in at most `minutes`; raises NotVerified."""
    size = Size(voters, min(voters, an_election))
    elections = voters // size.an_election
    began = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as here,
        ProcessPoolExecutor(1, context) as makers,
        ProcessPoolExecutor(1, context) as verifiers,
    ):
        made: deque[Future[tuple[Path, int, Spent]]] = deque()
        verified: deque[Future[Spent]] = deque()
        begun = 0
        while begun < elections or made or verified:
            if begun < elections and time.perf_counter() - began > 60 * minutes:
                elections = begun
            if begun < elections and len(made) + len(verified) < AHEAD:
                made.append(makers.submit(make, Path(here) / f"{begun}.bel", size.an_election))
                begun += 1
            elif made:
                path, length, spent = made.popleft().result()
                size.size += length
                size.made.add(spent)
                verified.append(verifiers.submit(verify, path))
            else:
                size.verified.add(verified.popleft().result())
                size.done += size.an_election
                _say(size, voters)
    size.wall = time.perf_counter() - began
    return size


def _say(size: Size, voters: int) -> None:
    """Print about ten lines on the way, so that growing memory is visible."""
    if size.done % max(size.an_election, voters // 10) == 0:
        each = 1e6 * size.verified.seconds / size.done
        print(f"  {size.done:,} verified: {each:.0f} us each, {size.verified.memory // 1024} MB", flush=True)


def make(path: Path, voters: int) -> tuple[Path, int, Spent]:
    """Make an election's archive; return its length in bytes and what it took."""
    began = time.process_time()
    with path.open("wb") as out:
        ArchiveMaker(voters, quickly=True).stream_to(out)
    return path, path.stat().st_size, spent_since(began)


def verify(path: Path) -> Spent:
    """Verify and remove an archive; raises NotVerified."""
    began = time.process_time()
    report = audit(path, Options(jobs=1))
    if not report.verified:
        raise NotVerified(report.verdict)
    path.unlink()
    return spent_since(began)


def spent_since(began: float) -> Spent:
    """What this process has spent since `began`; no memory if the system does not report it."""
    words = Path("/proc/self/status").read_text("ascii") if os.path.exists("/proc/self/status") else ""
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in words.splitlines() if line.startswith("Vm")}
    return Spent(time.process_time() - began, kilobytes.get("VmRSS", 0), kilobytes.get("VmHWM", 0))
