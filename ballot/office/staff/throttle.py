"""Whoever guesses waits longer each time: under one login name, and a little under all of them together.

An attempt is counted before it is looked at, so that many at once gain nothing, and forgotten when it was right. What
is counted under a name is counted whether anybody has that name or not. Passkeys cannot be guessed and wait for
nobody's mistakes, so that whoever locks a person out by guessing does not lock out their passkey.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ballot.db.attempts import AttemptRow, forget_attempts, forget_attempts_before, lock_attempts
from ballot.db.session import transaction
from ballot.db.staff import find_account
from ballot.office.activity import NOBODY, SignInFailed, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.door import Door
from ballot.protocol.hashing import sha256_hex

FREE = 5
"""So many mistakes cost nothing."""
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
FREE_IN_ALL = 200
LONGEST_IN_ALL = timedelta(seconds=4)
FORGOTTEN_IN_ALL = timedelta(hours=1)
EVERYBODY = "everybody"
UNKNOWN = "unknown"
"""Under what failures are counted where no account is known, for the activity log alone: nobody waits for them."""


def delay(count: int, free: int = FREE, longest: timedelta = LONGEST) -> timedelta:
    """How long to wait after the count-th mistake: nothing, then 1, 2, 4, ... seconds, never longer than `longest`."""
    if count <= free:
        return timedelta(0)
    return min(longest, timedelta(seconds=2 ** min(count - free - 1, 20)))


def count_attempt(door: Door, login: str) -> None:
    """Count an attempt under a login name; raises Refused(TRY_LATER), and counts nothing, while it has to wait."""
    with transaction(door.engine) as session:
        now = door.clock()
        in_all, under_name = (lock_attempts(session, key, now) for key in (EVERYBODY, key_of(login)))
        if in_all.wait_until > now or under_name.wait_until > now:
            raise Refused(Refusal.TRY_LATER, "There were too many attempts; wait a little and try again.")
        _count(in_all, now, FORGOTTEN_IN_ALL, delay(in_all.count + 1, FREE_IN_ALL, LONGEST_IN_ALL))
        _count(under_name, now, FORGOTTEN, delay(under_name.count + 1))


def _count(row: AttemptRow, now: datetime, forgotten: timedelta, wait: timedelta) -> None:
    if now - row.last_at > forgotten:
        row.count, wait = 0, timedelta(0)
    row.count, row.last_at, row.wait_until = row.count + 1, now, now + wait


def forgive(door: Door, login: str) -> None:
    """An attempt was right: what was counted under the name is forgotten, and old mistakes of everybody's are too."""
    with transaction(door.engine) as session:
        now = door.clock()
        in_all = lock_attempts(session, EVERYBODY, now)
        in_all.count = max(0, in_all.count - 1)
        forget_attempts(session, key_of(login))
        forget_attempts_before(session, now - FORGOTTEN)


@contextmanager
def failures_noted(door: Door, login: str | None, way: str) -> Iterator[None]:
    """Whatever is refused in here is a failure to prove who one is, by this way, and goes into the activity log."""
    try:
        yield
    except Refused as refusal:
        if refusal.reason in (Refusal.SIGN_IN_FAILED, Refusal.ENROLMENT_INVALID):
            note_failure(door, login, way)
        raise


def note_failure(door: Door, login: str | None, way: str) -> None:
    """Count a failure and, if it is a step, note it. The same work is done whether the name is an account's or not."""
    with transaction(door.engine) as session:
        now = door.clock()
        account = None if login is None else find_account(session, login)
        unknown = lock_attempts(session, UNKNOWN, now)
        row = unknown if account is None else lock_attempts(session, key_of(account.login), now)
        if account is None:
            _count(unknown, now, FORGOTTEN, timedelta(0))
        if is_step(row.count):
            failed = SignInFailed(way, row.count, None if account is None else account.login)
            note_act(session, now, NOBODY, failed)


def is_step(count: int) -> bool:
    """Whether the count-th failure in a row is told of: the first, and those at which a wait begins or has doubled."""
    rounds, rest = divmod(count, FREE + 1)
    return count <= 1 or (rest == 0 and rounds & (rounds - 1) == 0)


def key_of(login: str) -> str:
    """Under what the attempts of a login name are counted."""
    return sha256_hex(f"login:{login}".encode())
