"""The watcher's folder: its copies and its evidence. Files are replaced atomically; nothing in it is secret.

seen.jsonl        every checkpoint that was seen, as the board signed it: give this to another watcher
looks.json        the size of each log, and the time, by the watcher's own clock
record.zip        the newest record without an alarm
terms.json        the terms as first seen
assets.json       the board's list of scripts and pages, as first seen
evidence/         the subject of each alarm, by the time of the look
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ballot.record.checkpoints import checkpoint_line, parse_checkpoint_line
from ballot.record.times import parse_time, time_text

MAX_SEEN = 2**28
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


@dataclass(frozen=True, slots=True)
class LogSize:
    """A log had at least `size` events at the time `at` of the watcher's clock."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WatchFolder:
    """The folder of one programme."""

    folder: Path

    @classmethod
    def of(cls, folder: Path, programme: str) -> WatchFolder:
        """The folder of a programme. Its name comes from the board: raises ValueError if it is unsafe in a path."""
        if not _NAME.fullmatch(programme):
            raise ValueError(f"{programme[:100]!r} is not the name of a programme")
        path = folder / programme
        path.mkdir(parents=True, exist_ok=True)
        return cls(path)

    @property
    def record(self) -> Path:
        """The path of the newest record without an alarm; it may not exist."""
        return self.folder / "record.zip"

    def seen(self) -> list[tuple[str, str]]:
        """Log and note of every checkpoint seen; raises OSError or InvalidMessage if the file was damaged."""
        path = self.folder / "seen.jsonl"
        return read_seen(path) if path.exists() else []

    def add_seen(self, notes: list[tuple[str, str]]) -> None:
        """Append the logs and notes of new checkpoints."""
        if notes:
            with (self.folder / "seen.jsonl").open("ab") as stream:
                stream.write(b"".join(checkpoint_line(log, note) for log, note in notes))

    def log_sizes(self) -> dict[str, LogSize]:
        """The size of each log at the last look."""
        path = self.folder / "looks.json"
        stored = json.loads(path.read_bytes()) if path.exists() else {}
        return {log: LogSize(int(size), parse_time(at)) for log, (size, at) in stored.items()}

    def write_log_sizes(self, looked: dict[str, LogSize]) -> None:
        stored = {log: [found.size, time_text(found.at)] for log, found in sorted(looked.items())}
        self.write("looks.json", json.dumps(stored, indent=1).encode() + b"\n")

    def write(self, name: str, data: bytes) -> None:
        """Replace one file atomically."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_bytes(data)
        temporary.replace(path)

    def evidence(self, now: datetime) -> Path:
        """The folder for evidence from the look at this time."""
        path = self.folder / "evidence" / time_text(now).replace(":", "")
        path.mkdir(parents=True, exist_ok=True)
        return path


def read_seen(path: Path) -> list[tuple[str, str]]:
    """The logs and notes in a file of checkpoints: a watcher's seen.jsonl, or a record's checkpoints.jsonl."""
    if path.stat().st_size > MAX_SEEN:
        raise OSError("too large for a file of checkpoints")
    return [parse_checkpoint_line(line) for line in path.read_bytes().split(b"\n")[:-1]]
