"""The table of states and moves is complete, leads only forward, and every state can be reached and left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import TABLE, State, next_state, state_at
from ballot.record.programme_events import Move

ORDER = list(State)
NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("state", "move"), list(product([None, *State], Move)))
def test_every_move_from_every_state_is_in_the_table_or_refused(state: State | None, move: Move) -> None:
    if (state, move) in TABLE:
        assert next_state(state, move) is TABLE[state, move]
    else:
        with pytest.raises(Refused) as refused:
            next_state(state, move)
        assert refused.value.reason is Refusal.WRONG_STATE


def test_nothing_moves_backwards() -> None:
    for (state, _), following in TABLE.items():
        assert state is None or ORDER.index(following) >= ORDER.index(state)


def test_every_state_can_be_reached_and_every_move_made() -> None:
    assert set(TABLE.values()) == set(State)
    assert {move for _, move in TABLE} == set(Move)


def test_only_what_is_declared_or_abandoned_has_no_way_on() -> None:
    left = {state for (state, _), following in TABLE.items() if following is not state}
    assert set(State) - left == {State.DECLARED, State.ABANDONED}


@pytest.mark.parametrize(
    ("state", "now", "expected"),
    [
        (State.DRAFT, NOON, State.DRAFT),
        (State.SEALED, NOON - SECOND, State.SEALED),
        (State.SEALED, NOON, State.OPEN),
        (State.OPEN, EVENING - SECOND, State.OPEN),
        (State.OPEN, EVENING, State.CLOSED),
        (State.SEALED, EVENING, State.CLOSED),
        (State.TALLIED, NOON, State.TALLIED),
        (State.ABANDONED, NOON, State.ABANDONED),
    ],
)
def test_between_sealing_and_closing_the_clock_says_what_a_ballot_is(
    state: State, now: datetime, expected: State
) -> None:
    assert state_at(state, NOON, EVENING, now) is expected
