"""Strike a practice that is no longer a member: two people, and only before it has a ballot."""

from __future__ import annotations

from ballot.db.accepted import has_voted
from ballot.db.session import transaction
from ballot.db.tokens import LIVE, REVOKED, append_token_lines
from ballot.office.chronicle import check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.membership import current_token, voting_practice
from ballot.office.signing import Signers
from ballot.protocol.hashing import Hash
from ballot.record.programme_events import Move
from ballot.record.tokens import TokenAction, TokenLine


def strike(desk: Desk, programme_id: str, ccg: str, practice: str, signers: Signers, why: Why | None) -> None:
    """Take a practice off the eligible and revoke its token; raises Refused once it has voted, or after closing."""
    why = check_reason(signers, why)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        ballot, member = voting_practice(chronicle, ccg, practice)
        if has_voted(session, member.id):
            raise Refused(Refusal.HAS_VOTED, f"{practice} has a ballot already, and stays.")
        token = current_token(session, member)
        member.struck_at = chronicle.now
        revoked = token.hash if token.status == LIVE else None
        if revoked is not None:
            token.status, token.ended_at = REVOKED, chronicle.now
            line = TokenLine(ccg, TokenAction.REVOKED, Hash(revoked))
            append_token_lines(session, programme_id, [line.to_bytes()])
        data = {"credential": member.credential, "token": revoked}
        chronicle.move(ballot, Move.STRUCK, data, signers, why)
