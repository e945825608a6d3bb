"""Passwords, by argon2id; a name that nobody has costs the same work as one that somebody has."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
_FEWEST_KINDS = 5


class Passwords:
    """Hashes and checks. `hasher` is argon2-cffi's, with RFC 9106's second parameters unless told otherwise."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("nobody has this")

    def hash(self, password: str) -> str:
        """What is kept of a password."""
        return self._hasher.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; the same work is done where none is kept, and the answer is no."""
        try:
            self._hasher.verify(kept or self._nobodys, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def weakness(password: str, login: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence; None if it will do. Length is what counts, not its kinds."""
    if len(password) < SHORTEST:
        return f"Password must be {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"Password must be {LONGEST} characters or fewer"
    if len(set(password.casefold())) < _FEWEST_KINDS:
        return f"Password must have at least {_FEWEST_KINDS} different characters"
    known = [login.partition("@")[0], *name.split()]
    if any(len(word) > 3 and word.casefold() in password.casefold() for word in known):
        return "Password must not contain your name or e-mail address"
    return None
