"""What the activity log tells of each act: one class for each kind, and who did it. Codes and hashes, no free text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from ballot.db.activity import NAMES_REMOVED, ActivityEntry, add_entry
from ballot.protocol.canonical import Json


@dataclass(frozen=True, slots=True)
class Who:
    """Who did an act: by account or by the key's role; a second person; and the role or person that they acted for."""

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
"""The person who runs the server. We do not know their name."""
NOBODY = Who("nobody")
"""Someone who has not proved who they are."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session began. `way` is password, passkey or recovery-code."""

    act: ClassVar[str] = "signed-in"
    way: str


@dataclass(frozen=True, slots=True)
class SignInFailed:
    """Someone failed to prove who they are in this `way`, `attempts` times in a row. `account` is None if unknown.

    The log notes the first failure of a row, then the sixth, the twelfth and each doubling, so that guesses cannot fill
    it. What was typed is not noted: people type their password in the wrong field.
    """

    act: ClassVar[str] = "sign-in-failed"
    way: str
    attempts: int
    account: str | None


@dataclass(frozen=True, slots=True)
class ProvedAgain:
    """A person who is signed in proved their identity again for a sensitive act. `way` is password or passkey."""

    act: ClassVar[str] = "proved-again"
    way: str


@dataclass(frozen=True, slots=True)
class SignedOut:
    """A session ended. `word` is `here` or `everywhere`."""

    act: ClassVar[str] = "signed-out"
    word: str


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account changed. `word` says how; `role` is the account's role after the change.

    added, reset, disabled, role-changed, signed-out: by two officers, or by the person who runs the server. enrolled,
    password-changed, passkey-added, passkey-renamed, passkey-removed, recovery-codes-renewed: by the account's holder.
    """

    act: ClassVar[str] = "account-changed"
    word: str
    account: str
    role: str


@dataclass(frozen=True, slots=True)
class AccountChangeAsked:
    """An officer asked for a change to an account, which waits for the other officer. `word` says what it is."""

    act: ClassVar[str] = "account-change-asked"
    word: str
    account: str
    role: str | None


@dataclass(frozen=True, slots=True)
class AccountChangeRefused:
    """An officer withdrew a change to an account, or refused the other officer's."""

    act: ClassVar[str] = "account-change-refused"
    word: str
    account: str


@dataclass(frozen=True, slots=True)
class IncidentNoted:
    """Someone noted what went wrong. The words are in the incident; `practice` is None if it concerns no single one."""

    act: ClassVar[str] = "incident-noted"
    practice: str | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act waits for a second person."""

    act: ClassVar[str] = "proposed"
    proposal: str
    move: str


@dataclass(frozen=True, slots=True)
class ProposalEnded:
    """`word` is withdrawn (by the proposer) or declined (by the other officer). An approved act has its own entry."""

    act: ClassVar[str] = "proposal-ended"
    proposal: str
    move: str
    word: str


@dataclass(frozen=True, slots=True)
class Approved:
    """Both officers want it; the registrar is still to act. An act that is done at once has only its own entry."""

    act: ClassVar[str] = "approved"
    proposal: str
    move: str


@dataclass(frozen=True, slots=True)
class ApprovalRefused:
    """An approval was refused. `word` says why."""

    act: ClassVar[str] = "approval-refused"
    proposal: str
    word: str


@dataclass(frozen=True, slots=True)
class KeyRefusedOnPage:
    """A passphrase typed on a page did not open a key. `key` is the key's role, or vault."""

    act: ClassVar[str] = "key-refused"
    key: str


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """An officer made a signing key in their own browser. The server has its public half, by SHA-256."""

    act: ClassVar[str] = "key-added"
    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class WorkerLockChanged:
    """The registrar unlocked the worker on a page, so that it sends voting links, or locked it. `word` says which."""

    act: ClassVar[str] = "worker-lock-changed"
    word: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An event of the programme. The act is the word for its move. `practice` is for an act on one practice."""

    height: int
    locality: str | None
    proposal: str | None
    practice: str | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file was uploaded, or written from a form.

    `kind` is programme, constitution, voting-pack, trustees, roll-to-look-at, roll (chosen for use), bounces, or a
    step of the trustees' ceremony.
    """

    act: ClassVar[str] = "uploaded"
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class MailQueued:
    """Messages were queued, or queued again."""

    act: ClassVar[str] = "mail-queued"
    kind: str
    messages: int


@dataclass(frozen=True, slots=True)
class MailTested:
    """An invitation, as this practice would get it, was sent to the person who asked for it."""

    act: ClassVar[str] = "mail-tested"
    practice: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A private file left the office. `what` is links, activity, letters, backup, vault, or the file of a key.

    A letter has its practice.
    """

    act: ClassVar[str] = "downloaded"
    what: str
    practice: str | None = None


@dataclass(frozen=True, slots=True)
class LetterHandedOver:
    """An officer noted that the letter with this practice's link was handed over or posted."""

    act: ClassVar[str] = "letter-handed-over"
    practice: str


@dataclass(frozen=True, slots=True)
class ScrutineerSigned:
    """The scrutineer signed a report. `sha256` is that of its file."""

    act: ClassVar[str] = "scrutineer-signed"
    sha256: str


@dataclass(frozen=True, slots=True)
class ShareGiven:
    """A share was added to an election, by whatever route. `owner` 1 is the server; the trustees follow."""

    act: ClassVar[str] = "share-given"
    election: str
    owner: int


@dataclass(frozen=True, slots=True)
class RecordPublished:
    """The record was published after our own audit verified it. `manifest` is the SHA-256 of manifest.json."""

    act: ClassVar[str] = "record-published"
    manifest: str


@dataclass(frozen=True, slots=True)
class BackupTried:
    """Both officers opened the backup of the server's own keys, and every key in it is right."""

    act: ClassVar[str] = "backup-tried"


@dataclass(frozen=True, slots=True)
class PersonalRemoved:
    """The personal data of a programme was removed when its retention period ended."""

    act: ClassVar[str] = "personal-data-removed"
    people: int
    notes: int
    messages: int


@dataclass(frozen=True, slots=True)
class NamesRemoved:
    """Names were removed from entries of this log up to position `upto`, and old disabled accounts were deleted."""

    act: ClassVar[str] = NAMES_REMOVED
    names: int
    accounts: int
    upto: int


@dataclass(frozen=True, slots=True)
class BackupsRemoved:
    """Backup files were removed because of their age."""

    act: ClassVar[str] = "backups-removed"
    files: int


@dataclass(frozen=True, slots=True)
class RehearsalWiped:
    """A rehearsal was wiped. Only this entry remains."""

    act: ClassVar[str] = "rehearsal-wiped"
    rows: int


@dataclass(frozen=True, slots=True)
class TrusteeSeated:
    """An account became trustee `number` of the programme."""

    act: ClassVar[str] = "trustee-seated"
    account: str
    number: int


@dataclass(frozen=True, slots=True)
class CeremonyRestarted:
    """The trustees' ceremony starts again. `parts` counts the parts that were thrown away."""

    act: ClassVar[str] = "ceremony-restarted"
    parts: int


@dataclass(frozen=True, slots=True)
class DraftDeleted:
    """A ballot that was only a draft was deleted. `files` counts the files that went with it."""

    act: ClassVar[str] = "draft-deleted"
    files: int


Activity = (
    SignedIn
    | SignInFailed
    | ProvedAgain
    | SignedOut
    | AccountChanged
    | AccountChangeAsked
    | AccountChangeRefused
    | Proposed
    | ProposalEnded
    | Approved
    | ApprovalRefused
    | KeyRefusedOnPage
    | KeyAdded
    | WorkerLockChanged
    | Moved
    | Uploaded
    | MailQueued
    | MailTested
    | Downloaded
    | LetterHandedOver
    | IncidentNoted
    | ScrutineerSigned
    | ShareGiven
    | RecordPublished
    | BackupTried
    | PersonalRemoved
    | NamesRemoved
    | BackupsRemoved
    | RehearsalWiped
    | TrusteeSeated
    | CeremonyRestarted
    | DraftDeleted
)


def note_act(
    session: Session, now: datetime, who: Who, what: Activity, place: ActPlace = NOWHERE, act: str | None = None
) -> None:
    """Add an act to the log when its transaction ends. `act` is given only for a move of the programme."""
    details: Mapping[str, Json] = {name: value for name, value in asdict(what).items() if value is not None}
    word = act if act is not None else str(getattr(what, "act", ""))
    where = (place.programme, place.ccg, place.reason)
    add_entry(session, ActivityEntry(word, who.actor, now, who.second, who.acting_for, *where, details))
