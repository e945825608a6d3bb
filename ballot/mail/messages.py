"""Every kind of message that a practice can get, as data. The text is in templates/email/<kind>.

A voting link is a secret: it is in no `repr`, and these objects live only while one message is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar

from ballot.constitution.words import DEFAULT_WORDS, Noun, Words


class Kind(Enum):
    """The kind of a message. `HAS_VOTED` goes to a practice's further addresses, `CONTACT_CHANGED` to its old
    address and the new one, and all others to its own.
    """

    INVITATION = "invitation"
    REMINDER = "reminder"
    REISSUED = "reissued"
    CONTACT_CHANGED = "contact-changed"
    RECEIPT = "receipt"
    HAS_VOTED = "has-voted"
    RESULT = "result"
    BALLOT_CHANGED = "ballot-changed"


NEEDS_LINK = frozenset({Kind.INVITATION, Kind.REISSUED})
"""Useless without a voting link: these wait until the registrar is unlocked."""
TAKES_LINK = NEEDS_LINK | {Kind.REMINDER}
"""A reminder contains the link if the registrar is unlocked. Otherwise it refers to the invitation."""
UNSUBSCRIBABLE = frozenset({Kind.REMINDER, Kind.HAS_VOTED})
"""The recipients of these may unsubscribe. No one can unsubscribe from messages about their own vote."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender, as every message shows: whom to ask, and the programme's fingerprint."""

    programme: str
    fingerprint: str
    help_desk: str
    """An e-mail address."""
    rehearsal: bool = False
    preview: bool = False
    """For the office to see, not for a practice."""
    words: Words = DEFAULT_WORDS
    """What the programme calls bodies, members and subject."""


@dataclass(frozen=True, slots=True)
class PracticeSeat:
    """One practice's place in one ballot. `link` is None if this message has no link."""

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
class VotingDocument:
    """A document for the vote, by name. A message says where it is, and has no link but the voting link."""

    name: str
    on_page: bool
    """Whether the voting page has a link to it."""
    body: Noun = DEFAULT_WORDS.body
    """What the programme calls those who may have it."""

    @property
    def where(self) -> str:
        """Where to find it, as a message says."""
        return "a link is on the voting page" if self.on_page else f"ask your {self.body.one} for it, or the help desk"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """The opening and closing of one CCG's ballot for a calendar. `address` is where the public board has the file."""

    name: str
    data: bytes = field(repr=False)
    address: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to vote: on what, when, and how. It has several seats only if practices share one address."""

    kind: ClassVar[Kind] = Kind.INVITATION
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool
    """Whether the first vote is final."""
    documents: tuple[VotingDocument, ...] = ()
    calendars: tuple[CalendarFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder to a practice that has not voted."""

    kind: ClassVar[Kind] = Kind.REMINDER
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool
    documents: tuple[VotingDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class Reissued:
    """A new link. The older one has stopped working."""

    kind: ClassVar[Kind] = Kind.REISSUED
    sender: Sender
    questions: tuple[str, ...]
    seats: tuple[PracticeSeat, ...]
    final: bool
    documents: tuple[VotingDocument, ...] = ()
    calendars: tuple[CalendarFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """Two officers changed the person who votes for the practice, or the address. The message contains no address."""

    kind: ClassVar[Kind] = Kind.CONTACT_CHANGED
    sender: Sender
    seat: PracticeSeat


class Change(Enum):
    """What two officers did to a ballot that its practices must know."""

    OPENED = "opened"
    """Before the planned time."""
    EXTENDED = "extended"
    CLOSED = "closed"
    """Before the planned time."""
    STRUCK = "struck"
    """One practice only."""
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class BallotChanged:
    """Two officers changed when practices can vote, or whether they can. `seats` has the new times."""

    kind: ClassVar[Kind] = Kind.BALLOT_CHANGED
    sender: Sender
    change: Change
    seats: tuple[PracticeSeat, ...]
    final: bool
    calendars: tuple[CalendarFile, ...] = ()
    """With the new times, unless one practice was struck."""


@dataclass(frozen=True, slots=True)
class ReceiptMail:
    """A ballot was accepted. It has the tracking number, and the receipt as an attachment."""

    kind: ClassVar[Kind] = Kind.RECEIPT
    sender: Sender
    seat: PracticeSeat
    tracking_number: str
    accepted_at: datetime
    receipt: bytes
    final: bool
    cast_by: str | None = None
    """Who said that they cast it, and in what capacity. None if the ballot does not ask."""


@dataclass(frozen=True, slots=True)
class HasVoted:
    """A ballot arrived for this practice. It says nothing about the vote, which no one here can know."""

    kind: ClassVar[Kind] = Kind.HAS_VOTED
    sender: Sender
    seat: PracticeSeat
    accepted_at: datetime
    cast_by: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """The outcome of one CCG's vote on one question: `carried`, `not carried` or `inquorate`."""

    question: str
    outcome: str


@dataclass(frozen=True, slots=True)
class SeatOutcome:
    """What a practice's own CCG decided on every question. No outcomes if its ballot was abandoned."""

    seat: PracticeSeat
    outcomes: tuple[QuestionOutcome, ...]


@dataclass(frozen=True, slots=True)
class DeclaredResult:
    """The declared outcome, and where everyone can check it."""

    kind: ClassVar[Kind] = Kind.RESULT
    sender: Sender
    results: tuple[SeatOutcome, ...]
    proceeds: bool | None
    """None if a CCG's ballot was abandoned, because the programme's rule then gives no answer."""
    members: str
    """The CCGs with which it goes ahead, in words."""
    board: str
    """The address of the results on the public board."""


Message = Invitation | Reminder | Reissued | ContactChanged | BallotChanged | ReceiptMail | HasVoted | DeclaredResult


@dataclass(frozen=True, slots=True)
class CeremonyAgain:
    """To a trustee: the ceremony begins again, and the key that they made is thrown away."""

    template: ClassVar[str] = "ceremony-again"
    sender: Sender
    page: str
    """The address of the trustee's own page."""


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A step of a ballot waits for one of the people of the office. It has no link that signs anyone in."""

    template: ClassVar[str] = "notice"
    sender: Sender
    name: str
    step: str
    detail: str
    due: datetime | None
    office: str
    """The address of the office's front page."""


@dataclass(frozen=True, slots=True)
class TrialMessage:
    """The message of `ballot mail test`, which shows whether mail arrives."""

    template: ClassVar[str] = "trial"
    sender: Sender
    board: str
    sent_at: datetime


OfficeMessage = TrialMessage | StaffNotice | CeremonyAgain
"""Messages that are not to a practice. They are not in the outbox."""
