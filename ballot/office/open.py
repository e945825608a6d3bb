"""Open a ballot: on time, which only writes down what the clock has done already, or early, by two people. -> open"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.office.chronicle import check_reason, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.signing import Signers
from ballot.record.programme_events import Move
from ballot.record.times import time_text


def open_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Write that the ballot opened, if nobody has yet; raises Refused before its time. May be called again."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots_of(ccg):
            if State(ballot.state) in (State.DRAFT, State.SEALED):
                raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} is {ballot.state} and opens at its own time.")


def open_early(desk: Desk, programme_id: str, ccg: str, signers: Signers, why: Why | None) -> None:
    """Open now a ballot that would open later; raises Refused."""
    why = check_reason(signers, why)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        for ballot in chronicle.ballots_of(ccg):
            ballot.opens_at = chronicle.now
            chronicle.move(ballot, Move.OPENED, {"opens": time_text(ballot.opens_at)}, signers, why)
