"""Whoever guesses waits longer each time: under one login name, and a little under all of them together.

An attempt is counted before it is looked at, so that many at once gain nothing, and forgotten when it was right. What
is counted under a name is counted whether anybody has that name or not. Passkeys cannot be guessed and wait for
nobody's mistakes, so that whoever locks a person out by guessing does not lock out their passkey.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ballot.db.attempts import AttemptRow, forget_attempts, forget_attempts_before, lock_attempts
from ballot.db.session import transaction
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


def key_of(login: str) -> str:
    """Under what the attempts of a login name are counted."""
    return sha256_hex(f"login:{login}".encode())
