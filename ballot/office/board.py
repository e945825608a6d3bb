"""What anyone may see while it happens: every ballot in the chain, and how each election stands. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from ballot.db.accepted import count_returned, list_accepted
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.logs import find_log
from ballot.db.practices import list_practices
from ballot.office.lifecycle import State, state_at
from ballot.protocol.hashing import base64_of_hex


@dataclass(frozen=True, slots=True)
class Listed:
    """A ballot on the board. `superseded_at` is the height of the later one that counts instead, if there is one."""

    height: int
    tracking_number: str
    credential: str
    time: datetime
    superseded_at: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one election stands at a moment: a CCG's, or a locality's."""

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


def list_board(session: Session, ballot: BallotRow) -> list[Listed]:
    """Every accepted ballot, by height."""
    rows = list_accepted(session, ballot.id)
    last = {row.credential: row.height for row in rows}
    return [
        Listed(
            row.height,
            base64_of_hex(row.payload),
            row.credential,
            row.time,
            last[row.credential] if last[row.credential] != row.height else None,
        )
        for row in rows
    ]


def standings(session: Session, programme_id: str, now: datetime) -> list[Standing]:
    """Every election of the programme, in its order."""
    return [_standing(session, ballot, now) for ballot in list_ballots(session, programme_id)]


def _standing(session: Session, ballot: BallotRow, now: datetime) -> Standing:
    log = find_log(session, ballot.programme_id, ballot.election_name)
    members = list_practices(session, ballot.id)
    return Standing(
        ballot.election_name,
        ballot.ccg,
        ballot.locality,
        ballot.name,
        ballot.uuid,
        state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now),
        ballot.opens_at,
        ballot.closes_at,
        sum(member.struck_at is None for member in members),
        count_returned(session, ballot.id),
        log.size - 1 if log else None,
        log.head if log else None,
    )
