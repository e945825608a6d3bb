"""Times in the record, and the same times in words.

Records have UTC in whole seconds, `2020-05-29T16:00:00Z`, and days, `2020-04-01`. What stands alone, such as an e-mail
or a statement that is signed, says `5pm on Friday 29 May 2020, British Summer Time`: when the clocks go back, the zone
says which of the two half past ones is meant. A page, which names the zone once, says `29 May, 5:00pm`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from ballot.constitution.window import zone_named
from ballot.protocol.canonical import Json, text
from ballot.protocol.errors import InvalidMessage, Reason

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def whole_second(moment: datetime) -> datetime:
    """The moment in UTC, cut to the second; raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    return moment.astimezone(UTC).replace(microsecond=0)


def time_text(moment: datetime) -> str:
    """A moment as the record writes it."""
    return whole_second(moment).replace(tzinfo=None).isoformat() + "Z"


def parse_time(value: Json) -> datetime:
    """The moment written as `value`; raises InvalidMessage for another form."""
    written = text(value)
    try:
        if not _FORM.fullmatch(written):
            raise ValueError
        return datetime.fromisoformat(written)  # much faster than strptime; the form is checked above
    except ValueError:
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a time such as 2020-05-29T16:00:00Z") from None


def parse_day(value: Json) -> date:
    """The day written as `value`; raises InvalidMessage for another form."""
    written = text(value)
    try:
        if not _DAY.fullmatch(written):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a day such as 2020-04-01") from None


LONDON = zone_named("Europe/London")
_ZONES = {timedelta(0): "Greenwich Mean Time", timedelta(hours=1): "British Summer Time"}


def wall_time(moment: datetime) -> str:
    """A moment in words: `5pm on Friday 29 May 2020, British Summer Time`, with seconds only if they are not zero."""
    return f"{_clock(_in_london(moment))} on {wall_day(moment)}, {wall_zone(moment)}"


def exact_wall_time(moment: datetime) -> str:
    """A moment to the second, for comparing: `17:00:05 on Friday 29 May 2020, British Summer Time`."""
    return f"{_in_london(moment):%H:%M:%S} on {wall_day(moment)}, {wall_zone(moment)}"


def short_time(moment: datetime, now: datetime, *, seconds: bool = False) -> str:
    """A moment on a page: `29 May, 5:00pm`, with the year if it is not this year's.

    In the hour that the clock shows twice, the zone is added: `25 October, 1:30am GMT`.
    """
    wall = _in_london(moment)
    year = "" if wall.year == _in_london(now).year else f" {wall.year}"
    clock = f"{(wall.hour - 1) % 12 + 1}:{wall:%M}{f':{wall:%S}' if seconds else ''}{'am' if wall.hour < 12 else 'pm'}"
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    return f"{wall.day} {wall:%B}{year}, {clock}{f' {wall:%Z}' if twice else ''}"


def time_in_sentence(moment: datetime, now: datetime) -> str:
    """The same in a sentence: `5:00pm on 29 May`."""
    day, clock = short_time(moment, now).split(", ")
    return f"{clock} on {day}"


def wall_day(moment: datetime) -> str:
    """The day of a moment in London: `Friday 29 May 2020`."""
    london = _in_london(moment)
    return f"{london:%A} {london.day} {london:%B %Y}"


def wall_zone(moment: datetime) -> str:
    """The zone of a moment in London: `British Summer Time` or `Greenwich Mean Time`."""
    offset = _in_london(moment).utcoffset()
    return _ZONES.get(offset or timedelta(0), f"UTC{_in_london(moment):%z}")


def utc_time(moment: datetime) -> str:
    """A moment in UTC: `16:00:00 UTC on 29 May 2020`."""
    utc = whole_second(moment).astimezone(UTC)
    return f"{utc:%H:%M:%S} UTC on {utc.day} {utc:%B %Y}"


def _in_london(moment: datetime) -> datetime:
    return whole_second(moment).astimezone(LONDON)


def _clock(wall: datetime) -> str:
    """A time as the NHS writes it: `5pm`, `5:30pm`, `midday`, `midnight`."""
    if (wall.minute, wall.second) == (0, 0) and wall.hour in (0, 12):
        return "midday" if wall.hour else "midnight"
    written = f"{(wall.hour - 1) % 12 + 1}"
    if wall.minute or wall.second:
        written += f":{wall:%M}"
    if wall.second:
        written += f":{wall:%S}"
    return written + ("am" if wall.hour < 12 else "pm")
