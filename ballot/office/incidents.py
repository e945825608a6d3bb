"""Incidents: what went wrong during a ballot, noted by the office and the scrutineer. They go into the report.

An incident is noted once and never changed. A mistake in one is put right by noting another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from ballot.db.ballots import list_ballots_of
from ballot.db.incidents import IncidentRow
from ballot.db.practices import find_practice
from ballot.db.programmes import find_programme
from ballot.db.session import transaction
from ballot.office.activity import ActPlace, IncidentNoted, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.record.times import whole_second

LONGEST = 1000
"""Characters of each of the two texts."""


@dataclass(frozen=True, slots=True)
class Incident:
    """What is noted: where, when, what happened, and what was done about it, if anything yet."""

    happened_at: datetime
    what: str
    done: str = ""
    ccg: str | None = None
    """None if it concerns the whole ballot."""
    practice: str | None = None


def note_incident(engine: Engine, clock: Clock, programme_id: str, incident: Incident, who: Who) -> None:
    """Note an incident. Raises Refused for a CCG or practice that is not in the ballot, or a time still to come."""
    what, done = _one_line(incident.what), _one_line(incident.done)
    if not what or not all(len(text) <= LONGEST and text.isprintable() for text in (what, done)):
        sentence = f"Say what happened in at most {LONGEST} characters that can be printed."
        raise Refused(Refusal.NOTE_UNFIT, sentence)
    with transaction(engine) as session:
        now = whole_second(clock())
        if find_programme(session, programme_id) is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        if incident.happened_at > now:
            raise Refused(Refusal.TOO_EARLY, "This time is still to come. Say when it happened.")
        ballots = list_ballots_of(session, programme_id, incident.ccg) if incident.ccg is not None else []
        if incident.ccg is not None and not ballots:
            raise Refused(Refusal.NO_SUCH_BALLOT, f"{incident.ccg} is not one of the CCGs of {programme_id}.")
        code = incident.practice
        if code is not None and all(find_practice(session, ballot.id, code) is None for ballot in ballots):
            raise Refused(Refusal.NO_SUCH_PRACTICE, f"{code} is not a member of {incident.ccg or 'any one CCG'}.")
        session.add(
            IncidentRow(
                programme_id=programme_id,
                ccg=incident.ccg,
                practice=code,
                happened_at=whole_second(incident.happened_at),
                what=what,
                done=done,
                role=who.acting_for or "",
                noted_at=now,
            )
        )
        note_act(session, now, who, IncidentNoted(code), ActPlace(programme_id, incident.ccg))


def _one_line(text: str) -> str:
    return " ".join(text.split())
