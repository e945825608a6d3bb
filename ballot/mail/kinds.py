"""The kinds of message that a practice, or an address it registered, can get."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """`HAS_VOTED` goes to the further addresses a practice registered, `CONTACT_CHANGED` to its old address and the
    new one, everything else to its own."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    REISSUED = "reissued"
    CONTACT_CHANGED = "contact-changed"
    RECEIPT = "receipt"
    HAS_VOTED = "has-voted"
    RESULT = "result"


NEEDS_LINK = frozenset({Kind.INVITATION, Kind.REISSUED})
"""Pointless without a voting link: these wait until the registrar is unlocked."""
TAKES_LINK = NEEDS_LINK | {Kind.REMINDER}
"""A reminder has the link where the registrar is unlocked, and otherwise points to the invitation."""
UNSUBSCRIBABLE = frozenset({Kind.REMINDER, Kind.HAS_VOTED})
"""Whoever gets these may ask for no more of them; nobody is unsubscribed from its own vote."""
