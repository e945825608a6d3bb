"""When a ballot opens and closes: wall times in a zone, and the one moment that each of them is.

A wall time that a clock change skips or repeats is refused. Times are stored in UTC. Zones come from the machine's own
database. A slim machine may have none; for London, the rule since 1996 is built in: clocks go forward on the last
Sunday of March and back on the last Sunday of October, both at 01:00 UTC.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
from dataclasses import dataclass
from enum import Enum
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ballot.strict.errors import quoted
from ballot.strict.toml_tables import Table

LONDON = "Europe/London"
LONDON_RULE = b"GMT0BST,M3.5.0/1,M10.5.0"
"""In POSIX form: GMT at offset 0; BST from the last Sunday of March, 1:00, to the last Sunday of October, 2:00."""


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
    """London by its rule since 1996: a zone file (RFC 8536) with no listed transitions."""
    counts = struct.pack(">6L", 0, 0, 0, 0, 1, 4)  # One kind of time, and the four characters of its name
    block = b"TZif2" + bytes(15) + counts + struct.pack(">lbB", 0, 0, 0) + b"GMT\0"
    return ZoneInfo.from_file(io.BytesIO(block * 2 + b"\n" + LONDON_RULE + b"\n"), key=LONDON)


class NoMoment(Enum):
    """The reasons why a wall time is not exactly one moment."""

    SKIPPED = "skipped"
    TWICE = "twice"
    OUTSIDE = "outside"


class NotOneMoment(ValueError):
    """A wall time that a clock change skips or repeats, or that is outside the calendar."""

    def __init__(self, why: NoMoment, wall: dt.datetime, zone: ZoneInfo) -> None:
        said = {
            NoMoment.SKIPPED: f"{wall.isoformat()} does not exist in {zone.key}: the clocks skip it",
            NoMoment.TWICE: f"{wall.isoformat()} exists twice in {zone.key}: the clocks go back over it",
            NoMoment.OUTSIDE: f"{wall.isoformat()} is outside the years a calendar has",
        }
        super().__init__(said[why])
        self.why = why


def the_moment(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The moment, in UTC, of a naive wall time; raises NotOneMoment."""
    try:
        moments = [wall.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
        shown = [moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
    except OverflowError:
        raise NotOneMoment(NoMoment.OUTSIDE, wall, zone) from None
    if not shown:
        raise NotOneMoment(NoMoment.SKIPPED, wall, zone)
    if moments[0] != moments[1]:
        raise NotOneMoment(NoMoment.TWICE, wall, zone)
    return moments[0]


_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")


@dataclass(frozen=True, slots=True)
class Window:
    """Opening and closing as the file says, and as moments in UTC."""

    opens: dt.datetime
    closes: dt.datetime
    zone: str
    opens_at: dt.datetime
    closes_at: dt.datetime


def read_window(table: Table) -> Window:
    """The [window] of a programme."""
    table.only("opens", "closes", "zone")
    zone = _zone(table)
    opens, closes = table.wall_time("opens"), table.wall_time("closes")
    opens_at, closes_at = _moment(table, "opens", opens, zone), _moment(table, "closes", closes, zone)
    if opens_at >= closes_at:
        raise table.refusal(f"The ballot must close after it opens, at {opens.isoformat()}.", "closes")
    return Window(opens, closes, zone.key, opens_at, closes_at)


def _zone(table: Table) -> ZoneInfo:
    name = table.text("zone")
    if not _ZONE.fullmatch(name):
        raise table.refusal(f'{quoted(name)} is not the name of a time zone, such as "Europe/London".', "zone")
    try:
        return zone_named(name)
    except (LookupError, ValueError, OSError):
        sentence = f"The time zone {quoted(name)} is not known on this machine: check the name, or install tzdata."
        raise table.refusal(sentence, "zone") from None


def _moment(table: Table, key: str, wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The one moment at which the zone's clocks show this wall time."""
    try:
        return the_moment(wall, zone)
    except NotOneMoment as fault:
        outside = fault.why is NoMoment.OUTSIDE
        sentence = f"{quoted(key)} is outside the years a calendar has." if outside else f"{fault}."
        raise table.refusal(sentence, key) from None
