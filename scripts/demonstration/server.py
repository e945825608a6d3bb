"""The real app in a process of its own, on a free port of the loopback address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_address() -> str:
    """A loopback address with a port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@contextmanager
def serving(address: str, settings: dict[str, str], log: Path, *options: str) -> Iterator[str]:
    """Run `ballot serve` until the block ends; yields its base address. Raises OSError if it does not start."""
    host, _, port = address.partition(":")
    environment = {**os.environ, **{f"BALLOT_{name.upper()}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "ballot.cli.main", "serve", "--host", host, "--port", port, *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait_for(host, int(port), process, log)
            yield f"http://{address}"
        finally:
            process.terminate()
            process.wait(30)


def processor_time(address: str) -> float | None:
    """Processor seconds so far of the app at this address, with its workers; None if the system does not report it."""
    port, ticks = address.rpartition(":")[2], 0
    if not Path("/proc/self/stat").exists():
        return None
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"ballot.cli.main" in words and port.encode() in words:
                fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])  # utime and stime, counted after the name
        except OSError:
            continue  # It has ended in the meantime
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait_for(host: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise OSError(1, f"the app ended at once: {log.read_text('utf-8', 'replace').strip()[-500:]}")
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.1)
    raise OSError(1, f"the app does not answer; see {log}")
