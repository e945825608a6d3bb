"""Remove personal data when its retention period is over, and wipe rehearsals.

Of a programme: addresses, representatives, names and salts of persons, names of who cast a vote, private notes,
incidents, proposals, the outbox and sealed letters go. What anyone needs to check the record stays: practices as
organisations, codes of persons, public credentials, weights, events, the scrutineer's signed reports. How anyone voted
was never stored.

Of the activity log: names go, and the chain of entries stays. An entry keeps what was done, when, in which role, and
the salted hash of who did it. While a programme has not ended, the names in its entries stay, however old. An account
that was disabled long enough ago is deleted too.

Of backups: files older than the settings say are removed from the folder, which must contain nothing else. The newest
backup always stays. Folders and links are not touched.

`wipe_rehearsal` removes everything that this installation keeps of a rehearsal. A real ballot cannot be wiped. A record
of a rehearsal that was published elsewhere stays marked as one. `subject_export` lists the data kept about a person.
"""

from __future__ import annotations

import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from ballot.db.accepted import AcceptedRow
from ballot.db.activity import ActivityRow
from ballot.db.activity_names import ActivityNameRow, remove_names
from ballot.db.append_only import without_triggers
from ballot.db.authority import remove_statements
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.events import PrivateNoteRow, private_notes
from ballot.db.incidents import IncidentRow
from ballot.db.letters import remove_letters
from ballot.db.outbox import MessagePracticeRow, MessageRow, hold_programme
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow, find_reballot, list_programmes
from ballot.db.proposals import ProposalRow
from ballot.db.session import reading, transaction
from ballot.db.staff import delete_accounts_disabled_before
from ballot.db.tables import Base
from ballot.office.activity import (
    COMMAND_LINE,
    ActPlace,
    BackupsRemoved,
    NamesRemoved,
    PersonalRemoved,
    RehearsalWiped,
    note_act,
)
from ballot.office.board.publish import EVIDENCE, PAPER, SIGNATURE, published_path
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Clock, Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import read_keys, read_programme
from ballot.office.setup.draft import LISTS, PARTNERS, PREVIOUS, ROLL, UPLOADED, Draft
from ballot.office.setup.server_keys import server_keys_path
from ballot.record.keys import Role, SigningKey
from ballot.record.times import whole_second

ENDED = (State.DECLARED, State.ABANDONED)


@dataclass(frozen=True, slots=True)
class RemovedData:
    """What one run removed from a programme."""

    programme: str
    people: int
    """Practices whose representative or addresses were removed, and names of people who cast a vote."""
    notes: int
    """Private notes, incidents, and proposals, because they say in words whose contact changed, and to what."""
    messages: int
    """E-mails and letters."""
    files: int

    @property
    def is_nothing(self) -> bool:
        return not (self.people or self.notes or self.messages or self.files)


def due_programmes(engine: Engine, clock: Clock, after_days: int) -> list[str]:
    """The programmes in which every ballot has ended, and closed at least `after_days` days ago."""
    with reading(engine) as session:
        before = whole_second(clock()) - timedelta(days=after_days)
        return [row.id for row in list_programmes(session) if _is_due(session, row.id, before)]


def _is_due(session: Session, programme_id: str, before: datetime) -> bool:
    ballots = list_ballots(session, programme_id)
    ended = all(State(ballot.state) in ENDED for ballot in ballots)
    return bool(ballots) and ended and max(ballot.closes_at for ballot in ballots) <= before


def remove_personal(
    engine: Engine, clock: Clock, programme_id: str, after_days: int, draft: Draft | None
) -> RemovedData:
    """Remove the personal data of a programme in one transaction, then the roll files in its folder. Safe to repeat.

    Raises: Refused, while a ballot of the programme has not ended, or closed less than `after_days` days ago.
    """
    with transaction(engine) as session:
        if hold_programme(session, programme_id) is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        if not _is_due(session, programme_id, whole_second(clock()) - timedelta(days=after_days)):
            raise Refused(Refusal.TOO_EARLY, f"{programme_id} has not ended, or not {after_days} days ago.")
        people = 0
        for ballot in list_ballots(session, programme_id):
            for practice in list_practices(session, ballot.id):
                people += any((practice.representative, practice.email, practice.notify, practice.salt))
                practice.representative = practice.email = practice.notify = practice.salt = None
        people += remove_statements(session, programme_id)
        notes = len(private_notes(session, programme_id))
        session.execute(delete(PrivateNoteRow).where(PrivateNoteRow.programme_id == programme_id))
        messages = select(MessageRow.id).where(MessageRow.programme_id == programme_id)
        number = len(session.scalars(messages).all()) + remove_letters(session, programme_id)
        session.execute(delete(MessagePracticeRow).where(MessagePracticeRow.message.in_(messages)))
        session.execute(delete(MessageRow).where(MessageRow.programme_id == programme_id))
        incidents = delete(IncidentRow).where(IncidentRow.programme_id == programme_id)
        notes += int(session.execute(incidents).rowcount)  # type: ignore[attr-defined]
        proposals = delete(ProposalRow).where(ProposalRow.programme_id == programme_id)
        notes += int(session.execute(proposals).rowcount)  # type: ignore[attr-defined]
        if people or notes or number:
            removed = PersonalRemoved(people, notes, number)
            note_act(session, whole_second(clock()), COMMAND_LINE, removed, ActPlace(programme_id))
    return RemovedData(programme_id, people, notes, number, 0 if draft is None else _remove_files(draft))


def _remove_files(draft: Draft) -> int:
    """Remove every roll in the folder: the one in use, uploaded ones and replaced ones."""
    kept = draft.folder / PREVIOUS
    files = [*(draft.folder / name for name in (ROLL, LISTS, PARTNERS)), *(draft.folder / UPLOADED).glob("*.csv")]
    files += list(kept.rglob("*.csv"))
    found = [path for path in files if path.is_file()]
    for path in found:
        path.unlink()
    return len(found)


@dataclass(frozen=True, slots=True)
class RemovedNames:
    """What one run removed from the activity log and the accounts."""

    names: int
    accounts: int


def names_due(engine: Engine, clock: Clock, after_days: int) -> int:
    """How many names a run would remove."""
    with reading(engine) as session:
        entries = _entries(session, clock, after_days)
        there = select(func.count()).select_from(ActivityNameRow).where(ActivityNameRow.position.in_(entries))
        return session.scalar(there) or 0


def remove_people(engine: Engine, clock: Clock, after_days: int) -> RemovedNames:
    """Remove names from entries older than `after_days`, and accounts disabled that long ago, in one transaction."""
    with transaction(engine) as session:
        entries = _entries(session, clock, after_days)
        last = select(func.max(ActivityNameRow.position)).where(ActivityNameRow.position.in_(entries))
        upto = session.scalar(last)
        names = remove_names(session, entries)
        now = whole_second(clock())
        accounts = delete_accounts_disabled_before(session, now - timedelta(days=after_days))
        if names or accounts:
            note_act(session, now, COMMAND_LINE, NamesRemoved(names, accounts, -1 if upto is None else upto))
    return RemovedNames(names, accounts)


def _entries(session: Session, clock: Clock, after_days: int) -> Select[Any]:
    """The entries whose retention period is over."""
    running = [
        row.id
        for row in list_programmes(session)
        if not all(State(ballot.state) in ENDED for ballot in list_ballots(session, row.id))
    ]
    before = whole_second(clock()) - timedelta(days=after_days)
    old = select(ActivityRow.position).where(ActivityRow.time < before)
    return old.where(ActivityRow.programme.is_(None) | ActivityRow.programme.not_in(running))


def backups_due(folder: Path, now: datetime, after_days: int) -> list[Path]:
    """The files whose retention period is over, oldest first."""
    written = sorted((_written(path), path) for path in folder.iterdir() if stat.S_ISREG(path.lstat().st_mode))
    return [path for moment, path in written[:-1] if moment < now - timedelta(days=after_days)]


def remove_backups(engine: Engine, clock: Clock, folder: Path, after_days: int) -> list[Path]:
    """Remove the backups that are due. Returns the files removed."""
    now = whole_second(clock())
    due = backups_due(folder, now, after_days)
    for path in due:
        path.unlink()
    if due:
        with transaction(engine) as session:
            note_act(session, now, COMMAND_LINE, BackupsRemoved(len(due)))
    return due


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.lstat().st_mtime, UTC)


def wipe_rehearsal(desk: Desk, programme_id: str, instance: Path, officer: SigningKey) -> int:
    """Remove every row of a rehearsal, then its files. Returns the number of rows. Raises Refused for a real ballot.

    The activity log stays, and records the wipe.
    """
    with transaction(desk.engine) as session:
        row = open_chronicle(session, desk, programme_id).programme
        if not read_programme(row.toml).rehearsal:
            raise Refused(
                Refusal.NOT_A_REHEARSAL, f"{programme_id} is a real ballot, and nothing of it is ever removed."
            )
        if read_keys(row.keys)[Role.RETURNING_OFFICER] != officer.public:
            raise Refused(Refusal.FOREIGN_KEY, "This is not the key of the programme's returning officer.")
        if find_reballot(session, programme_id) is not None:
            raise Refused(Refusal.ALREADY_CALLED, f"A re-ballot cites {programme_id}: wipe that first.")
        session.flush()
        session.expunge_all()
        with without_triggers(session):
            number = sum(_wipe(session, table, programme_id) for table in reversed(Base.metadata.sorted_tables))
        note_act(session, desk.clock(), COMMAND_LINE, RehearsalWiped(number), ActPlace(programme_id))
    server_keys_path(instance, programme_id).unlink(missing_ok=True)
    records = instance / "records"
    shutil.rmtree(records / programme_id, ignore_errors=True)
    for what in ("zip", PAPER, SIGNATURE, EVIDENCE):
        published_path(records, programme_id, what).unlink(missing_ok=True)
    return number


def _wipe(session: Session, table: Table, programme_id: str) -> int:
    """Delete the rows of a table that belong to the programme, by whichever of these columns the table has."""
    ballots = select(BallotRow.id).where(BallotRow.programme_id == programme_id)
    practices = select(PracticeRow.id).where(PracticeRow.ballot_id.in_(ballots))
    messages = select(MessageRow.id).where(MessageRow.programme_id == programme_id)
    accepted = select(AcceptedRow.id).where(AcceptedRow.ballot_id.in_(ballots))
    owners = {"ballot_id": ballots, "practice_id": practices, "message": messages, "accepted_id": accepted}
    found: list[ColumnElement[bool]] = [table.c[name].in_(ids) for name, ids in owners.items() if name in table.c]
    if "programme_id" in table.c:
        found.append(table.c.programme_id == programme_id)
    if table is ProgrammeRow.__table__:
        found.append(table.c.id == programme_id)
    return int(session.execute(delete(table).where(or_(*found))).rowcount) if found else 0  # type: ignore[attr-defined]
