"""Workers on other machines, through Dask's scheduler: `verify_tally.py --scheduler tcp://HOST:PORT`.

Dask distributes the chunks, and asks another worker if one is lost. This module checks what Dask cannot: that an
answer is complete and plain data, that every worker has this very verifier, and that a missing answer never counts as
success. It trusts what a worker says about the proofs of a ballot, and the report names the workers. Checks that span
ballots run in the auditor's own process. See docs/adr/0024-many-machines.md.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ballot.audit.chunks import Chunk, ChunkFindings, NotAnAnswer, chunk_to_bytes, findings_from_bytes
from ballot.audit.cluster_worker import DISAGREED, REFUSED, check_question, describe
from ballot.audit.memory import sources_hash
from ballot.audit.workers import QUEUED_PER_WORKER, Answer, LostWork
from ballot.protocol.backends import backend_names
from ballot.protocol.crosscheck import Disagreement
from ballot.protocol.group import Group

if TYPE_CHECKING:
    from distributed import Client, Future

SECONDS = 10
"""To wait for the scheduler to answer, and then for a first worker."""

PATIENCE = 60
"""Seconds without any worker after which the audit gives up."""

_PAUSE = 2


class NoCluster(Exception):
    """There is no worker, or one that must not be used; the message says which and why."""


class Cluster:
    """The workers of one scheduler, all with this verifier and this arithmetic. `clock` counts seconds."""

    def __init__(
        self,
        client: Client,
        group: Group,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._group, self._patience, self._clock = client, group, patience, clock
        self._names, self._verifier = backend_names(group), sources_hash()
        self._seen = clock()
        threads: dict[str, int] = client.nthreads()
        self.workers = len(threads)
        self.room = sum(threads.values()) * QUEUED_PER_WORKER

    def submit(self, chunk: Chunk) -> Answer:
        try:
            future = self._client.submit(
                check_question, self._verifier, self._names, self._group.backend, chunk_to_bytes(chunk), pure=False
            )
        except Exception as fault:  # Dask raises many kinds when it is gone; all mean the same here
            raise _no_answer(fault) from None
        return lambda: self._wait(chunk, future)

    def _wait(self, chunk: Chunk, future: Future[Any]) -> ChunkFindings:
        """Wait for the answer; raises LostWork, or Disagreement if a worker's two backends differ."""
        try:
            data = self._wait_for(future)
        except LostWork:
            raise
        except (Exception, CancelledError) as fault:  # as above; its CancelledError is not an Exception
            raise _no_answer(fault) from None
        finally:
            future.release()
        if isinstance(data, bytes) and data.startswith(DISAGREED):
            raise Disagreement(_text(data, DISAGREED))
        if isinstance(data, bytes) and data.startswith(REFUSED):
            raise LostWork(_text(data, REFUSED))
        try:
            return findings_from_bytes(self._group, chunk, data)
        except NotAnAnswer as fault:
            raise LostWork(f"a worker of the cluster gave an answer that cannot be used: {fault}") from None

    def _wait_for(self, future: Future[Any]) -> object:
        """Wait for the result, but not forever as Dask does if no worker is left: then raise LostWork."""
        while True:
            try:
                data = future.result(timeout=_PAUSE)
            except TimeoutError:
                if future.status == "error":
                    raise
                if self._client.nthreads():
                    self._seen = self._clock()
                elif self._clock() - self._seen > self._patience:
                    raise LostWork(f"the cluster had no worker for {self._patience} seconds") from None
            else:
                self._seen = self._clock()
                return data

    def close(self) -> None:
        self._client.close()


def connect(address: str, group: Group, seconds: float = SECONDS, patience: float = PATIENCE) -> Cluster:
    """The workers of the scheduler at this address; raises NoCluster. Both times in seconds."""
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("the package distributed is not installed: pip install 'nhs-ballot[cluster]'") from None
    try:
        client = Client(address, timeout=seconds, set_as_default=False, name="ballot-verify")
    except (OSError, ValueError, TypeError) as fault:
        raise NoCluster(f"no scheduler answers at {address} ({type(fault).__name__})") from None
    try:
        client.wait_for_workers(1, timeout=seconds)
        _check_workers(client, group)
        return Cluster(client, group, patience)
    except TimeoutError:
        client.close()
        raise NoCluster(f"the scheduler at {address} has no worker") from None
    except NoCluster:
        client.close()
        raise


def _check_workers(client: Client, group: Group) -> None:
    """Raise NoCluster, naming a worker, unless all have this verifier and this arithmetic."""
    verifier = sources_hash()
    answers: dict[str, Any] = client.run(describe, backend_names(group), on_error="return")
    for worker, answer in sorted(answers.items()):
        if not isinstance(answer, dict):
            raise NoCluster(f"the worker {worker} cannot run ballot ({type(answer).__name__})")
        if answer.get("verifier") != verifier:
            raise NoCluster(f"the worker {worker} has another version of ballot than this one")
        if answer.get("backend") != group.backend:
            found = str(answer.get("backend"))[:200]
            raise NoCluster(f"the worker {worker} has other arithmetic: expected {group.backend}, found {found}")


def _text(data: bytes, beginning: bytes) -> str:
    return data.removeprefix(beginning).decode("utf-8", "replace")[:500]


def _no_answer(fault: BaseException) -> LostWork:
    return LostWork(f"the cluster has no answer ({type(fault).__name__})")
