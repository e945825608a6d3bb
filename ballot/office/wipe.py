"""Wipe a rehearsal: everything of it that this installation holds. A real ballot cannot be wiped, by anybody.

A record of a rehearsal that was published elsewhere stays what it says that it is, for ever.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import ColumnElement, Table, delete, or_, select
from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow
from ballot.db.held import lifted
from ballot.db.outbox import MessageRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow, find_reballot
from ballot.db.session import transaction
from ballot.db.tables import Base
from ballot.office.activity import COMMAND_LINE, Place, RehearsalWiped, note_act
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.publishing import EVIDENCE, PAPER, SIGNATURE, beside
from ballot.office.sealed import read_keys, read_programme
from ballot.office.server_keys import server_keys_path
from ballot.record.keys import Role, SigningKey


def wipe_rehearsal(desk: Desk, programme_id: str, instance: Path, officer: SigningKey) -> int:
    """Remove every row of it, then its files, and answer how many rows; raises Refused for a ballot that is real.

    The activity log stays, and says that it was done.
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
        with lifted(session):
            number = sum(_wipe(session, table, programme_id) for table in reversed(Base.metadata.sorted_tables))
        note_act(session, desk.clock(), COMMAND_LINE, RehearsalWiped(number), Place(programme_id))
    server_keys_path(instance, programme_id).unlink(missing_ok=True)
    records = instance / "records"
    shutil.rmtree(records / programme_id, ignore_errors=True)
    for what in ("zip", PAPER, SIGNATURE, EVIDENCE):
        beside(records, programme_id, what).unlink(missing_ok=True)
    return number


def _wipe(session: Session, table: Table, programme_id: str) -> int:
    """The rows of a table that belong to the programme, by whichever of these columns it has."""
    ballots = select(BallotRow.id).where(BallotRow.programme_id == programme_id)
    practices = select(PracticeRow.id).where(PracticeRow.ballot_id.in_(ballots))
    messages = select(MessageRow.id).where(MessageRow.programme_id == programme_id)
    owners = {"ballot_id": ballots, "practice_id": practices, "message": messages}
    found: list[ColumnElement[bool]] = [table.c[name].in_(ids) for name, ids in owners.items() if name in table.c]
    if "programme_id" in table.c:
        found.append(table.c.programme_id == programme_id)
    if table is ProgrammeRow.__table__:
        found.append(table.c.id == programme_id)
    return int(session.execute(delete(table).where(or_(*found))).rowcount) if found else 0  # type: ignore[attr-defined]
