"""What is personal in a programme, and when it goes: addresses, representatives, private notes, proposals, the outbox.

What stays is what the record needs to be checked: practices as organisations, public credentials, weights, events. How
anybody voted was never here. The activity log and backups have times of their own (`retention_of_log`,
`retention_of_backups`); `subject_export` tells what is held on a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots
from ballot.db.events import PrivateNoteRow, private_notes
from ballot.db.outbox import MessagePracticeRow, MessageRow, hold_programme
from ballot.db.practices import list_practices
from ballot.db.programmes import list_programmes
from ballot.db.proposals import ProposalRow
from ballot.db.session import reading, transaction
from ballot.office.activity import COMMAND_LINE, PersonalRemoved, Place, note_act
from ballot.office.desk import Clock
from ballot.office.draft import LISTS, PREVIOUS, ROLL, UPLOADED, Draft
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.record.times import whole_second

ENDED = (State.DECLARED, State.ABANDONED)


@dataclass(frozen=True, slots=True)
class Removed:
    """What a run took away."""

    programme: str
    people: int
    """Practices whose representative or addresses were removed."""
    notes: int
    """Private notes, and proposals, which say in words what was proposed: whose contact changed, and to what."""
    messages: int
    files: int

    @property
    def is_nothing(self) -> bool:
        return not (self.people or self.notes or self.messages or self.files)


def due_programmes(engine: Engine, clock: Clock, after_days: int) -> list[str]:
    """The programmes of which every ballot has ended, and closed so many days ago."""
    with reading(engine) as session:
        before = whole_second(clock()) - timedelta(days=after_days)
        return [row.id for row in list_programmes(session) if _is_due(session, row.id, before)]


def _is_due(session: Session, programme_id: str, before: datetime) -> bool:
    ballots = list_ballots(session, programme_id)
    ended = all(State(ballot.state) in ENDED for ballot in ballots)
    return bool(ballots) and ended and max(ballot.closes_at for ballot in ballots) <= before


def remove_personal(engine: Engine, clock: Clock, programme_id: str, after_days: int, draft: Draft | None) -> Removed:
    """Remove it, in one transaction, then the files of the roll in the folder. May be called again.

    Raises: Refused, while a ballot of the programme has not ended, or has closed too lately.
    """
    with transaction(engine) as session:
        if hold_programme(session, programme_id) is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        if not _is_due(session, programme_id, whole_second(clock()) - timedelta(days=after_days)):
            raise Refused(Refusal.TOO_EARLY, f"{programme_id} has not ended, or not {after_days} days ago.")
        people = 0
        for ballot in list_ballots(session, programme_id):
            for practice in list_practices(session, ballot.id):
                people += any((practice.representative, practice.email, practice.notify))
                practice.representative = practice.email = practice.notify = None
        notes = len(private_notes(session, programme_id))
        session.execute(delete(PrivateNoteRow).where(PrivateNoteRow.programme_id == programme_id))
        messages = select(MessageRow.id).where(MessageRow.programme_id == programme_id)
        number = len(session.scalars(messages).all())
        session.execute(delete(MessagePracticeRow).where(MessagePracticeRow.message.in_(messages)))
        session.execute(delete(MessageRow).where(MessageRow.programme_id == programme_id))
        proposals = delete(ProposalRow).where(ProposalRow.programme_id == programme_id)
        notes += int(session.execute(proposals).rowcount)  # type: ignore[attr-defined]
        if people or notes or number:
            removed = PersonalRemoved(people, notes, number)
            note_act(session, whole_second(clock()), COMMAND_LINE, removed, Place(programme_id))
    return Removed(programme_id, people, notes, number, 0 if draft is None else _remove_files(draft))


def _remove_files(draft: Draft) -> int:
    """Every roll in the folder: the one in use, what was uploaded, what was replaced."""
    kept = draft.folder / PREVIOUS
    files = [draft.folder / ROLL, draft.folder / LISTS, *(draft.folder / UPLOADED).glob("*.csv")]
    files += list(kept.rglob("*.csv"))
    found = [path for path in files if path.is_file()]
    for path in found:
        path.unlink()
    return len(found)
