"""Times in the record: aware UTC, whole seconds, written `2020-05-29T16:00:00Z`; and days, written `2020-04-01`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from ballot.protocol.canonical import Json, text
from ballot.protocol.errors import InvalidMessage, Reason

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def whole_second(moment: datetime) -> datetime:
    """The moment in UTC, cut to the second; a naive one is refused, since it names no moment."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no moment")
    return moment.astimezone(UTC).replace(microsecond=0)


def time_text(moment: datetime) -> str:
    """A moment as the record writes it."""
    return whole_second(moment).replace(tzinfo=None).isoformat() + "Z"


def parse_time(value: Json) -> datetime:
    """The moment written as `value`; raises InvalidMessage for any other form."""
    written = text(value)
    try:
        if not _FORM.fullmatch(written):
            raise ValueError
        return datetime.fromisoformat(written)  # many times as fast as strptime, and told its form above
    except ValueError:
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a time such as 2020-05-29T16:00:00Z") from None


def parse_day(value: Json) -> date:
    """The day written as `value`; raises InvalidMessage for any other form."""
    written = text(value)
    try:
        if not _DAY.fullmatch(written):
            raise ValueError
        return date.fromisoformat(written)
    except ValueError:
        raise InvalidMessage(Reason.WRONG_TYPE, "expected a day such as 2020-04-01") from None
