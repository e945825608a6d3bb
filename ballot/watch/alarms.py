"""What a watcher can find: alarms, which accuse the board, and troubles, which mean that a look was incomplete."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ballot.strict.printable import printable_lines


class Alarm(Enum):
    """The board contradicts itself, the auditor's checks, or what the watcher trusts; or a check was not made."""

    REMOVED = "removed"
    REPLACED = "replaced"
    REORDERED = "re-ordered"
    REWRITTEN = "rewritten"
    BACK_DATED = "back-dated"
    TWO_FACES = "two-faces"
    INVALID = "invalid"
    UNCHECKED = "unchecked"
    SIGNATURE = "signature"
    CHANGED_RULE = "changed-rule"
    CHANGED_ROLL = "changed-roll"
    CHANGED_KEY = "changed-key"
    CHANGED_SCRIPT = "changed-script"
    CHANGED_PAGE = "changed-page"
    FOREIGN_SCRIPT = "foreign-script"
    UNTRUSTED = "untrusted"


class Trouble(Enum):
    """Something could not be read. This may also be a board that hides."""

    UNREACHABLE = "unreachable"
    NOT_FOUND = "not-found"
    NOT_NOW = "not-now"
    STATUS = "status"
    REDIRECTED = "redirected"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    PACKED = "packed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing found. `detail` says where and what; `str` makes it safe for a terminal."""

    kind: Alarm | Trouble
    detail: str

    @property
    def is_alarm(self) -> bool:
        return isinstance(self.kind, Alarm)

    def __str__(self) -> str:
        word = "ALARM" if self.is_alarm else "trouble"
        return f"{word} {self.kind.value}: {printable_lines(self.detail[:2000]).replace(chr(10), ' ')}"
