"""What is appended to a `.bel`: an event with its payloads, under the lock of the ballot's log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from ballot.db.appending import NewRow
from ballot.db.archive import DATA, EVENT, ArchiveEntryRow, archive_pieces, last_members
from ballot.db.ballots import BallotRow
from ballot.db.logs import LogHead
from ballot.office.casting.logbook import append
from ballot.office.errors import Refusal, Refused
from ballot.protocol.archive import Entry, event_entries
from ballot.protocol.decryption import parse_owned
from ballot.protocol.events import Event, EventType, parse_event
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.results import Result, parse_result
from ballot.protocol.tally import SizedEncryptedTally, parse_sized_encrypted_tally
from ballot.record.keys import SigningKey

TAIL = 320
"""Members from EndBallots to the Result: fewer than three for each of 100 trustees, and a few more."""


def append_event(
    session: Session,
    ballot: BallotRow,
    log: LogHead,
    type: EventType,
    payloads: list[bytes],
    now: datetime,
    board_name: str,
    board: SigningKey,
) -> LogHead:
    """Append one event with its payloads, and return the log's new head. The caller holds `log`."""
    previous = parse_event(last_members(session, ballot.id, 1)[0].body) if log.size else None
    event, entries = event_entries(previous, type, payloads)
    return append_entries(session.connection(), ballot.id, log, event, entries, now, board_name, board)


def append_entries(
    connection: Connection,
    ballot_id: int,
    log: LogHead,
    event: Event,
    entries: Sequence[Entry],
    now: datetime,
    board_name: str,
    board: SigningKey,
    beside: Sequence[NewRow] = (),
) -> LogHead:
    """Append an event that is already made. `beside` has rows of the caller to store with it."""
    members = [
        NewRow(
            ArchiveEntryRow,
            {
                "ballot_id": ballot_id,
                "position": position,
                "kind": entry.kind,
                "hash": sha256_hex(entry.body),
                "body": entry.body,
            },
        )
        for position, entry in enumerate(entries, start=log.members)
    ]
    return append(connection, log, event.hash, [*members, *beside], now, board_name, board)


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of an archive: the encrypted tally, its size, and the result once there is one."""

    encrypted_tally: bytes
    sized: SizedEncryptedTally
    result: bytes | None
    owners: tuple[int, ...]
    """The owners of the partial decryptions in the archive, in its order."""

    @property
    def totals(self) -> Result:
        """The result. Raises ValueError before the tally is decrypted."""
        if self.result is None:
            raise ValueError("this ballot has no result yet")
        return parse_result(self.result)


def read_closing(session: Session, ballot: BallotRow) -> Closing | None:
    """The end of the archive. None while the ballot is not closed."""
    by_type: dict[EventType, list[bytes]] = {}
    data: list[bytes] = []
    owners: list[int] = []
    for member in last_members(session, ballot.id, TAIL):
        if member.kind == EVENT:
            type = parse_event(member.body).type
            if type is EventType.PARTIAL_DECRYPTION:
                owners.append(parse_owned(data[-1]).owner)
            by_type[type], data = data, []
        elif member.kind == DATA:
            data.append(member.body)
    if EventType.ENCRYPTED_TALLY not in by_type:
        return None
    encrypted, sized = by_type[EventType.ENCRYPTED_TALLY]
    result = by_type[EventType.RESULT][0] if EventType.RESULT in by_type else None
    return Closing(encrypted, parse_sized_encrypted_tally(sized), result, tuple(owners))


def read_archive(session: Session, ballot: BallotRow) -> Iterator[bytes]:
    """The `.bel` as it is now, in pieces, for a download. Raises Refused before sealing."""
    if ballot.timestamp is None:
        raise Refused(Refusal.WRONG_STATE, f"The ballot of {ballot.election_name} has no archive before it is sealed.")
    return archive_pieces(session, ballot)
