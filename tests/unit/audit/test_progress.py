"""The progress bar: only on a terminal, on one line, and removed before the report."""

from __future__ import annotations

import io

from ballot.audit.command import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def drawn(stream: io.StringIO, total: int | None) -> list[str]:
    with ProgressBar(total, stream, Clock()) as bar:
        for _ in range(4):
            bar.update(500_000)
    return stream.getvalue().split("\r")


def test_a_terminal_sees_how_far_it_is_and_how_long_it_will_take() -> None:
    lines = drawn(Terminal(), 2_000_000)
    assert lines[1].startswith(" 25% [#####...............] 0.5 MB, 0.50 MB/s, 3 s left")
    assert lines[4].startswith("100% [####################] 2.0 MB")
    assert lines[-1] == "\x1b[K"
    assert max(map(len, lines)) < 79


def test_where_the_size_is_not_known_it_says_how_much_was_read() -> None:
    assert drawn(Terminal(), None)[1].startswith("0.5 MB, 0.50 MB/s")


def test_more_than_was_expected_is_no_more_than_all() -> None:
    assert drawn(Terminal(), 1_000)[4].startswith("100% [")


def test_what_is_no_terminal_sees_nothing() -> None:
    assert drawn(io.StringIO(), 2_000_000) == [""]
