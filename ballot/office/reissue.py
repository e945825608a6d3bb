"""Re-issue: a new token for the same credential; the older one is revoked by it. The registrar's act.

The practice, and nobody else, is sent its new link.
"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.membership import succeed_token, voting_practice
from ballot.office.queueing import queue_reissued
from ballot.record.keys import SigningKey
from ballot.record.programme_events import Move


def reissue(
    desk: Desk, programme_id: str, ccg: str, practice: str, registrar: SigningKey, why: Why | None = None
) -> None:
    """Give the practice a token of the next serial; `links.practice_links` has it. Raises Refused."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        ballot, member = voting_practice(chronicle, ccg, practice)
        old, new = succeed_token(chronicle, ballot, member, registrar)
        queue_reissued(session, chronicle.programme, member, new.serial, chronicle.now)
        chronicle.move(ballot, Move.REISSUED, {"token": new.hash, "replaces": old.hash}, (registrar,), why)
