"""A progress bar on a terminal, in a few lines, so that an auditor needs no library for it.

On standard error, and only where that is a terminal: what the report says goes to standard output, whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

WIDTH = 30
PAUSE = 0.1
"""Seconds between two drawings."""


class ProgressBar:
    """Bytes read so far, of `total` where that is known. `clock` counts seconds."""

    def __init__(self, total: int | None, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._stream, self._clock = total, stream, clock
        self._shown = stream.isatty()
        self._done, self._began, self._drawn = 0, clock(), 0.0

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def update(self, read: int) -> None:
        """So many bytes more."""
        self._done += read
        now = self._clock()
        if self._shown and now - self._drawn >= PAUSE:
            self._drawn = now
            self._stream.write(f"\r{self._line(now - self._began)}\x1b[K")
            self._stream.flush()

    def _line(self, seconds: float) -> str:
        rate = self._done / max(seconds, PAUSE)
        said = f"verifying {self._done / 1e6:.1f} MB, {rate / 1e6:.2f} MB/s"
        if not self._total:
            return said
        share = min(self._done / self._total, 1.0)
        full = int(share * WIDTH)
        left = max(self._total - self._done, 0) / max(rate, 1.0)
        return f"{share:4.0%} [{'#' * full}{'.' * (WIDTH - full)}] {said}, {left:.0f} s left"
