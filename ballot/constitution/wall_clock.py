"""The one moment at which the clocks of a zone show a wall time, or why there is none: skipped, or shown twice."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from zoneinfo import ZoneInfo


class NoMoment(Enum):
    """Why a wall time is not one moment."""

    SKIPPED = "skipped"
    TWICE = "twice"
    OUTSIDE = "outside"


class NotOneMoment(ValueError):
    """A wall time that a clock change skips or repeats, or that no calendar has."""

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
