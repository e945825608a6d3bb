"""Whoever guesses waits longer each time, on both databases, however many guess at once."""

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
from sqlalchemy import Engine

from ballot.office.errors import Refusal, Refused
from ballot.office.staff.door import Door
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.throttle import FREE, FREE_IN_ALL, LONGEST, count_attempt, delay, forgive
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


def test_many_names_together_wait_a_little_and_an_hour_forgets(door: Door, clock: Hand) -> None:
    assert all(is_counted(door, f"n{i}") for i in range(FREE_IN_ALL + 1))
    assert not is_counted(door, "another")
    clock.now += 4 * SECOND
    assert is_counted(door, "another")
    clock.now += timedelta(hours=1, seconds=1)
    assert all(is_counted(door, f"m{i}") for i in range(5))


def test_many_at_once_gain_nothing(door: Door) -> None:
    def guess(_: int) -> bool:
        return is_counted(door)

    with ThreadPoolExecutor(8) as threads:
        looked_at: Callable[[int], bool] = guess
        assert sum(threads.map(looked_at, range(40))) == FREE + 1
