"""What the holder of a token can do: who votes, in which election, until when, or why not. Reads only.

This asks for the token alone, never the credential. The answers are those of a cast, in their order: 403 the token,
425 not open yet, 410 over, 409 voted already if the first vote is final. The holder of a live token always learns which
practice it is for, and gets the receipt of the practice's own ballot. So a voter whose answer was lost learns that the
vote counted. The receipt names no choice, and its ballot is on the public board anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Policy, Programme
from ballot.db.accepted import latest_accepted
from ballot.db.ballots import BallotRow, list_ballots, list_ballots_of
from ballot.db.casting import holder_of
from ballot.db.logs import find_log
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.tokens import find_token
from ballot.office.casting.admission import Rejected, check_token, check_window, read_token
from ballot.office.casting.logbook import never_before
from ballot.office.desk import Clock
from ballot.office.errors import Refusal
from ballot.office.sealed import credentials_of, read_keys, read_programme, read_roll_parts
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.record.tokens import token_hash

MAY_VOTE = "may-vote"


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The practice that a token belongs to, and the ballot it is for."""

    programme: Programme
    fingerprint: str
    elections: Mapping[str, str]
    """The hash of every election of the programme. With terms and keys, the fingerprint is made from these."""
    ballot: BallotRow
    practice: PracticeRow
    terms: bytes
    credentials: bytes
    """The full list of the election's public credentials and weights, in which the page finds its own."""
    roll: bytes
    """The election's part of the public roll, in which the page finds its own line."""
    receipt: bytes | None
    """The receipt of the practice's ballot, if it has one."""


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """An HTTP status, one word and, if the token is good, its holder."""

    status: int
    word: str
    voter: TokenHolder | None = field(default=None)


def enter(engine: Engine, clock: Clock, programme_id: str, ccg: str, token: str) -> EntryAnswer:
    """What the holder of this token may do in this CCG now. Never raises because of what was sent. Changes nothing."""
    with reading(engine) as session:
        try:
            ballot, programme = _find(session, programme_id, ccg, token)
            log = find_log(session, programme_id, ballot.election_name)
            now = never_before(clock(), [log] if log else [])
            practice = _practice_of_token(session, programme, ballot, token, now)
        except Rejected as rejected:
            return EntryAnswer(rejected.status, rejected.word)
        voter = _voter(session, programme, ballot, practice)
        try:
            check_window(ballot, now)
        except Rejected as rejected:
            return EntryAnswer(rejected.status, rejected.word, voter)
    if voter.receipt is not None and voter.programme.policy is Policy.FINAL:
        return EntryAnswer(409, Refusal.ALREADY_VOTED.value, voter)
    return EntryAnswer(200, MAY_VOTE, voter)


def _find(session: Session, programme_id: str, ccg: str, token: str) -> tuple[BallotRow, ProgrammeRow]:
    """The CCG's election in which the token's practice votes, or its first. The token is checked afterwards."""
    rows = list_ballots_of(session, programme_id, ccg)
    programme = find_programme(session, programme_id)
    if not rows or programme is None or any(row.election is None for row in rows):
        raise Rejected(404, Refusal.NO_SUCH_BALLOT)
    found = find_token(session, token_hash(token))
    return next((row for row in rows if found and row.id == found[1].ballot_id), rows[0]), programme


def _practice_of_token(
    session: Session, programme: ProgrammeRow, ballot: BallotRow, signed: str, now: datetime
) -> PracticeRow:
    """The member whose live token this is. Raises Rejected, in the same order as a cast."""
    token = read_token(signed, read_keys(programme.keys)[Role.REGISTRAR])
    found = find_token(session, token_hash(signed))
    check_token(token, programme.id, ballot.ccg, ballot.id, None if found is None else holder_of(*found), now)
    if found is None:
        raise Rejected(403, Refusal.TOKEN_UNKNOWN)
    return found[1]


def _voter(session: Session, programme: ProgrammeRow, ballot: BallotRow, practice: PracticeRow) -> TokenHolder:
    accepted = latest_accepted(session, practice.id)
    return TokenHolder(
        read_programme(programme.toml),
        programme.fingerprint or "",
        {row.election_name: sha256_hex(row.election or b"") for row in list_ballots(session, programme.id)},
        ballot,
        practice,
        programme.terms or b"",
        credentials_of(list_practices(session, ballot.id)),
        read_roll_parts(programme.roll)[ballot.election_name],
        accepted.receipt if accepted else None,
    )
