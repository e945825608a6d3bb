"""The life of one ballot: its states, and the moves between them, as one table. No move goes backwards.

Opening and closing follow from stored times: a sealed ballot whose time has come *is* open, even if its row does not
say so yet (`state_at`).
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from ballot.office.errors import Refusal, Refused
from ballot.record.programme_events import Move


class State(Enum):
    """In the order of a ballot's life; an abandoned ballot ends early."""

    DRAFT = "draft"
    SEALED = "sealed"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    DECLARED = "declared"
    ABANDONED = "abandoned"


TABLE: dict[tuple[State | None, Move], State] = {
    (None, Move.PREPARED): State.DRAFT,
    (State.DRAFT, Move.ISSUED): State.DRAFT,
    (State.DRAFT, Move.SEALED): State.SEALED,
    (State.SEALED, Move.REISSUED): State.SEALED,
    (State.SEALED, Move.REVOKED): State.SEALED,
    (State.SEALED, Move.STRUCK): State.SEALED,
    (State.SEALED, Move.CONTACT_CHANGED): State.SEALED,
    (State.SEALED, Move.OPENED): State.OPEN,
    (State.SEALED, Move.ABANDONED): State.ABANDONED,
    (State.OPEN, Move.REISSUED): State.OPEN,
    (State.OPEN, Move.REVOKED): State.OPEN,
    (State.OPEN, Move.STRUCK): State.OPEN,
    (State.OPEN, Move.CONTACT_CHANGED): State.OPEN,
    (State.OPEN, Move.EXTENDED): State.OPEN,
    (State.OPEN, Move.CLOSED): State.CLOSED,
    (State.OPEN, Move.ABANDONED): State.ABANDONED,
    (State.CLOSED, Move.TALLIED): State.TALLIED,
    (State.CLOSED, Move.ABANDONED): State.ABANDONED,
    (State.TALLIED, Move.CASTING_VOTE): State.TALLIED,
    (State.TALLIED, Move.DECIDED): State.TALLIED,
    (State.TALLIED, Move.DECLARED): State.DECLARED,
    (State.TALLIED, Move.REBALLOT): State.TALLIED,
    (State.DECLARED, Move.REBALLOT): State.DECLARED,
    (State.TALLIED, Move.ABANDONED): State.ABANDONED,
}


def next_state(state: State | None, move: Move) -> State:
    """The state that a move leads to. Raises Refused if the move is not allowed from this state."""
    following = TABLE.get((state, move))
    if following is None:
        found = "not there" if state is None else state.value
        raise Refused(Refusal.WRONG_STATE, f"A ballot that is {found} cannot be {move.value}.")
    return following


def can_move(state: State, move: Move | None) -> bool:
    """Whether the move is allowed from this state."""
    return move is not None and (state, move) in TABLE


def state_at(state: State, opens_at: datetime, closes_at: datetime, now: datetime) -> State:
    """The state of a ballot at a moment. Between sealing and closing the clock decides, not the row."""
    if state not in (State.SEALED, State.OPEN):
        return state
    if now < opens_at:
        return State.SEALED
    return State.OPEN if now < closes_at else State.CLOSED
