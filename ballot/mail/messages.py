"""Every kind of message that a practice can get, as data. templates/email/<kind> has the words.

A voting link is a secret: it is in no `repr`, and these objects live only while one message is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar


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


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, as every message says: whom to ask, and the fingerprint that vouches for the programme."""

    programme: str
    fingerprint: str
    help_desk: str
    """An e-mail address."""
    rehearsal: bool = False
    preview: bool = False
    """Shown to the office, not meant for a practice."""


@dataclass(frozen=True, slots=True)
class PracticeSeat:
    """One practice's place in one ballot. `link` is None where this message has none."""

    practice: str
    name: str
    ccg: str
    ballot: str
    opens_at: datetime
    closes_at: datetime
    counts_for: str
    """What its vote counts for, in words."""
    representative: str | None = None
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """You may vote: what on, when, and how. Several seats only where practices share one address."""

    kind: ClassVar[Kind] = Kind.INVITATION
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool
    """Whether the first vote stands."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """We have no vote of yours yet."""

    kind: ClassVar[Kind] = Kind.REMINDER
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool


@dataclass(frozen=True, slots=True)
class Reissued:
    """A new link; the older one has stopped working."""

    kind: ClassVar[Kind] = Kind.REISSUED
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Two officers changed who votes for the practice, or at which address. Names no address."""

    kind: ClassVar[Kind] = Kind.CONTACT_CHANGED
    sender: Sender
    seat: PracticeSeat


@dataclass(frozen=True, slots=True)
class ReceiptMail:
    """Your ballot was accepted: the tracking number, and the receipt itself attached."""

    kind: ClassVar[Kind] = Kind.RECEIPT
    sender: Sender
    seat: PracticeSeat
    tracking_number: str
    accepted_at: datetime
    receipt: bytes
    final: bool


@dataclass(frozen=True, slots=True)
class HasVoted:
    """A ballot came in for this practice. Says nothing of how it voted: nobody here could know."""

    kind: ClassVar[Kind] = Kind.HAS_VOTED
    sender: Sender
    seat: PracticeSeat
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What one CCG's vote on one question came to: `carried`, `not carried` or `inquorate`."""

    question: str
    outcome: str


@dataclass(frozen=True, slots=True)
class SeatOutcome:
    """A practice's own CCG: what it decided on every question. No outcomes where its ballot was abandoned."""

    seat: PracticeSeat
    outcomes: tuple[QuestionOutcome, ...]


@dataclass(frozen=True, slots=True)
class DeclaredResult:
    """The declared outcome, and where everybody can check it."""

    kind: ClassVar[Kind] = Kind.RESULT
    sender: Sender
    results: tuple[SeatOutcome, ...]
    proceeds: bool | None
    """None where a CCG's ballot was abandoned: the programme's rule then says nothing."""
    members: tuple[str, ...]
    board: str
    """The address of the results on the public board."""


Message = Invitation | Reminder | Reissued | ContactChanged | ReceiptMail | HasVoted | DeclaredResult


@dataclass(frozen=True, slots=True)
class TrialMessage:
    """Sent by `ballot mail test`, to see whether mail gets through."""

    sender: Sender
    board: str
    sent_at: datetime
