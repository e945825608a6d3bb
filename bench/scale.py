"""The cost curve from a thousand voters to a million: `make curve`, docs/scale.md.

.venv/bin/python -m bench.scale archives 1000 10000 100000 1000000
.venv/bin/python -m bench.scale archives --an-election 100000 100000        # one large election
.venv/bin/python -m bench.scale casting 1000 10000 --database postgresql

A million takes twenty minutes of processor time, and half of that on two idle cores. Every figure is processor time
for one ballot: a flat curve means that the cost does not grow. It asserts nothing, since no test is timed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from ballot.protocol.backends import choose
from bench import scale_archives


def main() -> int:
    """Print the figures of the sizes asked for."""
    parser = argparse.ArgumentParser(description="Print what a ballot costs, by how many there are.")
    parts = parser.add_subparsers(dest="part", required=True)
    archives = parts.add_parser("archives", help="make and verify elections")
    archives.add_argument("voters", type=int, nargs="+")
    archives.add_argument("--an-election", type=int, default=1000, metavar="N", help="voters in each election")
    archives.add_argument("--minutes", type=float, default=60, metavar="M", help="stop then, and say how far it came")
    cast = parts.add_parser("casting", help="cast into databases that hold so many ballots")
    cast.add_argument("sizes", type=int, nargs="+")
    cast.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    arguments = parser.parse_args()
    from bench.machine import machine  # It imports much, and the measured processes import this file

    print(f"{datetime.now(UTC):%d %B %Y}; {machine()}; {choose().backend}\n", flush=True)
    if arguments.part == "casting":
        print_casting(sorted(arguments.sizes), arguments.database)
        return 0
    for voters in arguments.voters:
        print_archives(scale_archives.measure(voters, arguments.an_election, arguments.minutes))
    return 0


def print_archives(size: scale_archives.Size) -> None:
    """One size, in a few lines."""
    n = size.done
    if n < size.voters:
        print(f"{size.voters:,} were asked for; the time was over after {n:,}")
    for name, value in (
        (f"{n:,} voters in elections of {size.an_election:,}", f"{size.wall:8.0f} s on the clock, two processes"),
        ("made", f"{1e6 * size.made.seconds / n:8.0f} us a ballot; at most {size.made.most // 1024} MB"),
        ("verified", f"{1e6 * size.verified.seconds / n:8.0f} us a ballot; at most {size.verified.most // 1024} MB"),
        ("in the archive", f"{size.size / n:8.0f} bytes a ballot"),
    ):
        print(f"{name:<44}{value}", flush=True)


def print_casting(sizes: list[int], database: str) -> None:
    """A line for each size."""
    from bench import scale_casting
    from bench.casting import postgresql

    with ExitStack() as stack:
        here = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None if database == "sqlite" else stack.enter_context(postgresql(here))
        for at in scale_casting.measure(here, sizes, url):
            ratio = at.processor / at.proofs
            told = f"{at.processor:8.0f} us of this process, {ratio:.2f} x its proofs; {at.wall:8.0f} us on the clock"
            print(f"{f'a cast after {at.before:,}, {database}':<44}{told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
