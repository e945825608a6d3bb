"""Read an archive as a stranger would, on `ballot.protocol` alone, and fail at the first thing that does not hold."""

from __future__ import annotations

import io
from dataclasses import dataclass

from ballot.protocol.archive import ArchiveMember, read_header, read_members
from ballot.protocol.ballots import Ballot, check_ballot, parse_ballot
from ballot.protocol.canonical import parse_json
from ballot.protocol.credentials import PublicCredential
from ballot.protocol.decryption import combine_factors, parse_owned, parse_partial_decryption
from ballot.protocol.elections import parse_election
from ballot.protocol.events import Event, EventType, check_link, parse_event
from ballot.protocol.results import Result, check_result, parse_result
from ballot.protocol.tally import (
    Tally,
    encrypted_tally_to_bytes,
    last,
    parse_encrypted_tally,
    parse_sized_encrypted_tally,
)
from ballot.protocol.trustees import check_trustee, combine_keys, parse_trustees
from tests.support.simulator import G


@dataclass
class Replayed:
    """What the archive holds, all of it checked."""

    timestamp: int
    events: list[Event]
    ballots: list[bytes]
    result: Result | None

    @property
    def types(self) -> list[EventType]:
        return [event.type for event in self.events]


def replay(archive: bytes) -> Replayed:
    stream = io.BytesIO(archive)
    timestamp = read_header(stream)
    events: list[Event] = []
    payloads: list[list[bytes]] = []
    data: list[ArchiveMember] = []
    for member in read_members(stream, timestamp):
        if member.kind == "data":
            data.append(member)
            continue
        event = parse_event(member.body)
        assert not check_link(events[-1] if events else None, event)
        assert event.payload == (data[-1].hash if data else None)
        events.append(event)
        payloads.append([entry.body for entry in data])
        data = []
    assert not data, "a vote without its event"
    by_type = list(zip([event.type for event in events], payloads, strict=True))
    return Replayed(timestamp, events, *_check(by_type))


def _check(events: list[tuple[EventType, list[bytes]]]) -> tuple[list[bytes], Result | None]:
    def of(type: EventType) -> list[list[bytes]]:
        return [payload for found, payload in events if found is type]

    setup = of(EventType.SETUP)[0]
    election, trustees = parse_election(G, setup[0]), parse_trustees(G, setup[1])
    for trustee in trustees:
        check_trustee(G, trustee)
    assert election.public_key == combine_keys(G, trustees)
    entries = [PublicCredential.from_text(entry) for entry in parse_json(setup[2])]
    weights = {entry.credential: 1 if entry.weight is None else entry.weight for entry in entries}
    raw = [payload[0] for payload in of(EventType.BALLOT)]
    ballots: list[Ballot] = [parse_ballot(G, body) for body in raw]
    for ballot in ballots:
        check_ballot(G, ballot, election, weights)
    if not of(EventType.ENCRYPTED_TALLY):
        return raw, None
    tally = Tally(G, election)
    for ballot in last(ballots):
        tally.add([answer.choices for answer in ballot.answers], weights[ballot.credential])
    encrypted, sized = of(EventType.ENCRYPTED_TALLY)[0]
    size = parse_sized_encrypted_tally(sized)
    assert encrypted == encrypted_tally_to_bytes(tally.encrypted)
    assert (size.num_tallied, size.total_weight) == (tally.num_tallied, tally.total_weight)
    if not of(EventType.RESULT):
        return raw, None
    shares = {parse_owned(owned).owner: parse_partial_decryption(G, s) for s, owned in of(EventType.PARTIAL_DECRYPTION)}
    result = parse_result(of(EventType.RESULT)[0][0])
    factors = combine_factors(G, trustees, shares)
    check_result(G, parse_encrypted_tally(G, encrypted, election), factors, result)
    return raw, result
