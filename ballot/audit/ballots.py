"""Check the ballots of one archive: send them to workers in chunks, and take the findings in the archive's order.

A ballot leaves memory with its chunk, and only a few chunks are in flight. If a chunk is lost, no more are sent and
`lost` says why: a lost answer never counts as success.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from ballot.audit.chunks import Chunk, ChunkFindings, credential_of
from ballot.audit.workers import Answer, LostWork, Workers
from ballot.protocol.elections import Election
from ballot.protocol.group import Element

CHUNK = 64
CHUNK_BYTES = 2**22


class BallotChecker:
    """Takes ballots one by one, passes on findings in the archive's order, and keeps few chunks in flight.

    `is_verified` answers whether an earlier run verified everything up to a height.
    """

    def __init__(
        self,
        election: Election,
        weights: Mapping[Element, int],
        workers: Workers,
        on_findings: Callable[[Chunk, ChunkFindings], None],
        is_verified: Callable[[int], bool],
    ) -> None:
        self._election, self._weights, self._workers = election, weights, workers
        self._on_findings = on_findings
        self._is_verified = is_verified
        self._waiting: list[tuple[int, bytes]] = []
        self._bytes = 0
        self._queue: deque[tuple[Chunk, Answer]] = deque()
        self.lost: str | None = None
        """Why not every ballot was checked; None if nothing was lost."""

    def add(self, height: int, body: bytes) -> None:
        """Add a ballot to the next chunk."""
        self._waiting.append((height, body))
        self._bytes += len(body)
        if len(self._waiting) >= CHUNK or self._bytes >= CHUNK_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send the waiting ballots, and take findings until no more chunks are in flight than allowed."""
        waiting, self._waiting, self._bytes = self._waiting, [], 0
        if self.lost is not None:
            return
        try:
            if waiting:
                chunk = self._chunk(waiting)
                self._queue.append((chunk, self._workers.submit(chunk)))
            self._take(self._workers.room)
        except LostWork as lost:
            self._give_up(lost)

    def finish(self) -> None:
        """Check the remaining ballots, and wait for every answer unless one is lost (`lost`)."""
        self.flush()
        try:
            self._take(0)
        except LostWork as lost:
            self._give_up(lost)

    def _take(self, room: int) -> None:
        while len(self._queue) > room:
            chunk, answer = self._queue.popleft()
            self._on_findings(chunk, answer())

    def _give_up(self, lost: LostWork) -> None:
        self.lost = str(lost)
        self._queue.clear()

    def _chunk(self, waiting: list[tuple[int, bytes]]) -> Chunk:
        heights, bodies = zip(*waiting, strict=True)
        named = {credential for credential in map(credential_of, bodies) if credential is not None}
        weights = {credential: self._weights[credential] for credential in named if credential in self._weights}
        return Chunk(self._election, weights, heights, bodies, self._is_verified(heights[-1]))
