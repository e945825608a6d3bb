"""Many faults on a ballot under load, then a reckoning: `make soak`.

Real processes are killed, stopped and misled, disks filled, clocks set wrong, while practices vote. In the end every
receipt must be honoured, nothing may count twice, and no e-mail may be lost. The same seed draws the same faults in the
same order; what they hit depends on the moment. Status 0: all is well; 1: something is wrong; 2: it could not run.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from scripts import compiler
from tests.soak import report, timetable
from tests.soak.electorate import FINAL, LAST_COUNTS
from tests.soak.ending import gather
from tests.soak.reckoning import reckon
from tests.soak.setting import set_stage
from tests.soak.stage import Size, Stage

KINDS = ("sqlite", "postgresql")
ENDED = 143
PAUSE = 1.5
"""Average seconds of plain voting between two faults."""
PAST_CLOSING = "a machine's clock steps past closing"


def main() -> int:
    """Run it on each database, and print the tables."""
    parser = argparse.ArgumentParser(description="Let faults rain on a ballot under load, and reckon.")
    parser.add_argument("--database", choices=KINDS, action="append", help="which; both if not given")
    parser.add_argument("--seconds", type=float, default=120, help="how long things go wrong, on each (default 120)")
    parser.add_argument("--votes", type=int, default=0, help="go on until so many receipts were handed out, on each")
    parser.add_argument("--seed", default="1", help="the faults follow from it, and what the voters do")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table there, as Markdown")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep everything there: logs, journals, records")
    options = parser.parse_args()
    if compiler.find() is None:
        print("A C compiler is needed, for clocks that can be stepped: install gcc.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # So that every process is ended and disks are thawed
    size, runs = size_for(max(options.seconds, options.votes / 2)), []
    rain = partial(timetable.run, seed=options.seed, seconds=options.seconds, votes=options.votes, pause=PAUSE)
    for kind in options.database or KINDS:
        with tempfile.TemporaryDirectory(prefix="ballot-soak-", ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary)
            if options.keep is not None:
                folder = options.keep / kind
                folder.mkdir(parents=True)
            runs.append(soak(kind, folder, options.seed, size, rain))
        print(report.to_text(runs[-1]), end="\n\n", flush=True)
    if options.write is not None:
        options.write.write_text(f"{datetime.now(UTC):%d %B %Y}; {machine()}\n\n{report.to_markdown(runs)}", "utf-8")
    return 0 if all(soaked.is_clean for soaked in runs) else 1


def size_for(seconds: float) -> Size:
    """Enough practices that some are left to vote at the end."""
    practices = {FINAL: int(max(60, 1.5 * seconds)), LAST_COUNTS: int(max(30, seconds / 4))}
    return Size(practices, voters=2, threads=3, pause=1.2, workers=2)


def soak(kind: str, folder: Path, seed: str, size: Size, rain: Callable[[Stage], timetable.Done]) -> report.Soaked:
    """One run; `rain` causes the faults, and returns what was done."""
    with set_stage(kind, folder, size) as stage:
        stage.start()
        stage.vote(seed, size)
        began = time.monotonic()
        done = rain(stage)
        lasted = time.monotonic() - began
        evidence = gather(stage, seed, done.faults[PAST_CLOSING] > 0)
        return report.Soaked(stage.database.name, seed, lasted, done, evidence, reckon(evidence))


def machine() -> str:
    """The machine in one line."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


if __name__ == "__main__":
    sys.exit(main())
