"""When a ballot opens and closes: wall times in a zone, and the one moment each of them is.

A wall time that a clock change skips, or that it repeats, is no moment or two, and is refused. Times travel in UTC.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ballot.constitution.errors import quoted
from ballot.constitution.toml_tables import Table
from ballot.constitution.wall_clock import NoMoment, NotOneMoment, the_moment
from ballot.constitution.zones import zone_named

_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")


@dataclass(frozen=True, slots=True)
class Window:
    """Opening and closing as the file says them, and as moments in UTC."""

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
    """The one moment at which the clocks of the zone show this wall time."""
    try:
        return the_moment(wall, zone)
    except NotOneMoment as fault:
        outside = fault.why is NoMoment.OUTSIDE
        sentence = f"{quoted(key)} is outside the years a calendar has." if outside else f"{fault}."
        raise table.refusal(sentence, key) from None
