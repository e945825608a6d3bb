"""Workers that check chunks: this process, other processes on this machine, or other machines (`cluster`).

All three get the same questions and give the same answers. A question without an answer is `LostWork`, never an empty
answer: a lost answer never counts as success.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from typing import Protocol

from ballot.audit.chunks import (
    Chunk,
    ChunkFindings,
    NotAnAnswer,
    check_chunk,
    chunk_from_bytes,
    chunk_to_bytes,
    findings_from_bytes,
    findings_to_bytes,
)
from ballot.protocol.group import Group

QUEUED_PER_WORKER = 3

Answer = Callable[[], ChunkFindings]
"""Waits for the findings of a chunk; raises LostWork."""


class LostWork(Exception):
    """A chunk was not checked; the message says why, and goes into the report."""


class Workers(Protocol):
    """Check chunks for one audit. `room` is the number of chunks that may be in flight."""

    room: int

    def submit(self, chunk: Chunk) -> Answer:
        """Start checking a chunk; raises LostWork."""

    def close(self) -> None:
        """Stop; chunks in flight may be dropped."""


class InProcess:
    """This process, immediately."""

    room = 0

    def __init__(self, group: Group) -> None:
        self._group = group

    def submit(self, chunk: Chunk) -> Answer:
        findings = check_chunk(self._group, chunk)
        return lambda: findings

    def close(self) -> None:
        """There is nothing to close."""


class Processes:
    """Processes on this machine, started when first needed. If one dies, none checks anything more."""

    def __init__(self, group: Group, jobs: int) -> None:
        self._group, self._jobs = group, jobs
        self._pool: ProcessPoolExecutor | None = None
        self.room = jobs * QUEUED_PER_WORKER

    def submit(self, chunk: Chunk) -> Answer:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._jobs, initializer=_start_worker, initargs=(self._group,))
        try:
            future = self._pool.submit(_check_in_worker, chunk_to_bytes(chunk))
        except BrokenExecutor:
            raise _died() from None
        return lambda: self._wait(chunk, future)

    def _wait(self, chunk: Chunk, future: Future[bytes]) -> ChunkFindings:
        try:
            return findings_from_bytes(self._group, chunk, future.result())
        except (BrokenExecutor, CancelledError):
            raise _died() from None
        except NotAnAnswer as fault:
            raise LostWork(f"a worker process gave an answer that cannot be used: {fault}") from None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _died() -> LostWork:
    return LostWork("a worker process died before it answered")


_group: Group


def _start_worker(group: Group) -> None:
    global _group
    _group = group
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # only the parent process is interrupted; it ends its workers


def _check_in_worker(question: bytes) -> bytes:
    return findings_to_bytes(check_chunk(_group, chunk_from_bytes(_group, question)))


def local_workers(group: Group, jobs: int) -> Workers:
    """This process if `jobs` is 1, otherwise that number of processes."""
    return InProcess(group) if jobs == 1 else Processes(group, jobs)
