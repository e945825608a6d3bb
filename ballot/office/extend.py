"""Extend an open ballot: two people set a later closing time. Tokens outlast the window and need no change."""

from __future__ import annotations

from datetime import datetime

from ballot.db.session import transaction
from ballot.office.chronicle import check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.signing import Signers
from ballot.record.programme_events import Move
from ballot.record.times import time_text, whole_second


def extend(desk: Desk, programme_id: str, ccg: str, closes_at: datetime, signers: Signers, why: Why | None) -> None:
    """Close later than planned; raises Refused unless the ballot is open and the new time is later."""
    why = check_reason(signers, why)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        for ballot in chronicle.ballots_of(ccg):
            if (state := chronicle.state(ballot)) is not State.OPEN:
                raise Refused(Refusal.WRONG_STATE, f"The ballot of {ccg} is {state.value}, not open.")
            if whole_second(closes_at) <= ballot.closes_at:
                closes = time_text(ballot.closes_at)
                raise Refused(Refusal.NOT_LATER, f"The ballot of {ccg} closes at {closes} already.")
            ballot.closes_at = whole_second(closes_at)
            chronicle.move(ballot, Move.EXTENDED, {"closes": time_text(ballot.closes_at)}, signers, why)
