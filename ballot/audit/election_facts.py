"""What the audit keeps of an archive: its stage, its chain, and who voted at which height; not its ballots."""

from __future__ import annotations

from dataclasses import dataclass, field

from ballot.audit.catalogue import Stage
from ballot.audit.setup import Setup
from ballot.audit.tallies import ClosingEvents
from ballot.protocol.events import EventType
from ballot.protocol.group import Element
from ballot.protocol.hashing import Hash

NO_PAYLOAD = bytes(32)
"""In place of the payload's hash for an event without one. No known data has this SHA-256."""

BEFORE_TALLY = {EventType.SETUP, EventType.BALLOT, EventType.END_BALLOTS}


@dataclass(slots=True)
class ElectionFacts:
    """The facts of one archive for the rest of the audit."""

    subject: str
    timestamp: int = 0
    setup: Setup | None = None
    unsupported: str | None = None
    """The version, group, kind of question or weight that is not supported, in a sentence."""
    types: list[EventType] = field(default_factory=list)
    event_hashes: bytearray = field(default_factory=bytearray)
    payload_hashes: bytearray = field(default_factory=bytearray)
    voted: dict[int, Element] = field(default_factory=dict)
    """The credential of each ballot, by height."""
    every_ballot_checked: bool = False
    closing: ClosingEvents = field(default_factory=ClosingEvents)

    @property
    def stage(self) -> Stage:
        if EventType.RESULT in self.types:
            return Stage.TALLIED
        if EventType.END_BALLOTS in self.types:
            return Stage.CLOSED
        return Stage.VOTING if EventType.BALLOT in self.types else Stage.SETUP

    @property
    def awaits_tally(self) -> bool:
        """Whether voting has ended and nothing followed yet."""
        return self.stage is Stage.CLOSED and {*self.types} <= BEFORE_TALLY

    @property
    def ballots(self) -> int:
        return self.types.count(EventType.BALLOT)

    def event_hash(self, height: int) -> Hash:
        return Hash(self.event_hashes[32 * height : 32 * height + 32].hex())

    def payload(self, height: int) -> bytes:
        """The SHA-256 of an event's payload; zeros if it has none, empty bytes if there is no event."""
        return bytes(self.payload_hashes[32 * height : 32 * height + 32])

    def is_ballot(self, height: int) -> bool:
        """Whether the event at this height is a ballot."""
        return height < len(self.types) and self.types[height] is EventType.BALLOT
