"""Cast one ballot: the answers of the design, in their order, and the one transaction in which a vote comes to be.

    413 too large; 400 malformed; 200 again, with the same receipt, for a ballot already accepted; 403 token refused;
    425 not open yet, 410 closed; 409 already voted; 400 a proof or signature fails; 200 accepted

(1) What is cheap is checked first and holds nothing. (2) The proofs are checked before any lock. (3) In one
transaction: the head of the CCG's log is held, the time is read once, what may have changed meanwhile is checked
again, and ballot, event, checkpoint, receipt and the e-mails about it are written. A crash anywhere leaves no vote, or
a whole vote.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Policy, Programme
from ballot.db.accepted import AcceptedRow, find_accepted
from ballot.db.ballots import BallotRow, find_ballot
from ballot.db.logs import find_log, lock_log
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.office.admission import Rejected, admit
from ballot.office.archives import append_event
from ballot.office.desk import Clock
from ballot.office.errors import Refusal
from ballot.office.logbook import never_before
from ballot.office.queueing import queue_receipt
from ballot.office.sealed import GROUP, read_election, read_keys, read_programme
from ballot.protocol.ballots import Ballot, check_ballot, parse_ballot, tracking_number
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.group import element_text
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import Receipt, sign_receipt

ACCEPTED = "accepted"
SMALLEST_LIMIT = 64 * 1024
_CHOICE, _ANSWER, _BALLOT = 1000, 1000, 2000
"""Generous upper bounds, in bytes, on what a choice with its proofs, an answer and a ballot add."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the practice is told: an HTTP status, one word, and the receipt if the ballot stands."""

    status: int
    word: str
    receipt: bytes | None = None


def cast(
    engine: Engine, clock: Clock, programme_id: str, ccg: str, token: str, body: bytes, board_key: SigningKey
) -> Answer:
    """Accept the ballot in `body`, or say in one word why not. Never raises for what somebody sent.

    Raises: ValueError, where the key is not that of the programme's board: no receipt could be trusted.
    """
    try:
        with reading(engine) as session:
            row, programme, election = _find(session, programme_id, ccg)
            if read_keys(programme.keys)[Role.BOARD] != board_key.public:
                raise ValueError("this is not the key of the programme's board")
            if len(body) > size_limit(election):
                raise Rejected(413, Refusal.TOO_LARGE)
            ballot = _parse(body)
            if again := find_accepted(session, row.id, sha256_hex(body)):
                return Answer(200, ACCEPTED, again.receipt)
            log = find_log(session, programme_id, ccg)
            now = never_before(clock(), [log] if log else [])
            admit(session, programme, row, token, ballot.credential, now)
        check_ballot(GROUP, ballot, election, {ballot.credential})
        with transaction(engine) as session:
            return _append(session, clock, programme_id, ccg, token, ballot, body, board_key)
    except Rejected as rejected:
        return Answer(rejected.status, rejected.word)
    except InvalidMessage as fault:
        return Answer(400, fault.reason.value)


def size_limit(election: Election) -> int:
    """How large a ballot of this election may be: what its questions need at most, and never less than 64 kB."""
    answers = sum(_ANSWER + question.length * _CHOICE for question in election.questions)
    return max(SMALLEST_LIMIT, _BALLOT + answers)


def _find(session: Session, programme_id: str, ccg: str) -> tuple[BallotRow, ProgrammeRow, Election]:
    row = find_ballot(session, programme_id, ccg)
    programme = find_programme(session, programme_id)
    if row is None or programme is None or row.election is None:
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    return row, programme, read_election(row.election)


def _parse(body: bytes) -> Ballot:
    try:
        return parse_ballot(GROUP, body)
    except InvalidMessage as fault:
        raise Rejected(400, fault.reason) from None


def _append(
    session: Session,
    clock: Clock,
    programme_id: str,
    ccg: str,
    token: str,
    ballot: Ballot,
    body: bytes,
    board_key: SigningKey,
) -> Answer:
    log = lock_log(session, programme_id, ccg)
    row, programme, _ = _find(session, programme_id, ccg)
    if log is None:
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    payload = sha256_hex(body)
    if again := find_accepted(session, row.id, payload):
        return Answer(200, ACCEPTED, again.receipt)
    now = never_before(clock(), [log])
    practice_id = admit(session, programme, row, token, ballot.credential, now)
    event = append_event(session, row, log, EventType.BALLOT, [body], now, programme.board, board_key)
    receipt = sign_receipt(
        Receipt(programme_id, ccg, row.uuid, tracking_number(body), event.height, event.hash, now), board_key
    )
    credential = element_text(ballot.credential)
    accepted = AcceptedRow(
        ballot_id=row.id,
        practice_id=practice_id,
        payload=payload,
        credential=credential,
        height=event.height,
        time=now,
        receipt=receipt,
        once=_once(read_programme(programme.toml), credential),
    )
    session.add(accepted)
    queue_receipt(session, programme, practice_id, payload, now)
    return Answer(200, ACCEPTED, receipt)


def _once(programme: Programme, credential: str) -> str | None:
    return credential if programme.policy is Policy.FINAL else None
