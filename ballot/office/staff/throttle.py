"""Passwords wait longer after each wrong guess under the same login name, and for no other name's guesses.

An attempt is counted before it is looked at, so that many at once gain nothing, and forgotten when it was right. It is
counted under the name that was given, whether an account has that name or not. There is no count of all names
together: an outsider who knows no name could keep every officer waiting with it, and it would stop no guess that the
count under each name lets through. The load of a flood is limited by address (web/limits.py). Passkeys cannot be
guessed and never wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ballot.db.session import transaction
from ballot.db.sessions import AttemptRow, forget_attempts, forget_attempts_before, lock_attempts
from ballot.db.staff import find_account
from ballot.office.activity import NOBODY, SignInFailed, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.sessions import Door
from ballot.protocol.hashing import sha256_hex

FREE = 5
"""So many mistakes cost nothing."""
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
TIDIED_EVERY = 100
"""After this many failures of unknown names, rows that are too old to count are deleted: a flood leaves no heap."""
UNKNOWN = "unknown"
"""Under what failures are counted where no account is known, for the activity log alone: nobody waits for them."""


def delay(count: int) -> timedelta:
    """How long to wait after the count-th mistake: nothing, then 1, 2, 4, ... seconds, never longer than LONGEST."""
    if count <= FREE:
        return timedelta(0)
    return min(LONGEST, timedelta(seconds=2 ** min(count - FREE - 1, 20)))


def count_attempt(door: Door, login: str) -> None:
    """Count an attempt under a login name; raises Refused(TRY_LATER), and counts nothing, while it has to wait."""
    with transaction(door.engine) as session:
        now = door.clock()
        under_name = lock_attempts(session, key_of(login), now)
        if under_name.wait_until > now:
            raise Refused(Refusal.TRY_LATER, "There were too many attempts. Wait a few minutes and try again.")
        _count(under_name, now, delay(under_name.count + 1))


def _count(row: AttemptRow, now: datetime, wait: timedelta) -> None:
    if now - row.last_at > FORGOTTEN:
        row.count, wait = 0, timedelta(0)
    row.count, row.last_at, row.wait_until = row.count + 1, now, now + wait


def forgive(door: Door, login: str) -> None:
    """An attempt was right: what was counted under the name is forgotten, and old mistakes under any name are too."""
    with transaction(door.engine) as session:
        forget_attempts(session, key_of(login))
        forget_attempts_before(session, door.clock() - FORGOTTEN)


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
            _count(unknown, now, timedelta(0))
            if unknown.count % TIDIED_EVERY == 0:
                forget_attempts_before(session, now - FORGOTTEN)
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
