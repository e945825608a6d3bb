"""Every table. Importing this module completes `Base.metadata`."""

from __future__ import annotations

from ballot.db.accepted import AcceptedRow
from ballot.db.account_changes import AccountChangeRow
from ballot.db.activity import ActivityHeadRow, ActivityRow
from ballot.db.activity_names import ActivityNameRow
from ballot.db.archive import ArchiveEntryRow
from ballot.db.authority import AuthorityRow
from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.db.ceremony import CeremonyPartRow, TrusteeSeatRow
from ballot.db.documents import DocumentRow
from ballot.db.events import PrivateNoteRow, ProgrammeEventRow
from ballot.db.incidents import IncidentRow, RefusedCastRow
from ballot.db.letters import LetterRow
from ballot.db.logs import CheckpointRow, LogRow
from ballot.db.notices import NoticeRow
from ballot.db.outbox import MessagePracticeRow, MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.db.proposals import ProposalRow
from ballot.db.scrutiny import ScrutinyRow
from ballot.db.sessions import AttemptRow, ChallengeRow, KeptFormRow, SessionRow
from ballot.db.shares import ShareRow
from ballot.db.staff import AccountRow, PasskeyRow, RecoveryRow
from ballot.db.tokens import TokenLineRow, TokenRow
from ballot.db.transparency import CosignatureRow

__all__ = [
    "AcceptedRow",
    "AccountChangeRow",
    "ActivityHeadRow",
    "ActivityNameRow",
    "ActivityRow",
    "AccountRow",
    "ArchiveEntryRow",
    "AttemptRow",
    "AuthorityRow",
    "BallotRow",
    "Base",
    "CeremonyPartRow",
    "ChallengeRow",
    "CheckpointRow",
    "CosignatureRow",
    "DocumentRow",
    "IncidentRow",
    "KeptFormRow",
    "LetterRow",
    "LogRow",
    "MessagePracticeRow",
    "MessageRow",
    "NoticeRow",
    "PasskeyRow",
    "PracticeRow",
    "PrivateNoteRow",
    "ProgrammeEventRow",
    "ProgrammeRow",
    "ProposalRow",
    "RecoveryRow",
    "RefusedCastRow",
    "ScrutinyRow",
    "SessionRow",
    "ShareRow",
    "TokenLineRow",
    "TokenRow",
    "TrusteeSeatRow",
]
