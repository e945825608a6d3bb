"""What stays of an archive that was read: stage, chain, which credential voted where. Its ballots do not."""

from __future__ import annotations

from dataclasses import dataclass, field

from ballot.audit.catalogue import Stage
from ballot.audit.setup import Setup
from ballot.audit.tallies import ClosingEvents
from ballot.protocol.events import EventType
from ballot.protocol.group import Element
from ballot.protocol.hashing import Hash

NO_PAYLOAD = bytes(32)
"""Where an event has none. No data has this SHA-256, as far as anybody knows."""

BEFORE_TALLY = {EventType.SETUP, EventType.BALLOT, EventType.END_BALLOTS}


@dataclass(slots=True)
class ElectionFacts:
    """What the rest of the audit needs to know of an archive."""

    subject: str
    timestamp: int = 0
    setup: Setup | None = None
    unsupported: str | None = None
    """Which version, group, kind of question or weight this software does not read, in a sentence."""
    types: list[EventType] = field(default_factory=list)
    event_hashes: bytearray = field(default_factory=bytearray)
    payload_hashes: bytearray = field(default_factory=bytearray)
    voted: dict[int, Element] = field(default_factory=dict)
    """Credential of each ballot, by height."""
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
        """Whether voting was ended and nothing was done since."""
        return self.stage is Stage.CLOSED and {*self.types} <= BEFORE_TALLY

    @property
    def ballots(self) -> int:
        return self.types.count(EventType.BALLOT)

    def event_hash(self, height: int) -> Hash:
        return Hash(self.event_hashes[32 * height : 32 * height + 32].hex())

    def payload(self, height: int) -> bytes:
        """The SHA-256 of an event's payload; zeros for one without, nothing where there is no event."""
        return bytes(self.payload_hashes[32 * height : 32 * height + 32])

    def is_ballot(self, height: int) -> bool:
        """Whether the event at this height is a ballot."""
        return height < len(self.types) and self.types[height] is EventType.BALLOT
