"""Open and close ballots on time: write down what the clock has done, signed by the board.

Nothing depends on when this runs. Whether a ballot counts follows from the time that its own transaction reads. This
only writes the events and forms the encrypted totals, for every programme for which they are due. The localities of a
CCG close in one transaction, at one time. Two officers open or close early: `office.acts.window`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ballot.db.ballots import list_ballots
from ballot.db.programmes import list_programmes
from ballot.db.session import reading, transaction
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_keys
from ballot.office.tally import append_closing, count_before
from ballot.record.keys import Role
from ballot.record.moves import Move
from ballot.record.times import time_text


def open_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Write that the ballot opened, if that is not written yet. Raises Refused before its time. Safe to repeat."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots_of(ccg):
            chronicle.open_if_due(ballot)
            if State(ballot.state) in (State.DRAFT, State.SEALED):
                raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} is {ballot.state} and opens at its own time.")


def close_on_time(desk: Desk, programme_id: str, ccg: str) -> None:
    """Close a ballot whose time has come, if that is not written yet. Raises Refused before then. Safe to repeat."""
    counted = count_before(desk, programme_id, ccg)
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        for ballot in chronicle.ballots_of(ccg):
            chronicle.open_if_due(ballot)
            if State(ballot.state) in (State.CLOSED, State.TALLIED, State.DECLARED):
                continue
            if chronicle.state(ballot) in (State.DRAFT, State.SEALED, State.OPEN):
                raise Refused(Refusal.TOO_EARLY, f"The ballot of {ccg} closes at {time_text(ballot.closes_at)}.")
            chronicle.move(ballot, Move.CLOSED, append_closing(chronicle, ballot, counted), (desk.board,), None)


@dataclass(frozen=True, slots=True)
class Ticked:
    """The openings and closings that were written, each as programme and CCG."""

    opened: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]


def tick(desk: Desk) -> Ticked:
    """Write all openings and closings that are due. Safe to run at any time, and more than once at the same time."""
    opened, closed = _due(desk)
    return Ticked(
        tuple(place for place in opened if _write(desk, open_on_time, place)),
        tuple(place for place in closed if _write(desk, close_on_time, place)),
    )


def _due(desk: Desk) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The CCGs whose opening is due and not written, and those whose closing is."""
    opened: dict[tuple[str, str], None] = {}
    closed: dict[tuple[str, str], None] = {}
    now = desk.clock()
    with reading(desk.engine) as session:
        for programme in list_programmes(session):
            if read_keys(programme.keys)[Role.BOARD] != desk.board.public:
                continue  # another board's programme: that board's own worker does it
            for ballot in list_ballots(session, programme.id):
                state, place = State(ballot.state), (programme.id, ballot.ccg)
                is_now = state_at(state, ballot.opens_at, ballot.closes_at, now)
                if state is State.SEALED and is_now is State.OPEN:
                    opened[place] = None
                if state is not State.CLOSED and is_now is State.CLOSED:
                    closed[place] = None
    return list(opened), list(closed)


def _write(desk: Desk, act: Callable[[Desk, str, str], None], place: tuple[str, str]) -> bool:
    """Returns whether it was written. The ballot may have been extended or abandoned since the check."""
    try:
        act(desk, *place)
    except Refused as refused:
        if refused.reason in (Refusal.TOO_EARLY, Refusal.WRONG_STATE):
            return False
        raise
    return True
