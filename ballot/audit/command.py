"""The auditor's command: `python3 scripts/verify_tally.py RECORD`, `python3 -m ballot.audit RECORD`, `ballot verify`.

Exit status 0: verified. 1: something failed or was skipped, or the election is not tallied and no --stage was given.
2: there is nothing to audit, or an argument cannot be used. 130: interrupted. The report goes to standard output, and
a progress bar to standard error if that is a terminal.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TextIO

from ballot.audit.catalogue import Stage
from ballot.audit.cluster import NoCluster, connect
from ballot.audit.memory import Memory, UntrustedMemory, home_folder, read_key
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable
from ballot.protocol.backends import NoBackend, available, choose, cross_checked
from ballot.protocol.crosscheck import Disagreement
from ballot.strict.printable import printable_lines

WIDTH = 20
PAUSE = 0.1
"""Seconds between two updates of the progress bar."""


class ProgressBar:
    """Shows the bytes read so far, of `total` if that is known. `clock` counts seconds."""

    def __init__(self, total: int | None, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._stream, self._clock = total, stream, clock
        self._shown = stream.isatty()
        self._done, self._began, self._drawn = 0, clock(), 0.0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def update(self, read: int) -> None:
        """Add the number of bytes just read."""
        self._done += read
        now = self._clock()
        if self._shown and now - self._drawn >= PAUSE:
            self._drawn = now
            self._stream.write(f"\r{self._line(now - self._began)}\x1b[K")
            self._stream.flush()

    def _line(self, seconds: float) -> str:
        rate = self._done / max(seconds, PAUSE)
        progress = f"{self._done / 1e6:.1f} MB, {rate / 1e6:.2f} MB/s"
        if not self._total:
            return progress
        share = min(self._done / self._total, 1.0)
        full = int(share * WIDTH)
        left = max(self._total - self._done, 0) / max(rate, 1.0)
        return f"{share:4.0%} [{'#' * full}{'.' * (WIDTH - full)}] {progress}, {left:.0f} s left"


DISAGREED = 1
INTERRUPTED = 130


def make_parser(prog: str) -> argparse.ArgumentParser:
    """The arguments; they are a stable interface."""
    parser = argparse.ArgumentParser(
        prog=prog, description="Verify a published record (a folder or its .zip) or a single .bel archive."
    )
    parser.add_argument("record", metavar="RECORD", type=Path)
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
    parser.add_argument("--stage", choices=[stage.value for stage in Stage], help="the stage expected")
    parser.add_argument("--trust", metavar="FILE", type=Path, help="fingerprints that you trust, one a line")
    parser.add_argument(
        "--since", metavar="OLDER", type=Path, help="an older copy: check that nothing was removed or rewritten"
    )
    parser.add_argument(
        "--receipt", metavar="FILE", type=Path, action="append", default=[], help="a practice's receipt (repeatable)"
    )
    parser.add_argument(
        "--jobs", metavar="N", type=_jobs, default=_jobs("0"), help="number of processes; 0: one for each core"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="check ballots on the workers of your own Dask scheduler"
    )
    parser.add_argument(
        "--resume", metavar="FILE", type=Path, help="remember verified ballots in this file, and continue from it"
    )
    wanted, names = os.environ.get("BALLOT_BACKEND") or None, ", ".join(available())
    parser.add_argument("--backend", metavar="NAME", default=wanted, help=f"arithmetic, one of {names}")
    parser.add_argument(
        "--cross-check", action="store_true", help="verify with two backends, and fail if they ever differ (slower)"
    )
    return parser


def _jobs(value: str) -> int:
    number = int(value)
    if not 0 <= number <= 1024:
        raise ValueError
    return number or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else number or os.cpu_count() or 1


def main(argv: list[str] | None = None, prog: str = "verify_tally.py") -> int:
    """Run the audit and print its report; returns the exit status."""
    parser = make_parser(prog)
    arguments = parser.parse_args(argv)
    try:
        group = (cross_checked if arguments.cross_check else choose)(arguments.backend)
    except (NoBackend, ImportError) as fault:
        parser.error(printable_lines(str(fault)))
    try:
        rests_on = f"{group.backend}, on the word of a cluster" if arguments.scheduler else group.backend
        memory = Memory(arguments.resume, read_key(home_folder()), rests_on) if arguments.resume else None
    except (UntrustedMemory, OSError) as fault:
        parser.error(printable_lines(f"--resume: {fault}"))
    try:
        workers = connect(arguments.scheduler, group) if arguments.scheduler else None
    except NoCluster as fault:
        parser.error(printable_lines(f"--scheduler: {fault}"))
    stage = None if arguments.stage is None else Stage(arguments.stage)
    total = _bytes_of_archives(arguments.record)
    with ProgressBar(total, sys.stderr) as bar:
        options = Options(
            stage,
            arguments.trust,
            arguments.since,
            arguments.receipt,
            arguments.jobs,
            bar.update,
            group,
            memory,
            workers,
        )
        try:
            report = audit(arguments.record, options)
        except Unreadable as fault:
            print(printable_lines(str(fault)), file=sys.stderr)
            return 2
        except Disagreement as fault:
            print(printable_lines(f"Nothing is verified: {fault}"), file=sys.stderr)
            return DISAGREED
        except KeyboardInterrupt:
            kept = f"; what was verified is in {arguments.resume}" if memory else ""
            print(printable_lines(f"Interrupted: nothing is verified{kept}"), file=sys.stderr)
            return INTERRUPTED
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that cannot show a character still gets the verdict
        sys.stdout.reconfigure(errors="backslashreplace")
    _print(report.to_json() if arguments.json else report.to_text())
    return report.exit_status


def _print(text: str) -> None:
    """Print to standard output. If its reader stops early, the exit status stays the same."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bytes_of_archives(path: Path) -> int | None:
    """The total for the progress bar; None if unknown. The audit reports what is wrong with the files."""
    try:
        if path.is_dir():
            return sum(file.lstat().st_size for file in path.glob("elections/*.bel"))
        return path.stat().st_size if path.is_file() and path.suffix == ".bel" else None
    except OSError:
        return None
