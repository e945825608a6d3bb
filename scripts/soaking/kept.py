"""A process that is kept running, as systemd keeps a service: started anew a moment after it ended, however."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

RESTART = 0.5
"""Seconds between an end and the next start, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class End:
    """How one run of the process ended; a negative status is the signal that killed it."""

    at: float
    status: int


@dataclass
class Kept:
    """One service. It has a process group of its own, which can be killed as a whole."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    rest: float = RESTART
    ends: list[End] = field(default_factory=list)
    began: float = 0
    """When it was last started."""
    _process: subprocess.Popen[bytes] | None = None
    _thread: threading.Thread | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Run it, and keep it running."""
        self._over.clear()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def signal(self, number: int, group: bool = False) -> bool:
        """To the process, or to it and all its children; False if it is not there now."""
        pid = self.pid
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(pid, number)
            return True
        return False

    def stop(self, patience: float = 90) -> None:
        """End it in good order; what does not end is killed."""
        self._over.set()
        self.signal(signal.SIGTERM)
        if self._thread is not None:
            self._thread.join(patience)
            self.signal(signal.SIGKILL, group=True)
            self._thread.join()

    def _keep(self) -> None:
        while not self._over.is_set():
            self.began = time.time()
            with self.log.open("ab") as out:
                self._process = subprocess.Popen(
                    self.command, env={**os.environ, **self.environment}, stdout=out, stderr=out, start_new_session=True
                )
            if self._over.is_set():  # told to stop between the question and the start
                self.signal(signal.SIGTERM)
            status = self._process.wait()
            self.ends.append(End(time.time(), status))
            self._over.wait(self.rest)
