"""Passwords, by argon2id. An unknown name costs the same work as a known one."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 256
_FEWEST_KINDS = 5
# fmt: off
OURS = (
    "ballot", "vote", "voting", "election", "merger", "nhs", "ccg", "ccgs", "icb", "hscn", "belenios", "practice",
    "member", "representative", "commissioning", "returning", "officer", "deputy", "registrar", "trustee",
    "observer", "password",
)
# fmt: on
"""Words of this field, which an attacker would try first."""
FEWEST_GUESSES = 10**9
"""The throttle allows at most a hundred guesses a day. This limit is against someone who stole the argon2 hashes."""
_LOOKED_AT = 72
"""zxcvbn reads no further. A password longer than a line is not an attacker's first guess."""


class Passwords:
    """Hashes and checks passwords. `hasher` is argon2-cffi's, by default with RFC 9106's second parameters."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash("nobody has this")

    def hash(self, password: str) -> str:
        """The hash to store for a password."""
        return self._hasher.hash(_read(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether this is the password. If none is stored, the same work is done and the answer is no."""
        try:
            self._hasher.verify(kept or self._nobodys, _read(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def weakness(password: str, login: str, name: str) -> str | None:
    """What is wrong with a new password, as a sentence; None if it is good. Length matters, not kinds of characters."""
    if len(password) < SHORTEST:
        return f"Password must be {SHORTEST} characters or more"
    if len(password) > LONGEST:
        return f"Password must be {LONGEST} characters or fewer"
    if len(set(password.casefold())) < _FEWEST_KINDS:
        return f"Password must have at least {_FEWEST_KINDS} different characters"
    known = [login.partition("@")[0], *name.split()]
    if any(len(word) > 3 and word.casefold() in password.casefold() for word in known):
        return "Password must not contain your name or e-mail address"
    if guesses(password, [*known, *OURS]) < FEWEST_GUESSES:
        return "Password must not be easy to guess, as common passwords and names are"
    return None


def guesses(password: str, words: Sequence[str] = ()) -> int:
    """About how many guesses an attacker needs who knows common passwords, names, dates, keyboards and these words."""
    from zxcvbn import zxcvbn  # it loads a megabyte of word lists, so import it only here

    told = zxcvbn(password[:_LOOKED_AT], user_inputs=list(words))  # type: ignore[no-untyped-call]
    return int(told["guesses"])


def _read(password: str) -> str:
    """Normalise the password, so that every keyboard gives the same one, and cut it to the longest length."""
    return normalize("NFKC", password[:LONGEST])
