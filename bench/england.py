"""England as one programme: 191 CCGs, 6,830 made-up practices, through the real office: `make england`.

It goes from the roll to a record that the auditor's script verifies, and each act uses the production code. A table
shows what each phase took. `--database postgresql` starts a separate server. It asserts only that the record verifies.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from ballot.db.archive import archive_pieces
from ballot.db.ballots import find_ballot
from ballot.db.session import reading
from ballot.office.acts.counting import Decide, Declare, GiveShare
from ballot.office.acts.window import CloseEarly
from ballot.office.board.publish import publish
from ballot.office.desk import Why
from ballot.office.on_time import tick
from ballot.office.perform import perform
from ballot.office.tally import SERVER, server_share
from ballot.record.programme_events import ReasonCode
from ballot.roll.read import RollFile, read_files
from bench import page_times
from bench.casting import cast_paper, papers, postgresql
from bench.england_files import CCGS, PRACTICES, read_england, write_england
from bench.machine import machine
from scripts.demonstration.mail import post_round
from scripts.demonstration.moods import Moods
from scripts.demonstration.rehearsal import Rehearsal, open_window, rehearse
from scripts.demonstration.trustees import decrypt_total

ROOT = Path(__file__).resolve().parent.parent
DECRYPTING = (1, 3)
WHY = Why(ReasonCode.REHEARSAL)


class Phases:
    """The table: seconds on the clock, processor seconds, and this process's peak memory so far.

    The time of a PostgreSQL server's own processes is in the first only.
    """

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), processor_seconds()
        print(f"{'phase':<44}{'seconds':>9}{'processor':>11}{'MB':>7}", flush=True)

    def over(self, name: str, what: str = "") -> None:
        """Close a phase: it took everything since the last one."""
        wall, processor = time.perf_counter(), processor_seconds()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        told = f"{wall - self._wall:9.1f}{processor - self._processor:11.1f}{most:7}"
        print(f"{f'{name}  {what}'[:44]:<44}{told}", flush=True)
        self._wall, self._processor = time.perf_counter(), processor_seconds()


def processor_seconds() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def main() -> int:
    """Run it; the exit status of the auditor's script."""
    parser = argparse.ArgumentParser(description="Run England as one programme.")
    parser.add_argument("--ccgs", type=int, default=CCGS)
    parser.add_argument("--practices", type=int, default=PRACTICES)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="an empty folder for everything that it makes")
    arguments = parser.parse_args()
    print(f"{datetime.now(UTC):%d %B %Y}; {machine()}; {arguments.database}\n")
    with ExitStack() as stack:
        here = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = None if arguments.database == "sqlite" else stack.enter_context(postgresql(here))
        return run(here, arguments.ccgs, arguments.practices, url)


def run(here: Path, ccgs: int, practices: int, database: str | None) -> int:
    """Run everything in a folder; return the exit status of the auditor's script."""
    phases = Phases()
    england = write_england(here / "england", ccgs, practices)
    programme = read_england(england)
    roll = read_files(RollFile("roll.csv", england.roll), [ccg.ods for ccg in programme.ccgs])
    phases.over("roll read", f"{len(programme.ccgs)} CCGs, {len(roll.members):,} practices")
    names = {"Keys tried": "prepared", "Issued": "issued", "Sealed": "sealed"}
    said: Callable[[str, str], None] = lambda word, _: phases.over(names[word]) if word in names else None  # noqa: E731
    set_up = rehearse(here, open_window(england.folder, here), roll, said, database)
    tick(set_up.desk)
    phases.over("opened", "every CCG")
    phases.over("invited", f"{post_round(set_up):,} e-mails")
    moods = Moods(programme, "1")
    given = papers(set_up, lambda ccg: moods.vote(ccg))
    phases.over("encrypted", f"{len(given):,} ballots, by their practices")
    for paper in given:
        cast_paper(set_up, paper)
    phases.over("cast", f"{len(given):,}")
    phases.over("receipts", f"{post_round(set_up):,} e-mails")
    count(set_up, phases)
    record = here / "record"
    publish(set_up.desk, set_up.id, record, lambda _: phases.over("record written"))
    phases.over("published", f"{size_of(record) / 1e6:.0f} MB, zip {size_of(record.with_suffix('.zip')) / 1e6:.0f} MB")
    for page in page_times.ask(here, set_up.desk.engine, set_up.id, programme.ccgs[0].ods):
        told = f"{page.size // 1024:6} kB, {page.first:.0f} ms of a core, then {page.second:.0f} ms"
        print(f"  {page.path:<44}{page.status:4}{told}", flush=True)
    phases.over("pages", "each asked for twice")
    return verify(record, set_up, phases)


def count(set_up: Rehearsal, phases: Phases) -> None:
    """Close, decrypt, decide, declare."""
    desk, names = set_up.desk, [ccg.ods for ccg in set_up.files.programme.ccgs]
    for name in names:
        perform(desk, set_up.id, CloseEarly(name), set_up.officers, WHY)
    phases.over("closed", "every CCG")
    for name in names:
        body = server_share(desk, set_up.id, name, set_up.instance, set_up.storage)
        perform(desk, set_up.id, GiveShare(name, SERVER, body))
    phases.over("the server's shares")
    shares = [(name, number, trustee_share(set_up, name, number)) for name in names for number in DECRYPTING]
    phases.over("two trustees", "verified and decrypted every total")
    for name, number, share in shares:
        perform(desk, set_up.id, GiveShare(name, 1 + number, share))
    phases.over("their shares checked, totals opened")
    perform(desk, set_up.id, Decide())
    phases.over("decided")
    perform(desk, set_up.id, Declare(), set_up.officers)
    phases.over("declared")


def trustee_share(set_up: Rehearsal, name: str, number: int) -> bytes:
    """A trustee's work on a separate machine, with the published archive."""
    path = set_up.instance / f"{name}.bel"
    with reading(set_up.desk.engine) as session, path.open("wb") as out:
        ballot = find_ballot(session, set_up.id, name)
        assert ballot is not None
        for piece in archive_pieces(session, ballot):
            out.write(piece)
    share = decrypt_total(path, set_up.trustees.keys[number - 1])
    path.unlink()
    return share


def verify(record: Path, set_up: Rehearsal, phases: Phases) -> int:
    """Run the auditor's script, in a separate process for each way to run it."""
    trusted = record.with_name("trusted.txt")
    trusted.write_text(f"{set_up.id} {set_up.fingerprint}\n")
    status = 0
    script = str(ROOT / "scripts" / "verify_tally.py")
    for given, jobs in ((record, "1"), (record, "2"), (record.with_name(f"{record.name}.zip"), "2")):
        command = [sys.executable, script, str(given), "--trust", str(trusted), "--jobs", jobs]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        phases.over("verified", f"{given.name}, --jobs {jobs}")
        status = status or done.returncode
        print("  " + (done.stdout or done.stderr).splitlines()[-1])
    return status


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


if __name__ == "__main__":
    sys.exit(main())
