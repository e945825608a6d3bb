"""All benchmark figures in one run: `make bench`. The machine is shared and noisy; ratios say more than speeds.

The floor of verification is the scalar multiplications that no verifier of this protocol can avoid: two for each
element of a proof's commitment, and two for the signature (`floor_of`). They are timed in the same run with the same
library.
"""

from __future__ import annotations

import argparse
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.protocol.backends import available, choose
from ballot.protocol.ballots import check_ballot, parse_ballot
from ballot.protocol.elections import Election
from ballot.protocol.group import Ed25519
from bench import booth, browser, casting, england_bench, others, secrecy
from bench.archive_maker import ArchiveMaker
from bench.machine import machine

ROOT = Path(__file__).resolve().parent.parent
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
G = Ed25519()
FOR = (1, 0, 0)
PURE_BALLOTS = 200


def main() -> int:
    """Print every figure; 0 if everything measured was also correct."""
    parser = argparse.ArgumentParser(description="Print the figures.")
    parser.add_argument("--ballots", type=int, default=1000, help="how many to verify, and to cast at most")
    parser.add_argument("--stream", type=int, default=0, metavar="N", help="also verify N ballots and watch the memory")
    parser.add_argument("--ours", action="store_true", help="leave out the other program, which is installed first")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        print(f"{datetime.now(UTC):%d %B %Y}; {machine()}\n")
        status = verification(here, arguments.ballots, compare=not arguments.ours)
        for name, value in casting.figures(here, PROGRAMME):
            figure(name, value)
        for name, value in booth.figures(here, PROGRAMME, arguments.ballots):
            figure(name, value)
        deciding = [*england_bench.figures(), *secrecy.figures()]
        for name, value in [*deciding, *browser.figures(max(3, arguments.ballots // 40))]:
            figure(name, value)
        if arguments.stream:
            status |= streaming(here, arguments.stream)
    return status


def seconds(act: Callable[[], object]) -> float:
    """The seconds that an act takes on the clock."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def cpu_seconds(act: Callable[[], object]) -> float:
    """The processor seconds that an act takes in this process: fairer than the clock on a busy machine."""
    began = time.process_time()
    act()
    return time.process_time() - began


def figure(name: str, value: str) -> None:
    print(f"{name:<66}{value}", flush=True)


def floor_of(election: Election) -> tuple[int, int]:
    """The multiplications for one ballot that no verifier can avoid: with g's fixed table, and of any point.

    Each disjunct has two commitments, g^r alpha^c and y^r beta^c: one fixed, three not; the signature one each.
    """
    disjuncts = sum(2 * question.length + len(question.interval) for question in election.questions)
    return disjuncts + 1, 3 * disjuncts + 1


def verification(here: Path, count: int, *, compare: bool) -> int:
    """Encrypt, check, tally and verify `count` ballots of three answers."""
    maker = ArchiveMaker(count)
    made = seconds(lambda: maker.vote_all())
    figure("ballots encrypted and signed", f"{count / made:8.0f} /s on one core")
    ballots = [parse_ballot(G, body) for body in maker.ballots[: min(count, 300)]]
    weights = maker.public.weights()
    checked = seconds(lambda: [check_ballot(G, ballot, maker.election, weights) for ballot in ballots])
    figure("ballots checked (one at a time)", f"{len(ballots) / checked:8.0f} /s on one core")
    figure("the whole tally: close, 3 shares, result", f"{seconds(maker.finish):8.2f} s for {count} ballots")

    path = here / "bench.bel"
    path.write_bytes(maker.archive)
    fixed, any_point = floor_of(maker.election)
    point, s = G.base_power(secrets.randbelow(G.q)), secrets.randbelow(G.q)

    def multiply() -> None:
        for _ in range(count):
            for _ in range(fixed):
                G.base_power(s)
            for _ in range(any_point):
                G.power(point, s)

    floor = cpu_seconds(multiply)
    figure("the floor: multiplications alone", f"{count / floor:8.0f} /s on one core ({fixed} fixed, {any_point} not)")
    reports: list[Report] = []
    rates: dict[str, float] = {}
    for name in (name for name in available() if name != "pure"):
        alone = cpu_seconds(lambda name=name: reports.append(audit(path, Options(jobs=1, group=choose(name)))))  # type: ignore[misc]
        rates[name] = count / alone
        told = f"{alone / floor:.2f} x that floor (processor time)"
        figure(f"verification of {count} ballots, {name}", f"{rates[name]:8.0f} /s on one core, {told}")
    if "native" in rates:
        figure("", f"{rates['native'] / rates['pynacl']:8.2f} x as many with native as with pynacl")
    floor = (floor + cpu_seconds(multiply)) / 2  # Before and after, because the machine's speed varies
    figure("the floor again, mean of both times", f"{count / floor:8.0f} /s on one core")
    for name, value in others.figures(rates) if compare else ():
        figure(name, value)
    jobs = os.cpu_count() or 1
    one, all_cores = (seconds(lambda n=n: reports.append(audit(path, Options(jobs=n)))) for n in (1, jobs))  # type: ignore[misc]
    figure("", f"{count / all_cores:8.0f} /s on {jobs} cores, {one / all_cores:.2f} x one core (wall time)")
    number = min(count, PURE_BALLOTS)
    small = ArchiveMaker(number)
    with path.open("wb") as out:
        small.stream_to(out)
    pure = cpu_seconds(lambda: reports.append(audit(path, Options(group=choose("pure")))))
    figure("with nothing but Python", f"{number / pure:8.0f} /s on one core, {number} ballots")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figure("peak memory of this process so far", f"{peak // (1 if sys.platform != 'darwin' else 1024) // 1024:8} MB")
    return max(report.exit_status for report in reports)


def streaming(here: Path, count: int) -> int:
    """Verify a large archive in a separate process, and report its memory."""
    path = here / "large.bel"
    maker = ArchiveMaker(count)
    with path.open("wb") as out:
        maker.stream_to(out)
    command = [sys.executable, str(ROOT / "scripts" / "verify_tally.py"), str(path)]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    taken = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    figure(
        f"{count} ballots, {path.stat().st_size // 2**20} MB, streamed",
        f"{count / taken:8.0f} /s, peak {peak} MB a process",
    )
    figure("", done.stdout.splitlines()[-1] if done.stdout else done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
