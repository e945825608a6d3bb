"""The opening and the closing of a ballot as a calendar file (iCalendar, RFC 5545): attached, and on the public board.

Times are in UTC, which every calendar program reads and shows in its user's zone. The file says nothing about a
practice and has no link that votes, so it can be public. The same input gives the same bytes.

A calendar replaces an entry by one with the same UID and a higher SEQUENCE. So a file that is opened after the window
was moved corrects the entries of an earlier file, whichever message brought it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ballot.record.times import time_text, utc_time, wall_time

MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"
LONGEST_LINE = 75
"""In octets, without the line break (RFC 5545, section 3.1)."""
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class BallotDates:
    """The window of one CCG's ballot. `id` never changes; `sequence` is how often the window was moved."""

    id: str
    title: str
    """The programme's name and the CCG's."""
    page: str
    """The address of its page on the public board."""
    member: str
    """What the programme calls a practice."""
    zone: str
    opens_at: datetime
    closes_at: datetime
    sequence: int
    changed_at: datetime
    """When the window was last fixed or moved."""
    is_over: bool
    """Whether it was closed early or abandoned: a reminder would come too late."""
    is_abandoned: bool


def calendar_file(dates: BallotDates) -> bytes:
    """The file: an entry for the opening, and one for the closing with a reminder a day before."""
    return b"".join(_folded(line) for line in _lines(dates))


def _lines(dates: BallotDates) -> Iterator[str]:
    opening, closing = wall_time(dates.opens_at), wall_time(dates.closes_at)
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ballot//Dates of voting//EN", "CALSCALE:GREGORIAN")
    yield from ("METHOD:PUBLISH", f"X-WR-TIMEZONE:{_text(dates.zone)}")
    said = f"Voting opens at {opening} ({utc_time(dates.opens_at)}), and closes at {closing}."
    yield from _event(dates, "opens", dates.opens_at, "Voting opens", said, remind=False)
    said = f"Voting closes at {closing} ({utc_time(dates.closes_at)})."
    yield from _event(dates, "closes", dates.closes_at, "Voting closes", said, remind=not dates.is_over)
    yield "END:VCALENDAR"


def _event(dates: BallotDates, what: str, at: datetime, summary: str, said: str, *, remind: bool) -> Iterator[str]:
    """One entry. It takes no time and leaves the day free."""
    title = _text(f"{summary}: {dates.title}")
    how = _HOW.format(member=dates.member)
    said = "This ballot was abandoned. No one can vote in it." if dates.is_abandoned else f"{said}\n{how}"
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(f'{what}.{dates.id}')}"
    yield f"DTSTAMP:{_moment(dates.changed_at)}"
    yield f"LAST-MODIFIED:{_moment(dates.changed_at)}"
    yield f"SEQUENCE:{dates.sequence}"
    yield f"STATUS:{'CANCELLED' if dates.is_abandoned else 'CONFIRMED'}"
    yield f"DTSTART:{_moment(at)}"
    yield f"SUMMARY:{title}"
    yield f"DESCRIPTION:{_text(said)}"
    yield f"URL:{dates.page}"
    yield "TRANSP:TRANSPARENT"
    if remind:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{title}", "TRIGGER:-P1D", "END:VALARM")
    yield "END:VEVENT"


_HOW = (
    "To vote, use the voting link that was sent to your {member}. This entry has no voting link. If the times change, "
    "the public board shows the new ones. If your {member} has voted, you need do nothing."
)


def _moment(moment: datetime) -> str:
    """`20200529T160000Z`, from the record's form."""
    return time_text(moment).replace("-", "").replace(":", "")


def _text(words: str) -> str:
    """A value of type TEXT. Characters that cannot be printed are left out, but for the line break."""
    return "".join(each for each in words if each == "\n" or each.isprintable()).translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """The line with its line break; a long one goes on after a space. No character is cut in two."""
    folded, length = bytearray(), 0
    for character in line:
        octets = character.encode()
        if length + len(octets) > LONGEST_LINE:
            folded += b"\r\n "
            length = 1
        folded += octets
        length += len(octets)
    return bytes(folded) + b"\r\n"
