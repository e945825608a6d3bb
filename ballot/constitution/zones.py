"""Time zones by name: from the machine's own database, and London without one.

A slim machine has no zone files, and a British ballot needs a single zone. Its rule since 1996 is one line: clocks go
forward on the last Sunday of March and back on the last Sunday of October, both at 01:00 UTC. Where the machine has a
database, that one is used; it would know of a change of the law first.
"""

from __future__ import annotations

import io
import struct
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONDON = "Europe/London"
LONDON_RULE = b"GMT0BST,M3.5.0/1,M10.5.0"
"""As POSIX writes it: GMT at offset 0; BST from the fifth, which is the last, Sunday of month 3 at 1:00 to that of
month 10 at 2:00."""


def zone_named(name: str) -> ZoneInfo:
    """The zone called `name`; raises LookupError, ValueError or OSError where there is none."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        if name != LONDON:
            raise
    return london_by_rule()


@cache
def london_by_rule() -> ZoneInfo:
    """London by its rule alone, from 1996 on: a zone file (RFC 8536) of no transition but the rule."""
    counts = struct.pack(">6L", 0, 0, 0, 0, 1, 4)  # one kind of time, and the four characters of its name
    block = b"TZif2" + bytes(15) + counts + struct.pack(">lbB", 0, 0, 0) + b"GMT\0"
    return ZoneInfo.from_file(io.BytesIO(block * 2 + b"\n" + LONDON_RULE + b"\n"), key=LONDON)
