"""The record so far, for download during voting: made at most once a minute, however often it is requested.

It has the same files as a publication, as of one moment, but is not audited here first. The person who downloads it
audits it, with `--stage`. It is made in a temporary folder of the process. A reader writes nothing, not even an opening
that is due. Until the worker has written that opening, no record would pass an audit, so none is given out.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from threading import Lock
from weakref import finalize

from ballot.db.ballots import BallotRow
from ballot.db.logs import list_logs
from ballot.db.session import reading, transaction
from ballot.office.board.publish import write_record
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.lifecycle import State
from ballot.record.packing import members_below, write_zip

NOT_OFTENER_THAN = timedelta(minutes=1)


class OpeningNotWritten(Exception):
    """An opening that is due is not written yet. The worker writes it within seconds."""


@dataclass(frozen=True, slots=True)
class CachedRecord:
    """A record that was made: when, from which log heads, and the path of its .zip."""

    at: datetime
    heads: str
    path: Path


@dataclass
class RecordsSoFar:
    """The newest record of each programme, in a temporary folder of this process."""

    made: dict[str, CachedRecord] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    folder: Path | None = None

    def take(self, desk: Desk, programme_id: str) -> Path:
        """Return the path of a .zip that is at most a minute old; or an older one while a new one is being made.

        Raises: Refused before sealing; OpeningNotWritten.
        """
        older = self.made.get(programme_id)
        if not self.lock.acquire(blocking=older is None) and older is not None:
            return older.path
        try:
            now, heads, last = desk.clock(), _heads(desk, programme_id), self.made.get(programme_id)
            if last is None or (last.heads != heads and not last.at <= now < last.at + NOT_OFTENER_THAN):
                last = self.made[programme_id] = CachedRecord(now, heads, self._make(desk, programme_id))
            return last.path
        finally:
            self.lock.release()

    def _make(self, desk: Desk, programme_id: str) -> Path:
        if self.folder is None:
            self.folder = Path(mkdtemp(prefix="ballot-records-"))
            finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        ready = self.folder / f"{programme_id}.zip"
        with TemporaryDirectory(dir=self.folder) as temporary:
            record, packed = Path(temporary) / "record", Path(temporary) / "record.zip"
            with reading(desk.engine) as session:
                with transaction(desk.engine) as holder:
                    chronicle = open_chronicle(holder, desk, programme_id)
                    if any(is_due(ballot, chronicle.now) for ballot in chronicle.ballots):
                        raise OpeningNotWritten
                    list_logs(session, programme_id)  # the first query fixes what this session sees
                write_record(session, programme_id, record, desk.board)
            with packed.open("wb") as target:
                write_zip(target, members_below(record))
            packed.replace(ready)  # a reader of the older file can finish reading it
        return ready


def is_due(ballot: BallotRow, now: datetime) -> bool:
    """Whether the ballot has opened and that is not written yet."""
    return State(ballot.state) is State.SEALED and ballot.opens_at <= now


def _heads(desk: Desk, programme_id: str) -> str:
    with reading(desk.engine) as session:
        return " ".join(f"{log.name} {log.head}" for log in list_logs(session, programme_id))
