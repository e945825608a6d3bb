"""What the clock does, written down: a ballot opens and closes on time, and the board signs that it did.

Opening and closing early are acts of two people: `office.acts.window`. A CCG's localities close in one transaction, at
one time.
"""

from __future__ import annotations

from ballot.db.session import transaction
from ballot.office.chronicle import open_chronicle
from ballot.office.closing import append_closing, count_before
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.record.moves import Move
from ballot.record.times import time_text


def open_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Write that the ballot opened, if nobody has yet; raises Refused before its time. May be called again."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots_of(ccg):
            chronicle.open_if_due(ballot)
            if State(ballot.state) in (State.DRAFT, State.SEALED):
                raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} is {ballot.state} and opens at its own time.")


def close_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Close a ballot whose time has come, if nobody has yet; raises Refused before that. May be called again."""
    counted = count_before(desk, programme_id, ccg)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots_of(ccg):
            chronicle.open_if_due(ballot)
            if State(ballot.state) in (State.CLOSED, State.TALLIED, State.DECLARED):
                continue
            if chronicle.state(ballot) in (State.DRAFT, State.SEALED, State.OPEN):
                raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} closes at {time_text(ballot.closes_at)}.")
            append_closing(chronicle, ballot, counted)
            chronicle.move(ballot, Move.CLOSED, {"closes": time_text(ballot.closes_at)}, (desk.board,), None)
