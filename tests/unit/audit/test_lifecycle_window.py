"""When officers may move the window of an election, as the auditor understands it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ballot.audit.lifecycle import Lifecycle
from ballot.protocol.hashing import Hash
from ballot.record.keys import Role, RoleSignature
from ballot.record.programme_events import Move, ProgrammeEvent
from ballot.record.times import time_text

OPENS = datetime(2020, 5, 11, 8, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=18)
NO_KEY = Hash("0" * 64)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BOARD, TWO = (Role.BOARD,), (Role.RETURNING_OFFICER, Role.DEPUTY)


def moved(move: Move, at: datetime, roles: tuple[Role, ...], **data: datetime) -> ProgrammeEvent:
    told: Mapping[str, str] = {name: time_text(moment) for name, moment in data.items()}
    signatures = tuple(RoleSignature(role, NO_KEY, b"") for role in roles)
    return ProgrammeEvent(None, 0, at, move, "merger", "00A", told, None, None, {}, signatures)


def sealed() -> Lifecycle:
    lifecycle = Lifecycle(["00A"], OPENS, CLOSES)
    for move in (Move.PREPARED, Move.ISSUED, Move.SEALED):
        event = ProgrammeEvent(None, 0, OPENS - DAY, move, "merger", None, {}, None, None, {})
        assert list(lifecycle.follow(event)) == []
    return lifecycle


def opened() -> Lifecycle:
    lifecycle = sealed()
    assert list(lifecycle.follow(moved(Move.OPENED, OPENS, BOARD, opens=OPENS))) == []
    return lifecycle


@pytest.mark.parametrize(
    ("at", "closes", "is_right"),
    [
        pytest.param(OPENS, CLOSES + DAY, True, id="while open, to later"),
        pytest.param(CLOSES - SECOND, CLOSES + DAY, True, id="in the last second"),
        pytest.param(CLOSES, CLOSES + DAY, False, id="at closing"),
        pytest.param(CLOSES + SECOND, CLOSES + DAY, False, id="after closing"),
        pytest.param(OPENS, CLOSES, False, id="to the same time"),
        pytest.param(OPENS, CLOSES - SECOND, False, id="to earlier"),
    ],
)
def test_voting_is_extended_while_it_is_open_and_to_later(at: datetime, closes: datetime, is_right: bool) -> None:
    faults = list(opened().follow(moved(Move.EXTENDED, at, TWO, closes=closes)))
    assert faults == ([] if is_right else ["extended to an earlier time, or after closing"])


@pytest.mark.parametrize(
    ("at", "closes", "roles", "is_right"),
    [
        pytest.param(CLOSES, CLOSES, BOARD, True, id="by the board on time"),
        pytest.param(CLOSES - SECOND, CLOSES, BOARD, False, id="by the board too early"),
        pytest.param(CLOSES, CLOSES - SECOND, BOARD, False, id="by the board at another time"),
        pytest.param(CLOSES - DAY, CLOSES - DAY, TWO, True, id="by officers early"),
        pytest.param(CLOSES + SECOND, CLOSES + SECOND, TWO, False, id="by officers late"),
        pytest.param(CLOSES - DAY, CLOSES - 2 * DAY, TWO, False, id="by officers, dated back"),
    ],
)
def test_voting_is_closed_on_time_or_early_by_officers(
    at: datetime, closes: datetime, roles: tuple[Role, ...], is_right: bool
) -> None:
    faults = list(opened().follow(moved(Move.CLOSED, at, roles, closes=closes)))
    assert bool(faults) is not is_right


@pytest.mark.parametrize(
    ("at", "opens", "roles", "is_right"),
    [
        pytest.param(OPENS - SECOND, OPENS, BOARD, False, id="by the board too early"),
        pytest.param(OPENS, OPENS - SECOND, BOARD, False, id="by the board at another time"),
        pytest.param(OPENS - DAY, OPENS - DAY, TWO, True, id="by officers early"),
        pytest.param(OPENS + SECOND, OPENS + SECOND, TWO, False, id="by officers late"),
    ],
)
def test_voting_is_opened_on_time_or_early_by_officers(
    at: datetime, opens: datetime, roles: tuple[Role, ...], is_right: bool
) -> None:
    faults = list(sealed().follow(moved(Move.OPENED, at, roles, opens=opens)))
    assert bool(faults) is not is_right
