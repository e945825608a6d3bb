"""The dear part: every proof and signature of every ballot, in chunks, on one core or on all.

A worker is given the election and the list of credentials once, then chunks of ballots; it answers with the faults,
the credentials that voted, and the product of the chunk's choices, each to the power of its weight. No ballot stays
in memory behind its chunk. When a worker dies, nothing is checked any more and the checker says that it is `broken`:
a lost failure is never a success.
"""

from __future__ import annotations

import gc
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from ballot.protocol.ballots import Ballot, ballot_faults, parse_ballot
from ballot.protocol.elections import Election
from ballot.protocol.elgamal import check_ciphertext
from ballot.protocol.errors import InvalidElement, InvalidMessage
from ballot.protocol.group import Element, Group
from ballot.protocol.tally import EncryptedTally, Tally

CHUNK = 64
CHUNK_BYTES = 2**22
QUEUED_PER_WORKER = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """What a ballot is checked against, and with whose arithmetic."""

    group: Group
    election: Election
    weights: Mapping[Element, int]


@dataclass(slots=True)
class ChunkFindings:
    """What a worker found: faults by height, the credential of each ballot that can be tallied, their product."""

    faults: list[tuple[int, InvalidMessage]] = field(default_factory=list)
    voted: list[tuple[int, Element]] = field(default_factory=list)
    last: int = 0
    """The height of the last ballot of the chunk."""
    earlier: int = 0
    """How many of them were verified in an earlier run, and not again."""
    tally: EncryptedTally = ()


Chunk = list[tuple[int, bytes]]
"""Heights and ballots."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cycle collector, for the length of a chunk: ballots hold no cycles, and looking costs 3 %."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def check_chunk(setting: Setting, chunk: Chunk, verified: bool = False) -> ChunkFindings:
    """Every fault in these ballots, and what those that can be tallied add up to.

    Of ballots `verified` in an earlier run the proofs and signatures are not looked at again; they are counted anew.
    """
    findings = ChunkFindings(last=chunk[-1][0] if chunk else 0, earlier=len(chunk) if verified else 0)
    tally = Tally(setting.group, setting.election)
    for height, body in chunk:
        try:
            ballot = parse_ballot(setting.group, body)
        except InvalidMessage as fault:
            findings.faults.append((height, fault))
            continue
        faults = [] if verified else list(ballot_faults(setting.group, ballot, setting.election, setting.weights))
        findings.faults += [(height, fault) for fault in faults]
        if (not faults or can_be_tallied(setting, ballot)) and add_to(tally, setting, ballot):
            findings.voted.append((height, ballot.credential))
    findings.tally = tally.encrypted
    return findings


def can_be_tallied(setting: Setting, ballot: Ballot) -> bool:
    """Whether a faulty ballot has the shape and the elements that a tally needs, though its proofs may not hold.

    It is then counted as the server counted it, so that one fault is told once and not again as a wrong tally.
    """
    if [len(a.choices) for a in ballot.answers] != [q.length for q in setting.election.questions]:
        return False
    try:
        for answer in ballot.answers:
            for c in answer.choices:
                check_ciphertext(setting.group, c)
    except InvalidElement:
        return False
    return True


def add_to(tally: Tally, setting: Setting, ballot: Ballot) -> bool:
    """Count a ballot of a listed credential; its elements are known to be in the group."""
    weight = setting.weights.get(ballot.credential)
    if weight is None:
        return False
    tally.add([answer.choices for answer in ballot.answers], weight)
    return True


_setting: Setting


def _start_worker(setting: Setting) -> None:
    global _setting
    _setting = setting
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started us is interrupted, and ends us


def _check_in_worker(chunk: Chunk, verified: bool) -> ChunkFindings:
    return check_chunk(_setting, chunk, verified)


class BallotChecker:
    """Takes ballots one by one, hands findings on in the order of the archive, keeps few chunks in flight.

    `is_verified` answers whether everything up to a height was verified in an earlier run.
    """

    def __init__(
        self,
        setting: Setting,
        jobs: int,
        on_findings: Callable[[ChunkFindings], None],
        is_verified: Callable[[int], bool],
    ) -> None:
        self._setting = setting
        self._on_findings = on_findings
        self._is_verified = is_verified
        self._chunk: Chunk = []
        self._bytes = 0
        self.broken = False
        self._queue: deque[Future[ChunkFindings]] = deque()
        self._room = jobs * QUEUED_PER_WORKER
        self._pool = None if jobs == 1 else ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(setting,))

    def add(self, height: int, body: bytes) -> None:
        """Check this ballot, soon."""
        self._chunk.append((height, body))
        self._bytes += len(body)
        if len(self._chunk) >= CHUNK or self._bytes >= CHUNK_BYTES:
            self._flush(self._room)

    def _flush(self, room: int) -> None:
        """Hand the chunk on, and wait until no more than `room` are under way."""
        chunk, self._chunk, self._bytes = self._chunk, [], 0
        if self.broken:
            return
        try:
            self._check(chunk, room)
        except BrokenExecutor:
            self.broken = True
            self._queue.clear()

    def _check(self, chunk: Chunk, room: int) -> None:
        verified = bool(chunk) and self._is_verified(chunk[-1][0])
        if self._pool is None:
            self._on_findings(check_chunk(self._setting, chunk, verified))
            return
        self._queue.append(self._pool.submit(_check_in_worker, chunk, verified))
        while len(self._queue) > room:
            self._on_findings(self._queue.popleft().result())

    def finish(self) -> None:
        """Check what is left; every worker's answer has been awaited when this returns, or it is `broken`."""
        self._flush(0)
        self.close()

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
