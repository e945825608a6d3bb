"""Close a ballot: EndBallots and EncryptedTally in one append, on time or early by two people. -> closed

The product over the ballots is computed before the lock is taken, so that other CCGs go on voting meanwhile; if a
ballot came in between, which can only happen early, it is computed again under the lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from ballot.db.accepted import list_accepted
from ballot.db.archive import DATA, list_entries
from ballot.db.ballots import BallotRow, find_ballot
from ballot.db.logs import find_log
from ballot.db.practices import list_practices
from ballot.db.session import reading, transaction
from ballot.office.chronicle import Chronicle, check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import GROUP, read_election
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.events import EventType
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.tally import SizedEncryptedTally, Tally, encrypted_tally_to_bytes
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move
from ballot.record.times import time_text

_SECOND = timedelta(seconds=1)


def close_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Close a ballot whose time has come, if nobody has yet; raises Refused before that. May be called again."""
    counted = count_before(desk, programme_id, ccg)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot = chronicle.ballot(ccg)
        if State(ballot.state) in (State.CLOSED, State.TALLIED, State.DECLARED):
            return
        if chronicle.state(ballot) in (State.DRAFT, State.SEALED, State.OPEN):
            raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} closes at {time_text(ballot.closes_at)}.")
        append_closing(chronicle, ballot, counted, (desk.board,), None)


def close_early(desk: Desk, programme_id: str, ccg: str, signers: Sequence[SigningKey], why: Why | None) -> None:
    """Close now a ballot that is open; raises Refused."""
    why = check_reason(signers, why)
    counted = count_before(desk, programme_id, ccg)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot = chronicle.ballot(ccg)
        if chronicle.state(ballot) is not State.OPEN:
            raise Refused(Refusal.WRONG_STATE, f"The ballot of {ccg} is {chronicle.state(ballot).value}, not open.")
        # Times are whole seconds: a ballot accepted in this second must still stand before the closing.
        chronicle.now = ballot.closes_at = _after(chronicle.now, chronicle.logs[ccg].last_time, ballot.opens_at)
        append_closing(chronicle, ballot, counted, signers, why)


def _after(now: datetime, *moments: datetime) -> datetime:
    return max([now, *(moment + _SECOND for moment in moments)])


@dataclass(frozen=True, slots=True)
class Counted:
    """A product, and the head of the log it was made from."""

    head: str
    tally: Tally


def count_before(desk: Desk, programme_id: str, ccg: str) -> Counted | None:
    """The product over the ballots that are there now, and the head of the log that it belongs to."""
    with reading(desk.engine) as session:
        ballot, log = find_ballot(session, programme_id, ccg), find_log(session, programme_id, ccg)
        if ballot is None or log is None or State(ballot.state) not in (State.SEALED, State.OPEN):
            return None
        return Counted(log.head, tally_ballots(session, ballot))


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


def append_closing(
    chronicle: Chronicle, ballot: BallotRow, counted: Counted | None, signers: Sequence[SigningKey], why: Why | None
) -> None:
    """EndBallots, EncryptedTally and the event, with what was counted before if no ballot has come since."""
    if counted is None or counted.head != chronicle.logs[ballot.ccg].head:
        counted = Counted(chronicle.logs[ballot.ccg].head, tally_ballots(chronicle.session, ballot))
    tally = counted.tally
    encrypted = encrypted_tally_to_bytes(tally.encrypted)
    sized = SizedEncryptedTally(tally.num_tallied, tally.total_weight, sha256_hex(encrypted))
    chronicle.append(ballot, EventType.END_BALLOTS, [])
    chronicle.append(ballot, EventType.ENCRYPTED_TALLY, [encrypted, sized.to_bytes()])
    chronicle.move(ballot, Move.CLOSED, {"closes": time_text(ballot.closes_at)}, signers, why)
