"""Figures of casting, for `make bench`: the cost of an accepted vote compared with the check of its own proofs.

`.venv/bin/python -m bench.casting` prints only these. For each ballot in turn, its proofs are checked alone and the
ballot is cast, so that a change of the machine's speed affects both. In-process figures are processor time of this
process; PostgreSQL works in other processes, so the time on the clock is given too. Nothing is turned off: every vote
is on disk before its receipt is issued.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ballot.constitution.programme import load_programme
from ballot.db.ballots import find_ballot
from ballot.db.session import reading
from ballot.office.casting.cast import cast
from ballot.office.post.voting_links import PracticeLink
from ballot.office.sealed import GROUP, read_election
from ballot.protocol.ballots import check_ballot, create_ballot, parse_ballot
from ballot.protocol.credentials import derive_private_key
from ballot.protocol.elections import Election
from ballot.protocol.group import Ed25519
from ballot.roll.read import RollFile, read_files
from scripts.demonstration.rehearsal import Rehearsal, open_window, rehearse
from scripts.demonstration.voter import SAID

ROOT = Path(__file__).resolve().parents[1]
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
FOR = (1, 0, 0)
WARM = 15
"""Casts that fill caches and are not timed."""
GOAL = 2.0


@dataclass(frozen=True, slots=True)
class Paper:
    """An encrypted ballot, ready to be cast."""

    link: PracticeLink
    election: Election
    body: bytes


def figures(here: Path, source: Path = PROGRAMME) -> Iterator[tuple[str, str]]:
    """Name and value, line by line."""
    for kind, database in (("SQLite", None), ("PostgreSQL", "postgresql")):
        folder = here / kind
        folder.mkdir()
        with ExitStack() as stack:
            url = None if database is None else stack.enter_context(postgresql(folder))
            yield from _of(kind, prepared(folder, source, url))


def _of(kind: str, set_up: Rehearsal) -> Iterator[tuple[str, str]]:
    made = papers(set_up)
    for paper in made[:WARM]:
        cast_paper(set_up, paper)
    checked, accepted = Stopwatch(), Stopwatch()
    for paper in made[WARM:]:
        checked.time(lambda p=paper: check_paper(p))  # type: ignore[misc]
        accepted.time(lambda p=paper: cast_paper(set_up, p))  # type: ignore[misc]
    count = len(made) - WARM
    if kind == "SQLite":
        yield "proofs of a ballot checked, alone", f"{count / checked.processor:8.0f} /s on one core"
    ratio = accepted.processor / checked.processor
    told = f"{ratio:.2f} x its proofs (the goal: {GOAL})"
    yield f"ballots accepted in-process, {kind}", f"{count / accepted.processor:8.0f} /s on one core, {told}"
    yield "", f"{count / accepted.wall:8.0f} /s on the clock, the disk and the database's own processes included"


class Stopwatch:
    """Adds up processor time and time on the clock."""

    def __init__(self) -> None:
        self.processor = self.wall = 0.0

    def time(self, act: Callable[[], object]) -> None:
        processor, wall = time.process_time(), time.perf_counter()
        act()
        self.processor += time.process_time() - processor
        self.wall += time.perf_counter() - wall


def check_paper(paper: Paper) -> None:
    """Read a ballot and check its proofs only: the least that any acceptance costs."""
    ballot = parse_ballot(GROUP, paper.body)
    check_ballot(GROUP, ballot, paper.election, {ballot.credential})


def cast_paper(set_up: Rehearsal, paper: Paper) -> None:
    """Cast a ballot in this process; it must be accepted."""
    desk, link = set_up.desk, paper.link
    answer = cast(desk.engine, desk.clock, set_up.id, link.ccg, link.token, paper.body, desk.board, SAID.to_bytes())
    if answer.receipt is None:
        raise AssertionError(f"a ballot was refused: {answer.word}")


def prepared(folder: Path, source: Path, database: str | None) -> Rehearsal:
    """A sealed programme with an open window, in the database at this URL or in its own SQLite file."""
    copy = open_window(source, folder)
    programme = load_programme((copy / "programme.toml").read_bytes(), "programme.toml")
    roll = read_files(RollFile("roll.csv", (source / "roll.csv").read_bytes()), [ccg.ods for ccg in programme.ccgs])
    return rehearse(folder, copy, roll, lambda word, what: None, database)


def papers(set_up: Rehearsal, choose: Callable[[str], list[tuple[int, ...]] | None] = lambda _: [FOR]) -> list[Paper]:
    """A ballot for every practice of the CCGs for which `choose` returns a choice."""
    group, elections = Ed25519(), dict[str, Election]()
    made: list[Paper] = []
    for link in set_up.links():
        choice = choose(link.ccg)
        if choice is None:
            continue
        if link.ccg not in elections:
            with reading(set_up.desk.engine) as session:
                row = find_ballot(session, set_up.id, link.ccg)
                elections[link.ccg] = read_election((row and row.election) or b"")
        election = elections[link.ccg]
        key = derive_private_key(group, election.uuid, link.credential)
        body = create_ballot(group, election, key, choice, secrets.randbelow).to_bytes()
        made.append(Paper(link, election, body))
    return made


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a separate PostgreSQL server; it stops when the block ends."""
    from tests.support.databases import postgresql_server

    with postgresql_server() as server:
        yield server()


def main(argv: Sequence[str]) -> int:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value in figures(Path(folder)):
            print(f"{name:<66}{value}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
