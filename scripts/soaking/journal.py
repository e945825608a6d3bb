"""What a voter or the mail server has seen, line by line, written before its next step: no kill takes a line back."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]


class Journal:
    """A file of JSON lines that only grows; several threads may write."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, *, synced: bool = True, **line: object) -> None:
        """Add a line; it is on disk when this returns, or with the kernel, which outlives every process."""
        data = json.dumps(line).encode() + b"\n"
        with self._lock:
            os.write(self._file, data)
            if synced:
                os.fdatasync(self._file)


def read_journal(path: Path) -> Iterator[Line]:
    """Every whole line; the last one may have been cut short by a kill."""
    for line in path.read_bytes().split(b"\n")[:-1]:
        yield json.loads(line)
