"""Cast one ballot: the answers of the design, in their order, and the one transaction in which a vote comes to be.

    413 too large; 400 malformed; 200 again, with the same receipt, for a ballot already accepted; 403 token refused;
    425 not open yet, 410 closed; 409 already voted; 400 a proof or signature fails; 200 accepted

(1) What is cheap is checked first and holds nothing. (2) The proofs are checked before any lock. (3) In one
transaction: the head of the election's log is held, the time is read once, what may have changed meanwhile is checked
again, and ballot, event, checkpoint and receipt are written. A crash anywhere leaves no vote, or a whole vote.

Link and token name the CCG. Where that votes by localities, the election is the one that the ballot was made for; a
ballot made for none of them is held against the election of the practice that the token was issued to.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Policy, Programme
from ballot.db.accepted import AcceptedRow, find_accepted
from ballot.db.ballots import BallotRow, find_ballot, list_ballots_of
from ballot.db.logs import find_log, lock_log
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.db.tokens import find_token
from ballot.office.admission import Rejected, admit
from ballot.office.archives import append_event
from ballot.office.desk import Clock
from ballot.office.errors import Refusal
from ballot.office.logbook import never_before
from ballot.office.sealed import GROUP, read_election, read_keys, read_programme
from ballot.protocol.ballots import Ballot, check_ballot, parse_ballot, tracking_number
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType
from ballot.protocol.group import element_text
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import Receipt, sign_receipt
from ballot.record.tokens import token_hash

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
            rows, programme = _find(session, programme_id, ccg)
            if read_keys(programme.keys)[Role.BOARD] != board_key.public:
                raise ValueError("this is not the key of the programme's board")
            if len(body) > size_limit(_election(rows[0])):  # the questions of all are the same
                raise Rejected(413, Refusal.TOO_LARGE)
            ballot = _parse(body)
            row = _choose(session, rows, ballot, token)
            if again := find_accepted(session, row.id, sha256_hex(body)):
                return Answer(200, ACCEPTED, again.receipt)
            log = find_log(session, programme_id, row.election_name)
            now = never_before(clock(), [log] if log else [])
            admit(session, programme, row, token, ballot.credential, now)
        check_ballot(GROUP, ballot, _election(row), {ballot.credential})
        with transaction(engine) as session:
            return _append(session, clock, programme_id, row.election_name, token, ballot, body, board_key)
    except Rejected as rejected:
        return Answer(rejected.status, rejected.word)
    except InvalidMessage as fault:
        return Answer(400, fault.reason.value)


def size_limit(election: Election) -> int:
    """How large a ballot of this election may be: what its questions need at most, and never less than 64 kB."""
    answers = sum(_ANSWER + question.length * _CHOICE for question in election.questions)
    return max(SMALLEST_LIMIT, _BALLOT + answers)


def _find(session: Session, programme_id: str, ccg: str) -> tuple[list[BallotRow], ProgrammeRow]:
    """The CCG's ballots, which are sealed together, and the programme."""
    one = find_ballot(session, programme_id, ccg)  # also by the name of a locality's election
    rows = list_ballots_of(session, programme_id, ccg) if one is None else [one]
    programme = find_programme(session, programme_id)
    if not rows or programme is None or any(row.election is None for row in rows):
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    return rows, programme


def _election(row: BallotRow) -> Election:
    return read_election(row.election or b"")


def _choose(session: Session, rows: list[BallotRow], ballot: Ballot, token: str) -> BallotRow:
    """Which of a CCG's elections is meant; whether the token is good for anything is judged later, in its turn."""
    if len(rows) == 1:
        return rows[0]
    found = find_token(session, token_hash(token))
    of_token = None if found is None else found[1].ballot_id
    made_for = [row for row in rows if row.uuid == ballot.election_uuid]
    return next(iter([*made_for, *(row for row in rows if row.id == of_token)]), rows[0])


def _parse(body: bytes) -> Ballot:
    try:
        return parse_ballot(GROUP, body)
    except InvalidMessage as fault:
        raise Rejected(400, fault.reason) from None


def _append(
    session: Session,
    clock: Clock,
    programme_id: str,
    election_name: str,
    token: str,
    ballot: Ballot,
    body: bytes,
    board_key: SigningKey,
) -> Answer:
    log = lock_log(session, programme_id, election_name)
    row, programme = find_ballot(session, programme_id, election_name), find_programme(session, programme_id)
    if log is None or row is None or programme is None:
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    payload = sha256_hex(body)
    if again := find_accepted(session, row.id, payload):
        return Answer(200, ACCEPTED, again.receipt)
    now = never_before(clock(), [log])
    practice_id = admit(session, programme, row, token, ballot.credential, now)
    event = append_event(session, row, log, EventType.BALLOT, [body], now, programme.board, board_key)
    receipt = sign_receipt(
        Receipt(programme_id, row.ccg, row.uuid, tracking_number(body), event.height, event.hash, now), board_key
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
    return Answer(200, ACCEPTED, receipt)


def _once(programme: Programme, credential: str) -> str | None:
    return credential if programme.policy is Policy.FINAL else None
