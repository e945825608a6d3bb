"""What the activity log tells of each act: one class for each kind, and who did it. Codes and hashes, no free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from ballot.db.activity import NAMES_REMOVED, ActivityEntry, note
from ballot.protocol.canonical import Json


@dataclass(frozen=True, slots=True)
class Who:
    """The actor, by account or by the role of the key; a second person; and for whom, or in which role, they acted."""

    actor: str
    second: str | None = None
    acting_for: str | None = None


@dataclass(frozen=True, slots=True)
class ActPlace:
    """Where an act was done, and the code of its reason."""

    programme: str | None = None
    ccg: str | None = None
    reason: str | None = None


NOWHERE = ActPlace()
COMMAND_LINE = Who("command line")
"""Whoever runs the server, whom we do not know by name."""
NOBODY = Who("nobody")
"""Whoever stands at the door and has proved nothing."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session began; `way` is password, passkey or recovery-code."""

    act: ClassVar[str] = "signed-in"
    way: str


@dataclass(frozen=True, slots=True)
class SignInFailed:
    """Somebody could not prove who they are, by this way, so many times in a row; `account` only if there is one.

    The first of a row is told of, and then the sixth, the twelfth and each doubling: a guesser cannot fill the log.
    What was typed is not here: people type their password in the wrong field.
    """

    act: ClassVar[str] = "sign-in-failed"
    way: str
    attempts: int
    account: str | None


@dataclass(frozen=True, slots=True)
class ProvedAgain:
    """Who is signed in proved it again, for a grave act; `way` is password or passkey."""

    act: ClassVar[str] = "proved-again"
    way: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """`word` is here, or everywhere."""

    act: ClassVar[str] = "signed-out"
    word: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """`word` says what; `role` is the account's, after it.

    added, reset, disabled, role-changed, signed-out: by whoever runs the server. enrolled, password-changed,
    passkey-added, passkey-renamed, passkey-removed, recovery-codes-renewed: by the person.
    """

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
class KeyRefusedOnPage:
    """A passphrase typed on a page did not open a key; `key` is the role's, or vault."""

    act: ClassVar[str] = "key-refused"
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An event of the programme; the act is the word of its move."""

    height: int
    locality: str | None
    proposal: str | None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file was handed in, or written from a form.

    `kind` is programme, constitution, voting-pack, trustees, roll-to-look-at, roll (chosen for use), or a step of the
    trustees' ceremony.
    """

    act: ClassVar[str] = "uploaded"
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class MailQueued:
    """Messages were put into the outbox, or back into it."""

    act: ClassVar[str] = "mail-queued"
    kind: str
    messages: int


@dataclass(frozen=True, slots=True)
class MailTested:
    """An invitation as this practice would get it was sent to whoever asked."""

    act: ClassVar[str] = "mail-tested"
    practice: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Something private left the office; `what` is links, activity, letters or backup."""

    act: ClassVar[str] = "downloaded"
    what: str


@dataclass(frozen=True, slots=True)
class ShareGiven:
    """The share of a trustee, or the server's, which is owner 1, was added to an election, in whatever way it came."""

    act: ClassVar[str] = "share-given"
    election: str
    owner: int


@dataclass(frozen=True, slots=True)
class RecordPublished:
    """The record was published, as our own audit verified it; `manifest` is the SHA-256 of manifest.json."""

    act: ClassVar[str] = "record-published"
    manifest: str


@dataclass(frozen=True, slots=True)
class BackupTried:
    """The backup of the server's own keys was opened by both officers, and is right."""

    act: ClassVar[str] = "backup-tried"


@dataclass(frozen=True, slots=True)
class PersonalRemoved:
    """What was personal in a programme was removed after its time."""

    act: ClassVar[str] = "personal-data-removed"
    people: int
    notes: int
    messages: int


@dataclass(frozen=True, slots=True)
class NamesRemoved:
    """Names were removed from old entries of this log, none later than `upto`; and accounts disabled long ago."""

    act: ClassVar[str] = NAMES_REMOVED
    names: int
    accounts: int
    upto: int


@dataclass(frozen=True, slots=True)
class BackupsRemoved:
    """Files of backups were removed because of their age."""

    act: ClassVar[str] = "backups-removed"
    files: int


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
    | SignInFailed
    | ProvedAgain
    | SignedOut
    | AccountChanged
    | Proposed
    | ProposalEnded
    | ApprovalRefused
    | KeyRefusedOnPage
    | Moved
    | Uploaded
    | MailQueued
    | MailTested
    | Downloaded
    | ShareGiven
    | RecordPublished
    | BackupTried
    | PersonalRemoved
    | NamesRemoved
    | BackupsRemoved
    | RehearsalWiped
    | TrusteeSeated
    | CeremonyRestarted
)


def note_act(
    session: Session, now: datetime, who: Who, what: Activity, place: ActPlace = NOWHERE, act: str | None = None
) -> None:
    """Put an act into the log when its transaction ends. `act` is given only for a move of the programme."""
    details: Mapping[str, Json] = {name: value for name, value in asdict(what).items() if value is not None}
    word = act if act is not None else str(getattr(what, "act", ""))
    where = (place.programme, place.ccg, place.reason)
    note(session, ActivityEntry(word, who.actor, now, who.second, who.acting_for, *where, details))
