"""A clock of its own for each process, which can be stepped while the process runs (step_clock.c, by LD_PRELOAD).

The system's clock is everybody's, and is not touched; the code under test reads its time as ever.
"""

from __future__ import annotations

import mmap
import struct
import subprocess
from pathlib import Path

from scripts import compiler

SOURCE = Path(__file__).with_name("step_clock.c")


class SteppedClock:
    """The clock of one process: how many seconds it goes wrong."""

    def __init__(self, path: Path, library: Path) -> None:
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)
        self.environment = {"LD_PRELOAD": str(library), "SOAK_CLOCK": str(path)}

    def step(self, seconds: int) -> None:
        """Let the clock be wrong by so much from now on; 0 sets it right."""
        self._map[:8] = struct.pack("=q", seconds)


def build_library(folder: Path) -> Path | None:
    """The library that steps clocks, built here; None where there is no C compiler."""
    path = compiler.find()
    if path is None:
        return None
    library = folder / "step_clock.so"
    command = [path, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(library), str(SOURCE)]
    subprocess.run(command, check=True, capture_output=True)
    return library
