"""May this practice cast now? Asked twice for every ballot: cheaply before the proofs, and again under the lock.

In this order: the token, and that the ballot stands under its credential (403); the window (425, 410); a ballot that
is there already, where the first is final (409).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ballot.constitution.programme import Policy
from ballot.db.accepted import has_voted
from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.db.tokens import LIVE, SUPERSEDED, find_token
from ballot.office.errors import Refusal
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_keys, read_programme
from ballot.protocol.errors import Reason
from ballot.protocol.group import Element, element_text
from ballot.record.errors import InvalidToken
from ballot.record.keys import Role
from ballot.record.tokens import Token, open_token, token_hash


class Rejected(Exception):
    """A ballot that is refused: the status, and the word of the reason."""

    def __init__(self, status: int, reason: Refusal | Reason) -> None:
        super().__init__(f"{status} {reason.value}")
        self.status = status
        self.word = reason.value


def admit(
    session: Session, programme: ProgrammeRow, ballot: BallotRow, token: str, credential: Element, now: datetime
) -> int:
    """The id of the practice that may cast under this credential now; raises Rejected."""
    practice = practice_of_token(session, programme, ballot, token, now)
    if practice.credential != element_text(credential):
        raise Rejected(403, Refusal.OTHER_CREDENTIAL)
    check_window(ballot, now)
    if read_programme(programme.toml).policy is Policy.FINAL and has_voted(session, practice.id):
        raise Rejected(409, Refusal.ALREADY_VOTED)
    return practice.id


def practice_of_token(
    session: Session, programme: ProgrammeRow, ballot: BallotRow, signed: str, now: datetime
) -> PracticeRow:
    """The member whose live token this is, here and now; raises Rejected, always with 403."""
    token = _open(programme, signed)
    if (token.programme, token.ccg) != (programme.id, ballot.ccg):
        raise Rejected(403, Refusal.TOKEN_ELSEWHERE)
    if now >= token.expires:
        raise Rejected(403, Refusal.TOKEN_EXPIRED)
    found = find_token(session, token_hash(signed))
    if found is None:
        raise Rejected(403, Refusal.TOKEN_UNKNOWN)
    row, practice = found
    if practice.ballot_id != ballot.id or practice.ods != token.practice:
        raise Rejected(403, Refusal.TOKEN_ELSEWHERE)
    if practice.struck_at is not None:
        raise Rejected(403, Refusal.STRUCK)
    if row.status != LIVE:
        raise Rejected(403, Refusal.TOKEN_SUPERSEDED if row.status == SUPERSEDED else Refusal.TOKEN_REVOKED)
    if practice.credential != element_text(token.credential):
        raise Rejected(403, Refusal.OTHER_CREDENTIAL)
    return practice


def _open(programme: ProgrammeRow, signed: str) -> Token:
    try:
        return open_token(signed, read_keys(programme.keys)[Role.REGISTRAR])
    except InvalidToken:
        raise Rejected(403, Refusal.TOKEN_INVALID) from None


def check_window(ballot: BallotRow, now: datetime) -> None:
    """Raise Rejected, with 425 or 410, unless the ballot is open."""
    state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now)
    if state in (State.DRAFT, State.SEALED):
        raise Rejected(425, Refusal.NOT_OPEN)
    if state is not State.OPEN:
        raise Rejected(410, Refusal.ABANDONED if state is State.ABANDONED else Refusal.CLOSED)
