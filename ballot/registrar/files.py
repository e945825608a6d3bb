"""Private files: only their owner can read them. They are written whole or not at all, and never replace another."""

from __future__ import annotations

import os
from pathlib import Path

from ballot.registrar.errors import KeyRefused
from ballot.strict.private import why_not_private

PRIVATE = 0o600


def write_private(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Write `data` with mode 0600, through a temporary file. Raises KeyRefused if the file exists."""
    if path.exists() and not replace:
        raise KeyRefused(f"{path.name} is there already and is never overwritten.")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def append_private(path: Path, data: bytes) -> None:
    """Append to a private file, made with mode 0600 if missing, and wait until the data is on disk."""
    if path.exists():
        check_private(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE)
    with os.fdopen(descriptor, "ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read_private(path: Path) -> bytes:
    """The file's content. Raises KeyRefused if it is missing, or if others than its owner may read it."""
    check_private(path)
    return path.read_bytes()


def check_private(path: Path) -> None:
    """Raise KeyRefused unless the file exists and only its owner may read it."""
    if not path.is_file():
        raise KeyRefused(f"{path.name} is missing.")
    if (reason := why_not_private(path)) is not None:
        raise KeyRefused(reason)
