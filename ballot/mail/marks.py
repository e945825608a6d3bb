"""The mark of a message: what stands in its Message-ID and return path, and what a report must quote to be believed.

A mark is made from the message's name with a secret of the installation (`mail.key`). Whoever has neither the message
nor the secret can make none up. The same name gives the same mark, so that a message that is sent again, or is queued
again after a restore, has the Message-ID it had. Marks of the time before were hashes without a secret: they had
fewer digits, and nothing is believed for their sake.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from ballot.mail.kinds import Kind

LENGTH = 40
"""Hexadecimal digits: 160 bits."""
MOST = 100
"""How many marks of one report are looked up."""
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_MARK = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Fa-f]{{{LENGTH}}}(?![0-9A-Za-z])")
_OURS = re.compile(r"<[a-z-]{1,20}\.([0-9a-f]{32}|[0-9a-f]{40})@[A-Za-z0-9.-]{1,253}>")


@dataclass(frozen=True, slots=True, repr=False)
class MailKey:
    """The secret of `mail.key`; never shown."""

    raw: bytes

    def mark(self, name: str) -> str:
        """The mark of the message with this name."""
        return hmac.new(self.raw, name.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def make_name(kind: Kind, *about: str) -> str:
    """What a message is called in the outbox: the same for what is about the same. Anybody can work it out."""
    return f"{kind.value}.{hashlib.sha256(chr(10).join((kind.value, *about)).encode()).hexdigest()[:32]}"


def make_message_id(kind: str, mark: str, board: str) -> str:
    """The Message-ID. A board's port has no place in it; raises ValueError where the board is no host name."""
    host = board.partition(":")[0]
    if not _HOST.fullmatch(host):
        raise ValueError("the board's name is not a host name")
    return f"<{kind}.{mark}@{host}>"


def mark_of(message_id: str) -> str | None:
    """The mark in a Message-ID of ours, an older one too; None where it is not one of ours."""
    found = _OURS.fullmatch(message_id)
    return found[1] if found else None


def marks_in(text: str) -> list[str]:
    """What could be marks in a text from outside, in order, each once. Linear in its length."""
    return list(dict.fromkeys(found.lower() for found in _MARK.findall(text)))[:MOST]
