"""The cost of casting one ballot by the number already cast: in the whole database, over many elections.

Between the sizes, the same casts fill the logs without proof checks, whose cost does not depend on the size. At each
size a number of casts are timed in full. Ballots are made by `known_logs`, since a rehearsal holds all keys.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import ballot.office.casting.cast as casting
from ballot.db.ballots import find_ballot
from ballot.db.session import reading
from ballot.office.post.voting_links import PracticeLink
from ballot.office.sealed import read_election
from ballot.office.setup.server_keys import read_server_keys
from ballot.protocol.ballots import create_ballot
from ballot.protocol.credentials import derive_private_key
from ballot.protocol.elections import Election
from ballot.roll.read import RollFile, read_files
from bench.archive_maker import KnownLogs
from bench.casting import FOR, Paper, Stopwatch, cast_paper, check_paper
from bench.england_files import read_england, write_england
from scripts.demonstration.rehearsal import Rehearsal, open_window, rehearse

TIMED = 300
A_CCG = 900


@dataclass(frozen=True, slots=True)
class At:
    """Casts into a database with this many ballots: microseconds each, of this process and on the clock.

    `proofs` is the time to check the same ballots' proofs alone, alternating with the casts: the reference on a machine
    with a varying speed.
    """

    before: int
    proofs: float
    processor: float
    wall: float


def measure(folder: Path, sizes: list[int], database: str | None) -> Iterator[At]:
    """Time casts at each size, which must rise; raises AssertionError if a ballot is refused."""
    voters = max(sizes) + TIMED + A_CCG
    set_up = prepared(folder, voters, database)
    made = papers(set_up)
    done = 0
    for size in sizes:
        with without_proofs():
            for paper in islice(made, size - done):
                cast_paper(set_up, paper)
        ready, watch, proofs = list(islice(made, TIMED)), Stopwatch(), Stopwatch()
        for paper in ready:
            proofs.time(lambda p=paper: check_paper(p))  # type: ignore[misc]
            watch.time(lambda p=paper: cast_paper(set_up, p))  # type: ignore[misc]
        done = size + TIMED
        yield At(size, *(1e6 * spent / TIMED for spent in (proofs.processor, watch.processor, watch.wall)))


def prepared(folder: Path, voters: int, database: str | None) -> Rehearsal:
    """A sealed programme of `voters` practices in CCGs of 900, which count heads."""
    ccgs = -(-voters // A_CCG)
    england = write_england(folder / "england", ccgs, ccgs * A_CCG, even=True)
    roll = read_files(RollFile("roll.csv", england.roll), [ccg.ods for ccg in read_england(england).ccgs])
    began = time.perf_counter()

    def say(word: str, _: str) -> None:
        print(f"  {word.lower()} after {time.perf_counter() - began:.0f} s", flush=True)

    return rehearse(folder, open_window(england.folder, folder), roll, say, database)


def papers(set_up: Rehearsal) -> Iterator[Paper]:
    """A ballot for each practice in turn, going from CCG to CCG."""
    group, elections = KnownLogs(), dict[str, Election]()
    draw = random.Random(secrets.token_bytes(32)).randrange
    keys, singles = set_up.trustees.keys, read_server_keys(set_up.instance, set_up.id, set_up.storage)
    links = set_up.links()
    for link in sorted(links, key=lambda link: (link.practice[-3:], link.ccg)):
        if link.ccg not in elections:
            election = elections[link.ccg] = _election(set_up, link)
            group.tell(election.public_key, (singles[election.uuid] + 2 * keys[0] - keys[1]) % group.q)
        election = elections[link.ccg]
        key = derive_private_key(group, election.uuid, link.credential)
        yield Paper(link, election, create_ballot(group, election, key, [FOR], draw).to_bytes())


def _election(set_up: Rehearsal, link: PracticeLink) -> Election:
    with reading(set_up.desk.engine) as session:
        row = find_ballot(session, set_up.id, link.ccg)
        return read_election((row and row.election) or b"")


@contextmanager
def without_proofs() -> Iterator[None]:
    """Cast without checking proofs: only to fill a database that no one will count."""
    checked = casting.check_ballot
    casting.check_ballot = lambda *_: None
    try:
        yield
    finally:
        casting.check_ballot = checked
