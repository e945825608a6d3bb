"""What closing a ballot appends to its archive: EndBallots and EncryptedTally, on time or early.

The product over the ballots is computed before the lock is taken, so that other CCGs go on voting meanwhile; if a
ballot came in between, which can only happen early, it is computed again under the lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ballot.db.accepted import list_accepted
from ballot.db.archive import DATA, list_entries
from ballot.db.ballots import BallotRow, list_ballots_of
from ballot.db.logs import find_log
from ballot.db.practices import list_practices
from ballot.db.session import reading
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk
from ballot.office.lifecycle import State
from ballot.office.sealed import GROUP, read_election
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.tally import SizedEncryptedTally, Tally, encrypted_tally_to_bytes


@dataclass(frozen=True, slots=True)
class Counted:
    """A product, and the head of the log it was made from."""

    head: str
    tally: Tally


def count_before(desk: Desk, programme_id: str, ccg: str) -> dict[str, Counted]:
    """The product over the ballots that are there now, and the head of the log it belongs to, by election name."""
    counted: dict[str, Counted] = {}
    with reading(desk.engine) as session:
        for ballot in list_ballots_of(session, programme_id, ccg):
            log = find_log(session, programme_id, ballot.election_name)
            if log is not None and State(ballot.state) in (State.SEALED, State.OPEN):
                counted[ballot.election_name] = Counted(log.head, tally_ballots(session, ballot))
    return counted


def tally_ballots(session: Session, ballot: BallotRow) -> Tally:
    """The encrypted product of the last ballot of every credential, each to the power of its weight."""
    election = read_election(ballot.election or b"")
    weights = {row.credential: 1 if row.weight is None else row.weight for row in list_practices(session, ballot.id)}
    last = {row.credential: row.payload for row in list_accepted(session, ballot.id)}
    counted = {payload: weights[credential] for credential, payload in last.items()}
    tally = Tally(GROUP, election)
    for entry in list_entries(session, ballot.id):
        if entry.kind == DATA and entry.hash in counted:
            answers = parse_ballot(GROUP, entry.body).answers
            tally.add([answer.choices for answer in answers], counted[entry.hash])
    return tally


def append_closing(chronicle: Chronicle, ballot: BallotRow, before: Mapping[str, Counted]) -> None:
    """EndBallots and EncryptedTally, with what was counted before if no ballot has come since."""
    counted, head = before.get(ballot.election_name), chronicle.logs[ballot.election_name].head
    if counted is None or counted.head != head:
        counted = Counted(head, tally_ballots(chronicle.session, ballot))
    tally = counted.tally
    encrypted = encrypted_tally_to_bytes(tally.encrypted)
    sized = SizedEncryptedTally(tally.num_tallied, tally.total_weight, sha256_hex(encrypted))
    chronicle.append(ballot, EventType.END_BALLOTS, [])
    chronicle.append(ballot, EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])
