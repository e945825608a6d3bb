"""A practice while its ballot can still be cast: what strike, re-issue, revoke and a changed contact start from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow, find_practice
from ballot.db.tokens import LIVE, SUPERSEDED, TokenRow, append_token_lines, latest_token
from ballot.office.chronicle import Chronicle
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.protocol.hashing import Hash
from ballot.record.keys import SigningKey
from ballot.record.tokens import TokenAction, TokenLine, token_hash
from ballot.registrar.issuing import sign_again


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


def succeed_token(
    chronicle: Chronicle, ballot: BallotRow, member: PracticeRow, registrar: SigningKey
) -> tuple[TokenRow, TokenRow]:
    """A token of the next serial for the same credential in place of the live one: the old and the new.

    Raises: Refused, where the practice has no live token: one that was revoked is so for good.
    """
    session, now = chronicle.session, chronicle.now
    old = current_token(session, member)
    if old.status != LIVE:
        raise Refused(Refusal.NO_LIVE_TOKEN, f"The token of {member.ods} was revoked, and for good.")
    place = (chronicle.programme.id, ballot.ccg, member.ods, member.credential or "")
    serial = old.serial + 1
    hash = token_hash(sign_again(*place, serial, old.expires_at, registrar))
    old.status, old.ended_at = SUPERSEDED, now
    session.flush()
    new = TokenRow(
        practice_id=member.id, serial=serial, hash=hash, status=LIVE, issued_at=now, expires_at=old.expires_at
    )
    session.add(new)
    line = TokenLine(ballot.ccg, TokenAction.REISSUED, hash, Hash(old.hash))
    append_token_lines(session, chronicle.programme.id, [line.to_bytes()])
    return old, new
