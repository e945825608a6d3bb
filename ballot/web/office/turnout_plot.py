"""Turnout over time as an SVG, with the numbers in words as a text alternative. No script."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from ballot.office.lifecycle import State
from ballot.office.practices import Turnout
from ballot.record.times import wall_day
from ballot.web.nouns import said

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 240, 44, 28, 12


def plot(found: Turnout) -> Markup:
    """A line that rises at each return, from opening to closing, up to all eligible."""
    start, end = found.opens_at, found.closes_at
    times = sorted(time for ccg in found.ccgs for time in ccg.returns)
    most = max(found.eligible, 1)

    def x(moment: datetime) -> str:
        part = (min(max(moment, start), end) - start) / (end - start)
        return f"{LEFT + part * (WIDTH - LEFT - 8):.1f}"

    def y(number: int) -> str:
        return f"{HEIGHT - BOTTOM - number * (HEIGHT - BOTTOM - TOP) / most:.1f}"

    path = [f"M{x(start)},{y(0)}"]
    for number, time in enumerate(times, 1):
        path.append(f"H{x(time)}V{y(number)}")
    path.append(f"H{x(max(min(found.now, end), start))}")
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{y(number)}" y2="{y(number)}" class="app-plot__grid"/>'
        f'<text x="{LEFT - 6}" y="{y(number)}" text-anchor="end" dominant-baseline="middle">{number}</text>'
        for number in sorted({0, most // 2, most})
    )
    days = (
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{escape(wall_day(start))}</text>'
        f'<text x="{WIDTH - 8}" y="{HEIGHT - 8}" text-anchor="end">{escape(wall_day(end))}</text>'
    )
    return Markup(  # noqa: S704  (numbers of ours, and days that were escaped)
        f'<svg class="app-plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="plot-title plot-words">'
        f'<title id="plot-title">{escape(said("{Members} that voted"))}</title>'
        f'<desc id="plot-words">{escape(words(found))}</desc>'
        f'{grid}{days}<path d="{"".join(path)}" class="app-plot__line"/></svg>'
    )


def words(found: Turnout) -> str:
    """The turnout in words: the total, and each day on which votes came."""
    per_day: dict[str, int] = {}
    for time in sorted(time for ccg in found.ccgs for time in ccg.returns):
        per_day[wall_day(time)] = per_day.get(wall_day(time), 0) + 1
    total = said(f"{found.returned} of {found.eligible} {{members}} have voted.")
    return (
        total if not per_day else f"{total} By day: {'; '.join(f'{day}: {number}' for day, number in per_day.items())}."
    )


def time_left(now: datetime, closes_at: datetime) -> str:
    """`3 days 4 hours`; on the last day `1 hour 45 minutes`. Rounded down, and empty once it has closed."""
    left = closes_at - now
    if left <= timedelta(0):
        return ""
    hours, minutes = left.seconds // 3600, left.seconds // 60 % 60
    parts = ((left.days, "day"), (hours, "hour")) if left.days else ((hours, "hour"), (minutes, "minute"))
    said = " ".join(f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in parts if number)
    return said or "less than a minute"


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing time, how long that is from now, and the names of the CCGs that close then."""

    at: datetime
    left: str
    """Empty once it has closed."""
    opens_at: datetime | None
    """When they open, if that is still to come."""
    ccgs: tuple[str, ...]


def closings(found: Turnout) -> list[Closing]:
    """Every closing time of a programme, the earliest first. Leaves out ballots that are not sealed or abandoned."""
    groups: dict[tuple[datetime, datetime | None], list[str]] = {}
    for ccg in sorted(found.ccgs, key=lambda ccg: ccg.closes_at):
        if ccg.state not in (State.DRAFT, State.ABANDONED):
            opens = ccg.opens_at if ccg.opens_at > found.now else None
            groups.setdefault((ccg.closes_at, opens), []).append(ccg.name)
    return [Closing(at, time_left(found.now, at), opens, tuple(names)) for (at, opens), names in groups.items()]
