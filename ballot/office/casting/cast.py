"""Cast one ballot: the answers of the design, in their order, and the one transaction in which a vote comes to be.

    413 too large; 400 malformed; 200 again, with the same receipt, for a ballot already accepted; 403 token refused;
    425 not open yet, 410 closed; 409 already voted; 400 a proof or signature fails; 200 accepted

(1) What is cheap is checked first and holds nothing. (2) The proofs are checked before any lock. (3) In one
transaction: the head of the election's log is held, the time is read once, what may have changed meanwhile is checked
again, and ballot, event, checkpoint, receipt and the e-mails about it are written. A crash anywhere leaves no vote, or
a whole vote.

Link and token name the CCG. Where that votes by localities, the election is the one that the ballot was made for; a
ballot made for none of them is held against the election of the practice that the token was issued to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine

from ballot.constitution.programme import Policy
from ballot.db.casting import Standing, hold_log, read_standings
from ballot.db.session import casting
from ballot.db.votes import Vote, store_vote
from ballot.office.casting.admission import Rejected, admit, read_token
from ballot.office.casting.logbook import never_before, next_advance
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
from ballot.record.checkpoints import origin_of
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import Receipt, sign_receipt
from ballot.record.tokens import Token, token_hash

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


@dataclass(frozen=True, slots=True)
class _Paper:
    """What was sent, as far as it is the same however often it is looked at."""

    programme: str
    place: str
    """The CCG that the link names; later on, the election."""
    signed: str
    body: bytes
    token_hash: Hash
    payload: Hash

    def standings(self, connection: Connection) -> list[Standing]:
        return read_standings(connection, self.programme, self.place, self.token_hash, self.payload)


def cast(
    engine: Engine, clock: Clock, programme_id: str, ccg: str, token: str, body: bytes, board_key: SigningKey
) -> Answer:
    """Accept the ballot in `body`, or say in one word why not. Never raises for what somebody sent.

    Raises: ValueError, where the key is not that of the programme's board: no receipt could be trusted.
    """
    paper = _Paper(programme_id, ccg, token, body, token_hash(token), sha256_hex(body))
    try:
        with casting(engine) as connection:
            rows = paper.standings(connection)
            if not rows or any(row.election is None for row in rows):
                raise Rejected(404, Refusal.NO_SUCH_BALLOT)
            if read_keys(rows[0].keys)[Role.BOARD] != board_key.public:
                raise ValueError("this is not the key of the programme's board")
            if len(body) > size_limit(_election(rows[0])):  # the questions of all are the same
                raise Rejected(413, Refusal.TOO_LARGE)
            ballot = _parse(body)
            row = _choose(rows, ballot)
            if row.receipt is not None:
                return Answer(200, ACCEPTED, row.receipt)
            opened = read_token(token, read_keys(row.keys)[Role.REGISTRAR])
            admit(row, programme_id, opened, ballot.credential, never_before(clock(), [row]))
            check_ballot(GROUP, ballot, _election(row), {ballot.credential})
            return _append(connection, clock, replace(paper, place=row.election_name), opened, ballot, board_key)
    except Rejected as rejected:
        return Answer(rejected.status, rejected.word)
    except InvalidMessage as fault:
        return Answer(400, fault.reason.value)


def size_limit(election: Election) -> int:
    """How large a ballot of this election may be: what its questions need at most, and never less than 64 kB."""
    answers = sum(_ANSWER + question.length * _CHOICE for question in election.questions)
    return max(SMALLEST_LIMIT, _BALLOT + answers)


def _election(row: Standing) -> Election:
    return read_election(row.election or b"")


def _choose(rows: list[Standing], ballot: Ballot) -> Standing:
    """Which of a CCG's elections is meant; whether the token is good for anything is judged later, in its turn."""
    made_for = [row for row in rows if row.uuid == ballot.election_uuid]
    of_token = [row for row in rows if row.holder is not None and row.holder.ballot_id == row.id]
    return rows[0] if len(rows) == 1 else next(iter([*made_for, *of_token, *rows]))


def _parse(body: bytes) -> Ballot:
    try:
        return parse_ballot(GROUP, body)
    except InvalidMessage as fault:
        raise Rejected(400, fault.reason) from None


def _append(
    connection: Connection, clock: Clock, paper: _Paper, token: Token, ballot: Ballot, board_key: SigningKey
) -> Answer:
    """Step 3. What was read before the lock is read again; only the token's signature cannot have changed."""
    held = hold_log(connection, paper.programme, paper.place)
    row = next(iter(paper.standings(connection)), None)
    if row is None or not held or row.size is None or row.last_event is None:
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    if row.receipt is not None:
        return Answer(200, ACCEPTED, row.receipt)
    now = never_before(clock(), [row])
    holder = admit(row, paper.programme, token, ballot.credential, now)
    event, entries = event_entries(parse_event(row.last_event), EventType.BALLOT, [paper.body])
    origin = origin_of(row.board, paper.programme, row.election_name)
    to = next_advance(origin, row.size, row.compact or "", event.hash, now, board_key)
    number = tracking_number(paper.body)
    receipt = sign_receipt(
        Receipt(paper.programme, row.ccg, row.uuid, number, event.height, event.hash, now), board_key
    )
    credential, members = element_text(ballot.credential), row.members or 0
    vote = Vote(
        members=[
            {
                "ballot_id": row.id,
                "position": members + i,
                "kind": entry.kind,
                "hash": sha256_hex(entry.body),
                "body": entry.body,
            }
            for i, entry in enumerate(entries)
        ],
        checkpoint={
            "programme_id": paper.programme,
            "log": row.election_name,
            "size": to.size,
            "note": to.note,
            "nodes": to.nodes,
        },
        head={
            "size": to.size,
            "compact": to.compact,
            "head": to.head,
            "last_time": to.time,
            "members": members + len(entries),
        },
        accepted={
            "ballot_id": row.id,
            "practice_id": holder.practice_id,
            "payload": paper.payload,
            "credential": credential,
            "height": event.height,
            "time": now,
            "receipt": receipt,
            "once": credential if read_programme(row.toml).policy is Policy.FINAL else None,
        },
        messages=receipt_messages(paper.programme, holder, paper.payload, now),
    )
    store_vote(connection, paper.programme, paper.place, vote)
    return Answer(200, ACCEPTED, receipt)
