"""What the activity log tells of each act: one class for each kind, and who did it. Codes and hashes, no free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from ballot.db.activity import Entry, note
from ballot.protocol.canonical import Json


@dataclass(frozen=True, slots=True)
class Who:
    """The actor, by account or by the role of the key; a second person; and for whom, or in which role, they acted."""

    actor: str
    second: str | None = None
    acting_for: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an act was done, and the code of its reason."""

    programme: str | None = None
    ccg: str | None = None
    reason: str | None = None


NOWHERE = Place()
COMMAND_LINE = Who("command line")
"""Whoever runs the server, whom we do not know by name."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session began."""

    act: ClassVar[str] = "signed-in"


@dataclass(frozen=True, slots=True)
class SignedOut:
    """`word` is here, or everywhere."""

    act: ClassVar[str] = "signed-out"
    word: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """`word` is added, reset or disabled; `role` is the account's."""

    act: ClassVar[str] = "account-changed"
    word: str
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act waits for a second person."""

    act: ClassVar[str] = "proposed"
    proposal: str
    move: str


@dataclass(frozen=True, slots=True)
class ProposalEnded:
    """`word` is withdrawn, by the proposer, or declined, by the other. An approval is told of by the act itself."""

    act: ClassVar[str] = "proposal-ended"
    proposal: str
    move: str
    word: str


@dataclass(frozen=True, slots=True)
class ApprovalRefused:
    """Somebody tried to approve, and it was refused; `word` says why."""

    act: ClassVar[str] = "approval-refused"
    proposal: str
    word: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An event of the programme; the act is the word of its move."""

    height: int
    locality: str | None
    proposal: str | None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file was handed in; `kind` is roll, constitution, programme, voting-pack, share, or a step of the ceremony."""

    act: ClassVar[str] = "uploaded"
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class MailQueued:
    """Messages were put into the outbox."""

    act: ClassVar[str] = "mail-queued"
    kind: str
    messages: int


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Something private left the office; `what` is links, activity, letters or backup."""

    act: ClassVar[str] = "downloaded"
    what: str


@dataclass(frozen=True, slots=True)
class PersonalRemoved:
    """What was personal in a programme was removed after its time."""

    act: ClassVar[str] = "personal-data-removed"
    people: int
    notes: int
    messages: int


@dataclass(frozen=True, slots=True)
class RehearsalWiped:
    """Nothing is left of a rehearsal but this."""

    act: ClassVar[str] = "rehearsal-wiped"
    rows: int


@dataclass(frozen=True, slots=True)
class TrusteeSeated:
    """An account is trustee `number` of the programme."""

    act: ClassVar[str] = "trustee-seated"
    account: str
    number: int


@dataclass(frozen=True, slots=True)
class CeremonyRestarted:
    """The trustees' ceremony begins again; so many parts were thrown away."""

    act: ClassVar[str] = "ceremony-restarted"
    parts: int


Activity = (
    SignedIn
    | SignedOut
    | AccountChanged
    | Proposed
    | ProposalEnded
    | ApprovalRefused
    | Moved
    | Uploaded
    | MailQueued
    | Downloaded
    | PersonalRemoved
    | RehearsalWiped
    | TrusteeSeated
    | CeremonyRestarted
)


def note_act(
    session: Session, now: datetime, who: Who, what: Activity, place: Place = NOWHERE, act: str | None = None
) -> None:
    """Put an act into the log when its transaction ends. `act` is given only for a move of the programme."""
    details: Mapping[str, Json] = {name: value for name, value in asdict(what).items() if value is not None}
    word = act if act is not None else str(getattr(what, "act", ""))
    where = (place.programme, place.ccg, place.reason)
    note(session, Entry(word, who.actor, now, who.second, who.acting_for, *where, details))
