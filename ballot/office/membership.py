"""A practice while its ballot can still be cast: what strike, re-issue and revoke start from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow, find_practice
from ballot.db.tokens import TokenRow, latest_token
from ballot.office.chronicle import Chronicle
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State


def voting_practice(chronicle: Chronicle, ccg: str, ods: str) -> tuple[BallotRow, PracticeRow]:
    """The ballot, sealed or open now, and its member, not struck, in whichever locality; raises Refused otherwise."""
    for ballot in chronicle.ballots_of(ccg):
        state = chronicle.state(ballot)
        if state not in (State.SEALED, State.OPEN):
            sentence = f"The ballot of {ccg} is {state.value}; it would have to be sealed or open."
            raise Refused(Refusal.WRONG_STATE, sentence)
        practice = find_practice(chronicle.session, ballot.id, ods)
        if practice is not None and practice.struck_at is not None:
            raise Refused(Refusal.ALREADY_STRUCK, f"{ods} was struck already.")
        if practice is not None:
            return ballot, practice
    raise Refused(Refusal.NO_SUCH_PRACTICE, f"{ods} is not a member of {ccg}.")


def current_token(session: Session, practice: PracticeRow) -> TokenRow:
    """The newest token of a practice, live or revoked."""
    token = latest_token(session, practice.id)
    if token is None:
        raise Refused(Refusal.NOT_ISSUED, f"{practice.ods} has no token yet.")
    return token
