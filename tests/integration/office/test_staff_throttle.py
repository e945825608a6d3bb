"""Password guessing waits longer each time, on both databases, even with parallel guesses."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from ballot.db.session import reading
from ballot.db.sessions import AttemptRow
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.sessions import Door
from ballot.office.staff.throttle import FREE, LONGEST, TIDIED_EVERY, count_attempt, delay, forgive, note_failure
from ballot.registrar.keyring import StorageKey

SECOND = timedelta(seconds=1)


@dataclass
class Hand:
    """A clock that is put on by hand."""

    now: datetime = field(default=datetime(2020, 5, 11, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def door(engine: Engine, clock: Hand) -> Door:
    return Door(engine, clock, secrets.token_bytes, StorageKey(b"k" * 32), Passwords(PasswordHasher(1, 8, 1)))


def is_counted(door: Door, login: str = "ann") -> bool:
    """Whether an attempt is looked at, and not told to wait."""
    try:
        count_attempt(door, login)
    except Refused as refusal:
        return refusal.reason is not Refusal.TRY_LATER
    return True


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_wait_never_falls_and_never_grows_beyond_its_bound(one: int, two: int) -> None:
    fewer, more = sorted((one, two))

    assert timedelta(0) <= delay(fewer) <= delay(more) <= LONGEST


def test_the_wait_doubles() -> None:
    assert [delay(FREE + i) // SECOND for i in range(13)] == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_guesser_gets_few_guesses_a_day(door: Door, clock: Hand) -> None:
    looked_at, end = 0, clock.now + timedelta(hours=24)
    while clock.now < end:
        looked_at += is_counted(door)
        clock.now += SECOND * 60
    assert looked_at < 120


def test_waiting_under_one_name_is_not_waiting_under_another(door: Door) -> None:
    while is_counted(door):
        pass
    assert is_counted(door, "bea")


def test_whoever_was_right_waits_no_more_and_a_day_forgets(door: Door, clock: Hand) -> None:
    while is_counted(door):
        pass
    forgive(door, "ann")
    assert [is_counted(door) for _ in range(FREE + 2)] == [True] * (FREE + 1) + [False]
    clock.now += timedelta(hours=24, seconds=1)
    assert [is_counted(door) for _ in range(FREE + 2)] == [True] * (FREE + 1) + [False]


def test_a_flood_of_names_that_nobody_has_delays_no_officer(door: Door) -> None:
    flood = [is_counted(door, f"n{i}") for i in range(300)] + [is_counted(door, "one name") for _ in range(50)]
    assert flood.count(False) == 50 - FREE - 1
    assert is_counted(door, "ann")


def test_what_a_flood_leaves_behind_goes_after_a_day(door: Door, clock: Hand) -> None:
    for i in range(TIDIED_EVERY // 2):
        count_attempt(door, f"old{i}")
    clock.now += timedelta(hours=25)
    for i in range(TIDIED_EVERY):
        count_attempt(door, f"new{i}")
        note_failure(door, f"new{i}", "password")
    with reading(door.engine) as session:
        rows = session.scalars(select(func.count()).select_from(AttemptRow)).one()
    assert rows == TIDIED_EVERY + 1  # the one more counts the failures of unknown names


def test_many_at_once_gain_nothing(door: Door) -> None:
    def guess(_: int) -> bool:
        return is_counted(door)

    with ThreadPoolExecutor(8) as threads:
        looked_at: Callable[[int], bool] = guess
        assert sum(threads.map(looked_at, range(40))) == FREE + 1
