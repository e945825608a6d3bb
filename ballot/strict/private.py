"""Private files: only their owner may read them."""

from __future__ import annotations

import stat
from pathlib import Path

from ballot.strict.errors import ValueRefused


def why_not_private(path: Path) -> str | None:
    """A sentence if others may read this file; None if only its owner may, or if it is not a regular file.

    The mode of a pipe or socket does not matter. Raises: OSError.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) or not stat.S_IMODE(mode) & 0o077:
        return None
    return f"{path.name} may be read by others: its mode is {stat.S_IMODE(mode):04o}, and 0600 was expected."


def read_secret(path: Path, what: str, largest: int = 4096) -> str:
    """The first line of a private file that holds `what`. Raises: ValueRefused, which never shows the content."""
    try:
        reason = why_not_private(path)
        with path.open("rb") as file:
            lines = file.read(largest).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ValueRefused(path.name, 0, f"this file, with {what}, cannot be read.") from None
    if reason is not None:
        raise ValueRefused(path.name, 0, reason)
    if not lines or not lines[0].strip():
        raise ValueRefused(path.name, 0, f"its first line is empty; {what} was expected.")
    return lines[0].strip()
