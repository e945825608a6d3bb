"""Copy a ballot as a new draft, and delete a draft.

A prepared ballot cannot go back to a draft. Preparing appends a signed event and a signed checkpoint to the programme's
log, and rows of logs are never removed: preparing again under the same id would sign a second history of one log, which
is what watchers and witnesses report as a forked board. What to do instead is to copy it under another id.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from ballot.db.ceremony import delete_parts, delete_seats
from ballot.db.programmes import find_programme
from ballot.db.session import transaction
from ballot.office.activity import ActPlace, DraftDeleted, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.setup.draft import CONSTITUTIONS, LISTS, PACKS, PARTNERS, PROGRAMME, ROLL, Draft, new_draft

COPIED = (CONSTITUTIONS, PACKS, ROLL, LISTS, PARTNERS)
"""What a copy takes besides programme.toml. The trustees make a key of its own for each programme."""


def copy_draft(draft: Draft, id: str, name: str, rehearsal: bool, now: datetime) -> Draft:
    """Make a new draft with the files of this one. Raises Refused if the id is taken or not valid.

    It has another id and name and no key yet, and is a rehearsal only if `rehearsal` says so.
    """
    copy = new_draft(draft.folder.parent, id, name, now)
    own = {"programme": id, "name": name, "rehearsal": True if rehearsal else None}
    _write(copy.path(PROGRAMME), draft.with_values(own))
    for kept in COPIED:
        path = draft.path(kept)
        for file in [path] if path.is_file() else sorted(path.glob("*")):
            _write(copy.folder / file.relative_to(draft.folder), file.read_bytes())
    return copy


def delete_draft(engine: Engine, clock: Clock, draft: Draft, who: Who) -> None:
    """Delete a draft with all its files, and the trustees' seats and parts. Raises Refused once it is prepared."""
    with transaction(engine) as session:
        if find_programme(session, draft.id) is not None:
            raise Refused(Refusal.ALREADY_PREPARED, "A prepared ballot cannot be deleted.")
        files = sum(1 for path in draft.folder.rglob("*") if path.is_file())
        delete_parts(session, draft.id)
        delete_seats(session, draft.id)
        note_act(session, clock(), who, DraftDeleted(files), ActPlace(draft.id))
    gone = draft.folder.with_name(f".{draft.id}.{os.getpid()}")  # Not a draft any more, even if deleting is interrupted
    draft.folder.rename(gone)
    shutil.rmtree(gone)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
