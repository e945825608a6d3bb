"""Limits on what is read of a message from outside, and on what is given to the library that looks for failures.

Anyone can write to the mailbox of bounces. The time of the library's patterns grows with the cube of a line's length:
4,000 characters take half a minute, 100,000 would take days. So a message over the limits is refused as a whole before
it is parsed, and the library gets only a few short lines. This limits its work.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

LARGEST = 2**18
"""Bytes of a message that are read. The report comes first; the returned message after it is not needed."""
LONGEST_LINE = 10_000
MOST_LINES = 20_000
MOST_PARTS = 60
"""Headers that give the type of a part. Nested parts cost most."""
LONGEST_TYPE = 4000
"""Bytes of such a header, with its continuation lines."""
SECONDS = 20
"""For one message, if the program can be interrupted: for what the limits above do not cover."""
LINES, WIDTH = 300, 200
"""Lines of text, and characters of each, that the library gets."""
_TYPE = re.compile(rb"content-type[ \t]*:", re.IGNORECASE)
_KEPT = ("From", "Content-Description", "X-Mailer", "X-Failed-Recipients")
_LONGEST_HEADER = 500


class ReportTooLarge(Exception):
    """The message is larger, or takes longer, than a report does. One word says in what."""


def check_limits(data: bytes) -> None:
    """Raise ReportTooLarge if the message is too large for a report. One pass over the bytes."""
    lines = data.splitlines()
    if len(lines) > MOST_LINES:
        raise ReportTooLarge("too many lines")
    parts = in_type = 0
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise ReportTooLarge("a line is too long")
        if _TYPE.match(line):
            parts, in_type = parts + 1, len(line)
        elif in_type and line[:1] in (b" ", b"\t"):
            in_type += len(line)
        else:
            in_type = 0
        if parts > MOST_PARTS:
            raise ReportTooLarge("too many parts")
        if in_type > LONGEST_TYPE:
            raise ReportTooLarge("a header is too long")


def shortened(message: Message, texts: dict[Message, str]) -> Message:
    """A copy of the message for the library: few headers, and a few short lines of each text.

    `texts` has the decoded text of every text part. All else, such as the returned message, is left out.
    """
    left = LINES

    def short(part: Message) -> Message:
        nonlocal left
        made = Message()
        made["Content-Type"] = part.get_content_type()
        for name in _KEPT:
            for value in part.get_all(name, [])[:5]:
                made[name] = " ".join(str(value)[:_LONGEST_HEADER].split())
        if part in texts:
            lines = texts[part].split("\n", left)[:left]
            left -= len(lines)
            made.set_payload("\n".join(line[:WIDTH] for line in lines))
        elif part.get_content_maintype() == "multipart" and part.is_multipart():
            for inner in list(part.get_payload())[:MOST_PARTS]:
                if isinstance(inner, Message) and (inner in texts or inner.get_content_maintype() == "multipart"):
                    made.attach(short(inner))
        return made

    made = short(message)
    if not made["From"]:
        made["From"] = "nobody"  # some detectors fail without a sender, and those after them would not run
    return made


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise ReportTooLarge after SECONDS. Works only in the main thread, because no other gets signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(*_: object) -> None:
        raise ReportTooLarge("it takes too long")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
