"""What the office alone can say of a ballot: deliveries, refused ballots, incidents. It is the office's word.

The office writes these figures into a file. No name or address of a person is in it, and no figure says how anyone
voted. The report marks all of it as not proved by the record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.errors import Reason
from ballot.record.errors import InvalidRecord
from ballot.record.times import parse_time, time_text

MOST = 100_000
"""Entries of a list that are read."""
FIELDS = ("version", "programme", "made", "channels", "messages", "delivery", "refused", "proxies", "incidents")


@dataclass(frozen=True, slots=True)
class Channels:
    """How voting links reached the members, as far as the office knows: members, not messages."""

    by_email: int
    """Whose e-mail with the link left us, and did not come back."""
    letters_made: int
    letters_handed_over: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """Members whose e-mails did not arrive, and what became of that."""

    undelivered: int
    """Members with at least one message that came back or was given up."""
    unmended: int
    """Those of them who were not reached since, and are still to be reached."""

    @property
    def mended(self) -> int:
        return max(0, self.undelivered - self.unmended)


@dataclass(frozen=True, slots=True)
class RefusedCasts:
    """How many ballots one election refused for one reason."""

    election: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class NotedIncident:
    """An incident as the report shows it."""

    happened: datetime
    noted: datetime
    role: str
    ccg: str | None
    practice: str | None
    what: str
    done: str


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """Everything in the report that rests on the office's word."""

    programme: str
    made: datetime
    channels: Channels
    messages: Mapping[str, Mapping[str, int]]
    """How many messages are in each state, by kind of message."""
    delivery: Delivery
    refused: tuple[RefusedCasts, ...]
    incidents: tuple[NotedIncident, ...]
    proxies: int | None = None
    """How many of the votes that count were cast by a proxy, as they stated; None if voters were not asked."""

    def to_json(self) -> dict[str, Json]:
        return {
            "version": 1,
            "programme": self.programme,
            "made": time_text(self.made),
            "channels": {
                "email": self.channels.by_email,
                "letters_made": self.channels.letters_made,
                "letters_handed_over": self.channels.letters_handed_over,
            },
            "messages": {kind: dict(states) for kind, states in self.messages.items()},
            "delivery": {
                "undelivered": self.delivery.undelivered,
                "unmended": self.delivery.unmended,
            },
            "refused": [
                {"election": each.election, "reason": each.reason, "count": each.count} for each in self.refused
            ],
            "proxies": self.proxies,
            "incidents": [_incident_json(each) for each in self.incidents],
        }

    def to_bytes(self) -> bytes:
        """The file that the office writes."""
        return write_json(self.to_json()) + b"\n"


def parse_figures_file(data: bytes) -> OfficeFigures:
    """Read such a file. Raises InvalidMessage unless it is complete and in its one form."""
    value = parse_json(data.removesuffix(b"\n"))
    found = parse_figures(value)
    check_canonical(data.removesuffix(b"\n"), value, "the office's figures")
    return found


def parse_figures(value: Json) -> OfficeFigures:
    """The figures in a JSON value. Raises InvalidMessage for another form."""
    value = fields(value, FIELDS)
    integer(value["version"], 1, 1)
    channels = fields(value["channels"], ("email", "letters_made", "letters_handed_over"))
    delivery = fields(value["delivery"], ("undelivered", "unmended"))
    return OfficeFigures(
        text(value["programme"]),
        parse_time(value["made"]),
        Channels(*(integer(number, 0) for number in channels.values())),
        {kind: {state: integer(n, 0) for state, n in _table(states).items()} for kind, states in _messages(value)},
        Delivery(*(integer(number, 0) for number in delivery.values())),
        tuple(_refused(each) for each in _list(value["refused"])),
        tuple(_incident(each) for each in _list(value["incidents"])),
        None if value["proxies"] is None else integer(value["proxies"], 0),
    )


def _messages(value: Mapping[str, Json]) -> list[tuple[str, Json]]:
    return list(_table(value["messages"]).items())


def _table(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict) or len(value) > MOST:
        raise InvalidRecord(Reason.WRONG_TYPE, "expected a table of numbers")
    return value


def _list(value: Json) -> list[Json]:
    found = array(value)
    if len(found) > MOST:
        raise InvalidRecord(Reason.WRONG_SHAPE, f"expected at most {MOST} entries")
    return found


def _refused(value: Json) -> RefusedCasts:
    value = fields(value, ("election", "reason", "count"))
    return RefusedCasts(text(value["election"]), text(value["reason"]), integer(value["count"], 1))


_INCIDENT = ("happened", "noted", "role", "ccg", "practice", "what", "done")


def _incident(value: Json) -> NotedIncident:
    value = fields(value, _INCIDENT)
    ccg, practice = (None if value[name] is None else text(value[name]) for name in ("ccg", "practice"))
    happened, noted = parse_time(value["happened"]), parse_time(value["noted"])
    return NotedIncident(happened, noted, text(value["role"]), ccg, practice, text(value["what"]), text(value["done"]))


def _incident_json(each: NotedIncident) -> Json:
    times = {"happened": time_text(each.happened), "noted": time_text(each.noted)}
    place = {"role": each.role, "ccg": each.ccg, "practice": each.practice}
    return {**times, **place, "what": each.what, "done": each.done}
