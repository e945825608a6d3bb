"""After each wrong password, the next attempt under the same login name must wait longer. Other names are not affected.

An attempt is counted before it is checked, so that many at once gain nothing. A right one resets the count. The count
is under the name given, whether an account has that name or not. There is no count over all names: an outsider who
knows no name could use it to keep every officer waiting, and it would stop no guess that the count of each name allows.
The load of a flood is limited by address (web/limits.py). Passkeys cannot be guessed and never wait.
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
"""This many mistakes cost nothing."""
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
TIDIED_EVERY = 100
"""After this many failures of unknown names, delete rows too old to count, so that a flood does not fill the table."""
UNKNOWN = "unknown"
"""The key for failures without a known account. It is used only for the activity log: no one waits because of it."""


def delay(count: int) -> timedelta:
    """The wait after the count-th mistake: nothing, then 1, 2, 4, ... seconds, at most LONGEST."""
    if count <= FREE:
        return timedelta(0)
    return min(LONGEST, timedelta(seconds=2 ** min(count - FREE - 1, 20)))


def count_attempt(door: Door, login: str) -> None:
    """Count an attempt under a login name. While the name must wait, counts nothing and raises Refused(TRY_LATER)."""
    with transaction(door.engine) as session:
        now = door.clock()
        under_name = lock_attempts(session, attempt_key(login), now)
        if under_name.wait_until > now:
            raise Refused(Refusal.TRY_LATER, "There were too many attempts. Wait a few minutes and try again.")
        _count(under_name, now, delay(under_name.count + 1))


def _count(row: AttemptRow, now: datetime, wait: timedelta) -> None:
    if now - row.last_at > FORGOTTEN:
        row.count, wait = 0, timedelta(0)
    row.count, row.last_at, row.wait_until = row.count + 1, now, now + wait


def forgive(door: Door, login: str) -> None:
    """Reset the count of this name after a right attempt. Also deletes old mistakes of any name."""
    with transaction(door.engine) as session:
        forget_attempts(session, attempt_key(login))
        forget_attempts_before(session, door.clock() - FORGOTTEN)


@contextmanager
def failures_noted(door: Door, login: str | None, way: str) -> Iterator[None]:
    """Inside the block, every refusal counts as a failed proof of identity in this `way`, and is logged."""
    try:
        yield
    except Refused as refusal:
        if refusal.reason in (Refusal.SIGN_IN_FAILED, Refusal.CODE_USED, Refusal.ENROLMENT_INVALID):
            note_failure(door, login, way)
        raise


def note_failure(door: Door, login: str | None, way: str) -> None:
    """Count a failure, and log it if `is_step`. Known and unknown names cost the same work."""
    with transaction(door.engine) as session:
        now = door.clock()
        account = None if login is None else find_account(session, login)
        unknown = lock_attempts(session, UNKNOWN, now)
        row = unknown if account is None else lock_attempts(session, attempt_key(account.login), now)
        if account is None:
            _count(unknown, now, timedelta(0))
            if unknown.count % TIDIED_EVERY == 0:
                forget_attempts_before(session, now - FORGOTTEN)
        if is_step(row.count):
            failed = SignInFailed(way, row.count, None if account is None else account.login)
            note_act(session, now, NOBODY, failed)


def is_step(count: int) -> bool:
    """Whether to log the count-th failure in a row: the first, and each at which a wait begins or has doubled."""
    rounds, rest = divmod(count, FREE + 1)
    return count <= 1 or (rest == 0 and rounds & (rounds - 1) == 0)


def attempt_key(login: str) -> str:
    """The key under which the attempts of a login name are counted."""
    return sha256_hex(f"login:{login}".encode())
