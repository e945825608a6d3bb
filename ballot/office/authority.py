"""Who cast each vote, and by what authority: for the officers, and as proof of one statement for a dispute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.authority import CastBy, count_capacities, find_statement, list_statements, statement_hashes
from ballot.db.ballots import BallotRow, find_ballot, list_ballots
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.protocol.hashing import Hash
from ballot.record.authority import Authority, Capacity, CastStatement, StatementProof, path_of

CLOSED = (State.CLOSED, State.TALLIED, State.DECLARED)


@dataclass(frozen=True, slots=True)
class VoteCast:
    """One accepted vote with what was said of it. `name` is None once it was removed."""

    practice: str
    practice_name: str
    ballot: str
    """SHA-256 of the ballot."""
    time: datetime
    name: str | None
    capacity: Capacity
    counts: bool
    """False if a later vote of the practice replaced it."""


@dataclass(frozen=True, slots=True)
class ElectionStatements:
    """The statements of one election."""

    election: str
    name: str
    has_root: bool
    """Whether the election has closed, so that the record has the root and a statement can be proved."""
    votes: tuple[VoteCast, ...]

    @property
    def proxies(self) -> int:
        """How many of the votes that count were cast by a proxy."""
        return sum(vote.counts and vote.capacity is Capacity.PROXY for vote in self.votes)


def proxies(session: Session, ballot_id: int) -> int:
    """How many of the votes that count were cast by a proxy. Known even after names were removed."""
    return count_capacities(session, ballot_id).get(Capacity.PROXY.value, 0)


def statements(engine: Engine, programme_id: str) -> tuple[ElectionStatements, ...]:
    """Who cast which practice's vote, by election. Raises Refused for no such programme."""
    with reading(engine) as session:
        _programme(session, programme_id)
        return tuple(_statements(session, ballot) for ballot in list_ballots(session, programme_id))


def prove_statement(engine: Engine, programme_id: str, election: str, ballot: str) -> StatementProof:
    """One statement with its salt and its path to the published root. Raises Refused before closing."""
    with reading(engine) as session:
        programme, row = _programme(session, programme_id), find_ballot(session, programme_id, election)
        made = None if row is None else find_statement(session, row.id, ballot)
        if row is None or made is None:
            raise Refused(Refusal.NO_SUCH_BALLOT, "There is no such vote here.")
        if State(row.state) not in CLOSED:
            raise Refused(Refusal.WRONG_STATE, "A statement can be proved once the ballot has closed.")
        if made.name is None or made.salt is None:
            raise Refused(Refusal.WRONG_STATE, "The name was removed when its retention period was over.")
        hashes = statement_hashes(session, row.id)
        said = Authority(made.name, Capacity(made.capacity), programme.statement or "")
        of = CastStatement(row.uuid, made.practice, Hash(made.payload), said)
        index = hashes.index(made.hash)
        return StatementProof(programme_id, election, of, made.salt, index, len(hashes), path_of(index, hashes))


def _programme(session: Session, programme_id: str) -> ProgrammeRow:
    programme = find_programme(session, programme_id)
    if programme is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
    return programme


def _statements(session: Session, ballot: BallotRow) -> ElectionStatements:
    made = list_statements(session, ballot.id)
    last = {each.practice_id: each.height for each in made}
    votes = tuple(_vote(each, last[each.practice_id] == each.height) for each in made)
    return ElectionStatements(ballot.election_name, ballot.name, State(ballot.state) in CLOSED, votes)


def _vote(made: CastBy, counts: bool) -> VoteCast:
    capacity = Capacity(made.capacity)
    return VoteCast(made.practice, made.practice_name, made.payload, made.time, made.name, capacity, counts)
