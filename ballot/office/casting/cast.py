"""Cast one ballot: the answers of the design, in their order, and the one transaction in which a vote comes to be.

    413 too large; 400 malformed; 200 again, with the same receipt, for a ballot already accepted; 403 token refused;
    425 not open yet, 410 closed; 409 already voted; 400 not said by what authority; 400 a proof or signature fails;
    200 accepted

(1) Cheap checks come first and hold no lock. (2) The proofs are checked before any lock. (3) In one transaction: the
head of the election's log is locked, the time is read once, what may have changed is checked again, and ballot, event,
checkpoint, receipt, the statement of who cast it, and the e-mails about it are written. A crash at any point leaves no
vote or a whole vote.

Link and token name the CCG. If the CCG votes by localities, the election is the one that the ballot was made for. A
ballot made for none of them is checked against the election of the practice that the token was issued to.

A refused ballot is counted by election and reason, for the scrutineer's report. Nothing is stored about who sent it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from ballot.constitution.programme import Policy
from ballot.db.accepted import AcceptedRow
from ballot.db.appending import NewRow
from ballot.db.authority import AuthorityRow
from ballot.db.casting import CastState, Holder, hold_log, read_cast_states
from ballot.db.incidents import add_refused_cast
from ballot.db.logs import LogHead
from ballot.db.session import casting, transaction
from ballot.office.casting.admission import Rejected, admit, read_token
from ballot.office.casting.archives import append_entries
from ballot.office.casting.logbook import never_before
from ballot.office.desk import Clock
from ballot.office.errors import Refusal
from ballot.office.post.outbox import receipt_messages
from ballot.office.sealed import GROUP, read_election, read_keys, read_programme
from ballot.protocol.archive import event_entries
from ballot.protocol.ballots import Ballot, check_ballot, parse_ballot, tracking_number
from ballot.protocol.elections import Election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import element_text
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.authority import SALT_BYTES, Authority, CastStatement, parse_authority
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import Receipt, sign_receipt
from ballot.record.tokens import Token, token_hash

ACCEPTED = "accepted"
SMALLEST_LIMIT = 64 * 1024
_CHOICE, _ANSWER, _BALLOT = 1000, 1000, 2000
"""Generous upper limits, in bytes, on what a choice with its proofs, an answer and a ballot add."""


@dataclass(frozen=True, slots=True)
class CastAnswer:
    """The answer to the practice: an HTTP status, one word, and the receipt if the ballot was accepted."""

    status: int
    word: str
    receipt: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What was sent, and what follows from it alone."""

    programme: str
    place: str
    """The CCG that the link names; later the election."""
    signed: str
    body: bytes
    token_hash: Hash
    payload: Hash
    authority: bytes | None

    def cast_states(self, connection: Connection) -> list[CastState]:
        return read_cast_states(connection, self.programme, self.place, self.token_hash, self.payload)


def cast(
    engine: Engine,
    clock: Clock,
    programme_id: str,
    ccg: str,
    token: str,
    body: bytes,
    board_key: SigningKey,
    authority: bytes | None = None,
) -> CastAnswer:
    """Accept the ballot in `body`, or say in one word why not. Never raises because of what was sent.

    `authority` is what the voter says about themselves (`record.authority.Authority`), if anything came.

    Raises: ValueError, if the key is not that of the programme's board: no receipt could be trusted.
    """
    place: str | None = None
    attempt = _Attempt(programme_id, ccg, token, body, token_hash(token), sha256_hex(body), authority)
    try:
        with casting(engine) as connection:
            rows = attempt.cast_states(connection)
            if not rows or any(row.election is None for row in rows):
                raise Rejected(404, Refusal.NO_SUCH_BALLOT)
            place = rows[0].ccg
            if read_keys(rows[0].keys)[Role.BOARD] != board_key.public:
                raise ValueError("this is not the key of the programme's board")
            if len(body) > size_limit(_election(rows[0])):  # all elections have the same questions
                raise Rejected(413, Refusal.TOO_LARGE)
            ballot = _parse(body)
            row = _choose(rows, ballot)
            place = row.election_name
            if row.receipt is not None:
                return CastAnswer(200, ACCEPTED, row.receipt)
            opened = read_token(token, read_keys(row.keys)[Role.REGISTRAR])
            admit(row, programme_id, opened, ballot.credential, never_before(clock(), [row.log] if row.log else []))
            check_authority(row.statement, authority)
            check_ballot(GROUP, ballot, _election(row), {ballot.credential})
            return _append(connection, clock, replace(attempt, place=row.election_name), opened, ballot, board_key)
    except Rejected as rejected:
        answer = CastAnswer(rejected.status, rejected.word)
    except InvalidMessage as fault:
        answer = CastAnswer(400, fault.reason.value)
    if place is not None:
        _count_refused(engine, programme_id, place, answer.word)
    return answer


def _count_refused(engine: Engine, programme_id: str, election: str, word: str) -> None:
    """Count a refused ballot in a transaction of its own, after the cast has let go of every lock."""
    with transaction(engine) as session:
        add_refused_cast(session, programme_id, election, word)


def size_limit(election: Election) -> int:
    """The largest size of a ballot of this election, in bytes: what its questions need at most, and at least 64 kB."""
    answers = sum(_ANSWER + question.length * _CHOICE for question in election.questions)
    return max(SMALLEST_LIMIT, _BALLOT + answers)


def _election(row: CastState) -> Election:
    return read_election(row.election or b"")


def _choose(rows: list[CastState], ballot: Ballot) -> CastState:
    """Choose which of a CCG's elections is meant. The token is checked later."""
    made_for = [row for row in rows if row.uuid == ballot.election_uuid]
    of_token = [row for row in rows if row.holder is not None and row.holder.ballot_id == row.id]
    return rows[0] if len(rows) == 1 else next(iter([*made_for, *of_token, *rows]))


def _parse(body: bytes) -> Ballot:
    try:
        return parse_ballot(GROUP, body)
    except InvalidMessage as fault:
        raise Rejected(400, fault.reason) from None


def check_authority(statement: str | None, sent: bytes | None) -> Authority | None:
    """What the voter says about themselves. Raises Rejected (400) unless it is there exactly if the terms ask for it.

    The voter's page sends the statement that was confirmed: it must be the sealed one, word for word.
    """
    if statement is None:
        if sent is not None:
            raise Rejected(400, Refusal.AUTHORITY_NOT_ASKED)
        return None
    if sent is None:
        raise Rejected(400, Refusal.AUTHORITY_MISSING)
    try:
        said = parse_authority(sent)
    except InvalidMessage:
        raise Rejected(400, Refusal.AUTHORITY_MALFORMED) from None
    if said.statement != statement:
        raise Rejected(400, Refusal.AUTHORITY_MALFORMED)
    return said


def _append(
    connection: Connection, clock: Clock, attempt: _Attempt, token: Token, ballot: Ballot, board_key: SigningKey
) -> CastAnswer:
    """Step 3. Reads again what was read before the lock. Only the token's signature cannot have changed."""
    held = hold_log(connection, attempt.programme, attempt.place)
    row = next(iter(attempt.cast_states(connection)), None)
    if row is None or not held or row.log is None or row.last_event is None:
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    if row.receipt is not None:
        return CastAnswer(200, ACCEPTED, row.receipt)
    now = never_before(clock(), [row.log])
    holder = admit(row, attempt.programme, token, ballot.credential, now)
    said = check_authority(row.statement, attempt.authority)
    receipt, _ = append_vote(connection, row, row.log, holder, ballot, attempt.body, now, board_key, said)
    return CastAnswer(200, ACCEPTED, receipt)


def append_vote(
    connection: Connection,
    row: CastState,
    log: LogHead,
    holder: Holder,
    ballot: Ballot,
    body: bytes,
    now: datetime,
    board_key: SigningKey,
    said: Authority | None,
) -> tuple[bytes, LogHead]:
    """Append an admitted ballot with its receipt, who cast it, and the e-mails about it.

    Returns the receipt and the log's new head. The caller holds the log, and read `row` after locking it. An act that
    holds the programme's logs may call this too.
    """
    event, entries = event_entries(parse_event(row.last_event or b""), EventType.BALLOT, [body])
    number, payload = tracking_number(body), sha256_hex(body)
    receipt = sign_receipt(
        Receipt(log.programme_id, row.ccg, row.uuid, number, event.height, event.hash, now), board_key
    )
    credential = element_text(ballot.credential)
    accepted = {
        "ballot_id": row.id,
        "practice_id": holder.practice_id,
        "payload": payload,
        "credential": credential,
        "height": event.height,
        "time": now,
        "receipt": receipt,
        "once": credential if read_programme(row.toml).policy is Policy.FINAL else None,
    }
    by = () if said is None else (_authority_row(CastStatement(row.uuid, holder.ods, payload, said)),)
    beside = [NewRow(AcceptedRow, accepted, by), *receipt_messages(log.programme_id, holder, payload, now)]
    return receipt, append_entries(connection, row.id, log, event, entries, now, row.board, board_key, beside)


def _authority_row(made: CastStatement) -> NewRow:
    salt = secrets.token_bytes(SALT_BYTES)
    said = made.authority
    values = {"capacity": said.capacity.value, "name": said.name, "salt": salt, "hash": made.hash(salt)}
    return NewRow(AuthorityRow, values)
