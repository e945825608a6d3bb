"""May this practice cast now? Asked twice for each ballot: cheaply before the proofs, and again under the lock.

In this order: the token, and that it belongs to the ballot's credential (403); the window (425, 410); an earlier
ballot, if the first is final (409).
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ballot.constitution.programme import Policy
from ballot.db.casting import CastState, Holder
from ballot.db.tokens import LIVE, SUPERSEDED
from ballot.office.errors import Refusal
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_programme
from ballot.protocol.errors import Reason
from ballot.protocol.group import Element, element_text
from ballot.record.errors import InvalidToken
from ballot.record.keys import PublicKey
from ballot.record.tokens import Token, open_token


class Rejected(Exception):
    """A refused ballot: the HTTP status, and the word of the reason."""

    def __init__(self, status: int, reason: Refusal | Reason) -> None:
        super().__init__(f"{status} {reason.value}")
        self.status = status
        self.word = reason.value


class BallotWindow(Protocol):
    """What decides whether a ballot is open: its state, and when it opens and closes."""

    @property
    def state(self) -> str: ...

    @property
    def opens_at(self) -> datetime: ...

    @property
    def closes_at(self) -> datetime: ...


def admit(standing: CastState, programme_id: str, token: Token, credential: Element, now: datetime) -> Holder:
    """The practice that may cast under this credential now. Raises Rejected."""
    holder = check_token(token, programme_id, standing.ccg, standing.id, standing.holder, now)
    if holder.credential != element_text(credential):
        raise Rejected(403, Refusal.OTHER_CREDENTIAL)
    check_window(standing, now)
    if read_programme(standing.toml).policy is Policy.FINAL and standing.has_voted:
        raise Rejected(409, Refusal.ALREADY_VOTED)
    return holder


def read_token(signed: str, registrar: PublicKey) -> Token:
    """Check the registrar's signature and read the token. Raises Rejected (403). No later event changes the answer."""
    try:
        return open_token(signed, registrar)
    except InvalidToken:
        raise Rejected(403, Refusal.TOKEN_INVALID) from None


def check_token(
    token: Token, programme_id: str, ccg: str, ballot_id: int, holder: Holder | None, now: datetime
) -> Holder:
    """The practice whose live token this is, here and now. Raises Rejected, always with 403."""
    if (token.programme, token.ccg) != (programme_id, ccg):
        raise Rejected(403, Refusal.TOKEN_ELSEWHERE)
    if now >= token.expires:
        raise Rejected(403, Refusal.TOKEN_EXPIRED)
    if holder is None:
        raise Rejected(403, Refusal.TOKEN_UNKNOWN)
    if holder.ballot_id != ballot_id or holder.ods != token.practice:
        raise Rejected(403, Refusal.TOKEN_ELSEWHERE)
    if holder.struck_at is not None:
        raise Rejected(403, Refusal.STRUCK)
    if holder.status != LIVE:
        raise Rejected(403, Refusal.TOKEN_SUPERSEDED if holder.status == SUPERSEDED else Refusal.TOKEN_REVOKED)
    if holder.credential != element_text(token.credential):
        raise Rejected(403, Refusal.OTHER_CREDENTIAL)
    return holder


def check_window(ballot: BallotWindow, now: datetime) -> None:
    """Raise Rejected, with 425 or 410, unless the ballot is open."""
    state = state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now)
    if state in (State.DRAFT, State.SEALED):
        raise Rejected(425, Refusal.NOT_OPEN)
    if state is not State.OPEN:
        raise Rejected(410, Refusal.ABANDONED if state is State.ABANDONED else Refusal.CLOSED)
