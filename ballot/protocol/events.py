"""Events: the links of the hash chain, and the order in which they may follow each other.

Spec: Messages, Public data. Each event names its parent by hash, its height, and its payload by hash.
What is *not* done here: bytes on disk (archive.py), and what a payload means.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ballot.protocol.canonical import Json, check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.errors import InvalidArchive, InvalidMessage, Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex


class EventType(Enum):
    """What happened; the values are the specification's words."""

    SETUP = "Setup"
    BALLOT = "Ballot"
    END_BALLOTS = "EndBallots"
    ENCRYPTED_TALLY = "EncryptedTally"
    SHUFFLE = "Shuffle"
    END_SHUFFLES = "EndShuffles"
    PARTIAL_DECRYPTION = "PartialDecryption"
    RESULT = "Result"


WITHOUT_PAYLOAD = frozenset({EventType.END_BALLOTS, EventType.END_SHUFFLES})

MAY_FOLLOW: dict[EventType | None, frozenset[EventType]] = {
    None: frozenset({EventType.SETUP}),
    EventType.SETUP: frozenset({EventType.BALLOT, EventType.END_BALLOTS}),
    EventType.BALLOT: frozenset({EventType.BALLOT, EventType.END_BALLOTS}),
    EventType.END_BALLOTS: frozenset({EventType.ENCRYPTED_TALLY}),
    EventType.ENCRYPTED_TALLY: frozenset({EventType.SHUFFLE, EventType.PARTIAL_DECRYPTION}),
    EventType.SHUFFLE: frozenset({EventType.SHUFFLE, EventType.END_SHUFFLES}),
    EventType.END_SHUFFLES: frozenset({EventType.PARTIAL_DECRYPTION}),
    EventType.PARTIAL_DECRYPTION: frozenset({EventType.PARTIAL_DECRYPTION, EventType.RESULT}),
    EventType.RESULT: frozenset(),
}
"""The specification's table of typical sequences; the reference tool makes no other."""


@dataclass(frozen=True, slots=True)
class Event:
    """One link: its parent (none for the first), height, type and payload (none for EndBallots, EndShuffles)."""

    parent: Hash | None
    height: int
    type: EventType
    payload: Hash | None

    def to_bytes(self) -> bytes:
        value: dict[str, Json] = {} if self.parent is None else {"parent": self.parent}
        value |= {"height": self.height, "type": self.type.value}
        if self.payload is not None:
            value["payload"] = self.payload
        return write_json(value)

    @property
    def hash(self) -> Hash:
        return sha256_hex(self.to_bytes())


def parse_event(data: bytes) -> Event:
    """The event written as `data`; raises InvalidMessage unless it is canonical and of a known type."""
    value = fields(parse_json(data), ("parent", "height", "type", "payload"), optional=("parent", "payload"))
    for name in ("parent", "payload"):
        if name in value and not is_hash(value[name]):
            raise InvalidMessage(Reason.WRONG_TYPE, f"expected a hash as {name}")
    try:
        type = EventType(value["type"])
    except ValueError:
        raise InvalidMessage(Reason.WRONG_FIELDS, "expected a known type of event") from None
    event = Event(value.get("parent"), integer(value["height"]), type, value.get("payload"))
    check_canonical(data, value, "the event")
    return event


def next_event(previous: Event | None, type: EventType, payload: bytes | None) -> Event:
    """The event that follows `previous` and names the payload with these bytes, None for no payload."""
    hash = None if payload is None else sha256_hex(payload)
    if previous is None:
        return Event(None, 0, type, hash)
    return Event(previous.hash, previous.height + 1, type, hash)


def check_link(previous: Event | None, event: Event) -> list[InvalidArchive]:
    """Every fault in the link from `previous` to `event`: parent, height, order, presence of a payload."""
    faults = []
    parent = None if previous is None else previous.hash
    height = 0 if previous is None else previous.height + 1
    if event.parent != parent:
        detail = f"expected parent {parent}, found {event.parent}"
        faults.append(InvalidArchive(Reason.EVENT_PARENT, f"at height {height}: {detail}"))
    if event.height != height:
        faults.append(InvalidArchive(Reason.EVENT_HEIGHT, f"expected height {height}, found {event.height}"))
    if event.type not in MAY_FOLLOW[None if previous is None else previous.type]:
        before = "the start" if previous is None else previous.type.value
        detail = f"at height {height}: {event.type.value} may not follow {before}"
        faults.append(InvalidArchive(Reason.EVENT_SEQUENCE, detail))
    if (event.payload is None) != (event.type in WITHOUT_PAYLOAD):
        detail = f"at height {height}: {event.type.value} has a payload where it must not, or none where it must"
        faults.append(InvalidArchive(Reason.EVENT_PAYLOAD, detail))
    return faults
