"""Every table, so that importing this one module makes `Base.metadata` whole."""

from __future__ import annotations

from ballot.db.accepted import AcceptedRow
from ballot.db.activity import ActivityHeadRow, ActivityRow
from ballot.db.archive import ArchiveEntryRow
from ballot.db.ballots import BallotRow
from ballot.db.base import Base
from ballot.db.events import PrivateNoteRow, ProgrammeEventRow
from ballot.db.logs import CheckpointRow, LogRow
from ballot.db.outbox import MessagePracticeRow, MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.db.proposals import ProposalRow
from ballot.db.shares import ShareRow
from ballot.db.tokens import TokenLineRow, TokenRow

__all__ = [
    "AcceptedRow",
    "ActivityHeadRow",
    "ActivityRow",
    "ArchiveEntryRow",
    "BallotRow",
    "Base",
    "CheckpointRow",
    "LogRow",
    "MessagePracticeRow",
    "MessageRow",
    "PracticeRow",
    "PrivateNoteRow",
    "ProgrammeEventRow",
    "ProgrammeRow",
    "ProposalRow",
    "ShareRow",
    "TokenLineRow",
    "TokenRow",
]
