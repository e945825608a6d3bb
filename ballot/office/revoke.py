"""Revoke a practice's token, without giving it another. The registrar's act."""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.db.tokens import LIVE, REVOKED, append_token_lines
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.membership import current_token, voting_practice
from ballot.protocol.hashing import Hash
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move
from ballot.record.tokens import TokenAction, TokenLine


def revoke(
    desk: Desk, programme_id: str, ccg: str, practice: str, registrar: SigningKey, why: Why | None = None
) -> None:
    """End the live token of a practice; raises Refused if it has none."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot, member = voting_practice(chronicle, ccg, practice)
        token = current_token(session, member)
        if token.status != LIVE:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"The token of {practice} was revoked already.")
        token.status, token.ended_at = REVOKED, chronicle.now
        line = TokenLine(ccg, TokenAction.REVOKED, Hash(token.hash))
        append_token_lines(session, programme_id, [line.to_bytes()])
        chronicle.move(ballot, Move.REVOKED, {"token": token.hash}, (registrar,), why)
