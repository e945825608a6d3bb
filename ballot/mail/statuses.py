"""What a delivery report says of each recipient: the fields of RFC 3464, read from the text of a status part.

The text is read by itself, whatever the part was called and however it was encoded, and one block of fields after the
other: there may be several parts, several recipients, and all fields in a single block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from enum import Enum

from ballot.mail.reasons import short_reason

MOST_BLOCKS = 100
_LONGEST = 2000
"""Characters of a field that are read."""
_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"\s*([a-z]+)", re.IGNORECASE)
_CLASS = re.compile(r"\s*([245])\.")


class Fate(Enum):
    """What became of the message for one recipient; the one that comes first here is what counts for all of them."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    PASSED_ON = "passed on"
    """Relayed to a server that sends no reports, or expanded to others: whether it arrived is not known."""


_ACTIONS = {
    "failed": Fate.FAILED,
    "failure": Fate.FAILED,
    "error": Fate.FAILED,  # OpenSMTPD
    "delayed": Fate.DELAYED,
    "delivered": Fate.DELIVERED,
    "relayed": Fate.PASSED_ON,
    "expanded": Fate.PASSED_ON,
}
_CLASSES = {"5": Fate.FAILED, "4": Fate.DELAYED, "2": Fate.PASSED_ON}
"""By the status alone, where no action is named. A success may have been delivered, or relayed."""


@dataclass(frozen=True, slots=True)
class Status:
    """What became of it for one recipient, by every address that the report has for it, in small letters."""

    addresses: tuple[str, ...]
    fate: Fate
    reason: str


def read_statuses(text: str) -> list[Status]:
    """What a status part says, in its order."""
    found = []
    for block in re.split(r"\n[ \t\r]*\n", text.strip(), maxsplit=MOST_BLOCKS)[:MOST_BLOCKS]:
        fields = HeaderParser().parsestr(block.lstrip())
        fate = _fate(fields)
        if fate is not None:
            addresses = dict.fromkeys(filter(None, map(plain_address, _values(fields))))
            found.append(Status(tuple(addresses), fate, _reason(fields)))
    return found


def _values(fields: Message) -> list[str]:
    return [_field(fields, name) for name in ("Original-Recipient", "Final-Recipient", "X-Actual-Recipient")]


def _fate(fields: Message) -> Fate | None:
    if word := _WORD.match(_field(fields, "Action")):
        return _ACTIONS.get(word[1].lower())
    number = _CLASS.match(_field(fields, "Status"))
    return _CLASSES[number[1]] if number else None


def plain_address(value: str) -> str | None:
    """The address in `rfc822; <a@example.org> (comment)`, in small letters; None if none is fit to be shown."""
    bare = _COMMENT.sub("", value).rpartition(";")[2].strip().strip("<>\"' ").lower()
    return bare if "@" in bare and len(bare) <= 254 and bare.isprintable() and " " not in bare else None


def _reason(fields: Message) -> str:
    """The other server's words, in one line."""
    for name in ("Diagnostic-Code", "Status"):
        if said := _field(fields, name):
            return short_reason(said)
    return "returned by the recipient's mail server"


def _field(fields: Message, name: str) -> str:
    """A field on one line; with odd bytes it is no string."""
    return " ".join(str(fields.get(name, ""))[:_LONGEST].split())
