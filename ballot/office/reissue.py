"""Re-issue: a new token for the same credential; the older one is revoked by it. The registrar's act.

The practice, and nobody else, is sent its new link.
"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.db.tokens import LIVE, SUPERSEDED, TokenRow, append_token_lines
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.membership import current_token, voting_practice
from ballot.office.queueing import queue_reissued
from ballot.protocol.hashing import Hash
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move
from ballot.record.tokens import TokenAction, TokenLine, token_hash
from ballot.registrar.issuing import sign_again


def reissue(
    desk: Desk, programme_id: str, ccg: str, practice: str, registrar: SigningKey, why: Why | None = None
) -> None:
    """Give the practice a token of the next serial; `links.practice_links` has it. Raises Refused."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot, member = voting_practice(chronicle, ccg, practice)
        old = current_token(session, member)
        if old.status != LIVE:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"The token of {practice} was revoked, and for good.")
        place = (programme_id, ccg, practice, member.credential or "")
        hash = token_hash(sign_again(*place, old.serial + 1, old.expires_at, registrar))
        old.status, old.ended_at = SUPERSEDED, chronicle.now
        session.flush()
        new = TokenRow(
            practice_id=member.id,
            serial=old.serial + 1,
            hash=hash,
            status=LIVE,
            issued_at=chronicle.now,
            expires_at=old.expires_at,
        )
        session.add(new)
        line = TokenLine(ccg, TokenAction.REISSUED, hash, Hash(old.hash))
        append_token_lines(session, programme_id, [line.to_bytes()])
        queue_reissued(session, chronicle.programme, member, old.serial + 1, chronicle.now)
        chronicle.move(ballot, Move.REISSUED, {"token": hash, "replaces": old.hash}, (registrar,), why)
