"""Abandon a CCG's ballot, in all its localities: two people, with a reason. What was cast stays. -> abandoned"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.office.chronicle import check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.signing import Signers
from ballot.record.programme_events import Move


def abandon(desk: Desk, programme_id: str, ccg: str, signers: Signers, why: Why | None) -> None:
    """End the ballot without an outcome; raises Refused once the programme is decided."""
    why = check_reason(signers, why)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        if chronicle.programme.decision is not None:
            raise Refused(Refusal.ALREADY_DECIDED, "The programme is decided; what was counted cannot be undone.")
        for ballot in chronicle.ballots_of(ccg):
            chronicle.move(ballot, Move.ABANDONED, {}, signers, why)
