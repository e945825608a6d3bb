"""A small disk for the database alone, which can be filled completely and frozen.

As root it is a separate ext4 file system in a file (a loop device). A ballast file fills it; `fsfreeze` freezes it, so
that every write and fsync waits. Without permission there is no such disk, and the soak says that disk faults did not
run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("mkfs.ext4", "mount", "umount", "fsfreeze")
MEGABYTE = 2**20


class SmallDisk:
    """A mounted file system; `ballast` is the file that fills it."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self._ballast = at / "ballast"
        self._frozen = threading.Lock()

    def fill(self) -> None:
        """Fill every free block."""
        with self._ballast.open("wb") as ballast, contextlib.suppress(OSError):
            while True:
                free = shutil.disk_usage(self.at).free
                os.posix_fallocate(ballast.fileno(), os.fstat(ballast.fileno()).st_size, max(free, 4096))
        with self._ballast.open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            while True:
                ballast.write(bytes(4096))

    def free(self) -> None:
        """Remove the ballast."""
        self._ballast.unlink(missing_ok=True)

    def freeze(self, seconds: float) -> None:
        """Make every write wait for this long."""
        with self._frozen:
            _run("fsfreeze", "--freeze", str(self.at))
            try:
                time.sleep(seconds)
            finally:
                _run("fsfreeze", "--unfreeze", str(self.at))


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk | None]:
    """The disk until the block ends; None if it cannot be made."""
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    if os.geteuid() or not all(map(shutil.which, NEEDED)):
        yield None
        return
    with image.open("wb") as file:
        file.truncate(megabytes * MEGABYTE)
    _run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
    if _run("mount", "-o", "loop", str(image), str(at), check=False):
        image.unlink()
        yield None
        return
    try:
        yield SmallDisk(at)
    finally:
        for _ in range(50):  # A process killed a moment ago may still hold a file
            if not _run("umount", str(at), check=False):
                break
            time.sleep(0.2)
        else:
            _run("umount", "--lazy", str(at), check=False)
        image.unlink()


def _run(*command: str, check: bool = True) -> int:
    return subprocess.run(command, check=check, capture_output=True).returncode
