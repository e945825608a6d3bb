"""What anyone can see during voting: every ballot in the chain, and the state of each election. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.accepted import list_accepted, returned_by_ballot
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.logs import LogRow, list_logs
from ballot.db.practices import eligible_by_ballot
from ballot.office.lifecycle import State, state_at
from ballot.protocol.hashing import base64_of_hex


@dataclass(frozen=True, slots=True)
class ListedBallot:
    """A ballot on the board. `superseded_at` is the height of the later ballot that counts instead, if there is one."""

    height: int
    tracking_number: str
    credential: str
    time: datetime
    superseded_at: int | None


@dataclass(frozen=True, slots=True)
class ElectionStatus:
    """The state of one election, of a CCG or of a locality, at a moment."""

    election_name: str
    ccg: str
    locality: str | None
    name: str
    uuid: str
    state: State
    opens_at: datetime
    closes_at: datetime
    eligible: int
    returned: int
    height: int | None
    head: str | None


def list_board(session: Session, ballot: BallotRow) -> list[ListedBallot]:
    """Every accepted ballot, by height."""
    rows = list_accepted(session, ballot.id)
    last = {row.credential: row.height for row in rows}
    return [
        ListedBallot(
            row.height,
            base64_of_hex(row.payload),
            row.credential,
            row.time,
            last[row.credential] if last[row.credential] != row.height else None,
        )
        for row in rows
    ]


def election_statuses(session: Session, programme_id: str, now: datetime) -> list[ElectionStatus]:
    """Every election of the programme, in its order."""
    logs = {log.name: log for log in list_logs(session, programme_id)}
    eligible, returned = eligible_by_ballot(session, programme_id), returned_by_ballot(session, programme_id)
    return [
        _status(ballot, logs.get(ballot.election_name), eligible.get(ballot.id, 0), returned.get(ballot.id, 0), now)
        for ballot in list_ballots(session, programme_id)
    ]


def _status(ballot: BallotRow, log: LogRow | None, eligible: int, returned: int, now: datetime) -> ElectionStatus:
    return ElectionStatus(
        ballot.election_name,
        ballot.ccg,
        ballot.locality,
        ballot.name,
        ballot.uuid,
        state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now),
        ballot.opens_at,
        ballot.closes_at,
        eligible,
        returned,
        log.size - 1 if log else None,
        log.head if log else None,
    )
