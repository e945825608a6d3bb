"""The day of the count: which shares have arrived, what is missing, and the outcome of the opened totals.

Reads only. It decides by the same code as `Decide`. Nothing here is published as decided before `Decide` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.constitution.rule import Outcome
from ballot.db.accepted import count_returned
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.events import event_lines
from ballot.db.practices import list_practices
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.shares import list_shares
from ballot.office.casting.archives import read_closing
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, state_at
from ballot.office.sealed import read_constitution, read_counting, read_programme
from ballot.office.setup.prepare import cited_by
from ballot.office.situation import still_voting
from ballot.office.tally import SERVER
from ballot.protocol.canonical import Json, parse_json
from ballot.record.counting import eligible_measure
from ballot.record.decisions import CcgCount as Counted
from ballot.record.decisions import ElectionCount as CountOfElection
from ballot.record.decisions import casting_votes, decide_ccg, decide_programme
from ballot.record.programme_events import parse_programme_event
from ballot.record.times import wall_time

COUNTED = (State.TALLIED, State.DECLARED)


@dataclass(frozen=True, slots=True)
class ShareStatus:
    """A share of one election: its owner, and when it arrived. `given` is None while it is missing."""

    owner: int
    name: str
    given: datetime | None


@dataclass(frozen=True, slots=True)
class ElectionProgress:
    """How far the count of one election is. `needed` counts the trustees' shares it takes besides the server's."""

    election_name: str
    ccg: str
    name: str
    state: State
    returned: int
    needed: int
    shares: tuple[ShareStatus, ...]
    opens_at: datetime
    closes_at: datetime
    is_closing_written: bool
    """Whether the archive has ended. If not, no trustee can decrypt, although its time is over."""
    waits_for: tuple[str, ...]
    """The ballots for whose closing its total waits, because all are counted together."""

    def lacks(self, owner: int) -> bool:
        """Whether a share of this owner is missing and still of use."""
        given = {share.owner for share in self.shares if share.given is not None}
        return owner not in given and (owner == SERVER or len(given - {SERVER}) < self.needed)

    @property
    def missing(self) -> str:
        """What is still needed, in words. Empty once counted, or if nothing will be counted."""
        match self.state:
            case State.DRAFT:
                return "This ballot is not sealed"
            case State.SEALED:
                return f"Voting opens at {wall_time(self.opens_at)}"
            case State.OPEN:
                return f"Voting closes at {wall_time(self.closes_at)}"
            case State.CLOSED if self.waits_for:
                return f"All ballots are counted together. Still to close: {', '.join(self.waits_for)}"
            case State.CLOSED:
                return self._missing_shares()
        return ""

    def _missing_shares(self) -> str:
        server, *trustees = self.shares
        given = sum(share.given is not None for share in trustees)
        parts = ["Waiting for the server"] if server.given is None else []
        if not self.is_closing_written:
            parts = ["Waiting for the server (the worker has not recorded the closing; adding its share records it)"]
        if given < self.needed:
            parts.append(f"Waiting for the trustees: {given} of {self.needed}")
        return ". ".join(parts) or "Being counted"


@dataclass(frozen=True, slots=True)
class CountDay:
    """A programme on the day of its count."""

    id: str
    programme: Programme
    elections: tuple[ElectionProgress, ...]
    decision: Mapping[str, Json] = field(default_factory=dict)
    """decision.json, or, before the decision, the same form with what is counted so far."""
    is_decided: bool = False
    still_voting: tuple[str, ...] = ()
    """The elections for whose closing every total waits; none where each is counted by itself."""

    @property
    def waiting(self) -> tuple[ElectionProgress, ...]:
        """The elections that are neither counted nor abandoned."""
        return tuple(each for each in self.elections if each.state not in (*COUNTED, State.ABANDONED))

    @property
    def is_declared(self) -> bool:
        return any(each.state is State.DECLARED for each in self.elections)

    @property
    def can_decide(self) -> bool:
        """Whether `Decide` would succeed."""
        counted = any(each.state in COUNTED for each in self.elections)
        return not self.is_decided and not self.waiting and counted and not self.tied

    @property
    def tied(self) -> tuple[str, ...]:
        """The CCGs that wait for a casting vote."""
        ccgs: Mapping[str, Any] = self.decision.get("ccgs", {})
        return tuple(
            ccg
            for ccg, answers in ccgs.items()
            if any(found["outcome"] == Outcome.TIED.value for found in answers.values())
        )

    @property
    def tied_names(self) -> tuple[str, ...]:
        """The same by name, each with its code."""
        return tuple(f"{ccg.name} ({ccg.ods})" for ccg in self.programme.ccgs if ccg.ods in self.tied)


def read_count_day(engine: Engine, programme_id: str, now: datetime) -> CountDay:
    """Read how far the count is. Raises Refused if there is no such programme."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        programme = read_programme(row.toml)
        ballots = list_ballots(session, row.id)
        voting = tuple(ballot.name for ballot in still_voting(programme, ballots) if ballot.closes_at > now)
        elections = tuple(_election(session, programme, ballot, now, voting) for ballot in ballots)
        decision = decision_so_far(session, row) or {}
        return CountDay(row.id, programme, elections, decision, row.decision is not None, voting)


def decision_so_far(session: Session, row: ProgrammeRow) -> Mapping[str, Json] | None:
    """decision.json if it is written; before that, each CCG that is counted so far; None while there is none."""
    if row.decision is not None:
        written: Mapping[str, Json] = parse_json(row.decision.removesuffix(b"\n"))
        return written
    by_ccg: dict[str, list[BallotRow]] = {}
    for ballot in list_ballots(session, row.id):
        by_ccg.setdefault(ballot.ccg, []).append(ballot)
    states = {ccg: {State(ballot.state) for ballot in ballots} for ccg, ballots in by_ccg.items()}
    counted = [ccg for ccg, found in states.items() if found == {State.TALLIED}]
    if not counted:
        return None
    programme = read_programme(row.toml)
    counts = {ccg: read_count(session, by_ccg[ccg]) for ccg in counted}
    decided: Mapping[str, Json]
    if all(found in ({State.TALLIED}, {State.ABANDONED}) for found in states.values()):
        whole = decide_programme(programme, counts, cited_by(session, row)).to_bytes()
        decided = parse_json(whole.removesuffix(b"\n"))
    else:
        decided = {"programme": row.id, "ccgs": _answers(programme, counts), "abandoned": [], "outcome": None}
    return decided


def _answers(programme: Programme, counts: Mapping[str, Counted]) -> dict[str, Json]:
    return {
        ccg: {question: decided.to_json() for question, decided in decide_ccg(programme, count).items()}
        for ccg, count in counts.items()
    }


def _election(
    session: Session, programme: Programme, ballot: BallotRow, now: datetime, waits_for: tuple[str, ...]
) -> ElectionProgress:
    given = {share.owner: share.received_at for share in list_shares(session, ballot.id)}
    names = ("Server", *programme.trustees.names)
    return ElectionProgress(
        ballot.election_name,
        ballot.ccg,
        ballot.name,
        state_at(State(ballot.state), ballot.opens_at, ballot.closes_at, now),
        count_returned(session, ballot.id),
        programme.trustees.threshold,
        tuple(ShareStatus(owner, name, given.get(owner)) for owner, name in enumerate(names, start=SERVER)),
        ballot.opens_at,
        ballot.closes_at,
        State(ballot.state) in (State.CLOSED, *COUNTED),
        tuple(name for name in waits_for if name != ballot.name),
    )


def read_count(session: Session, ballots: Sequence[BallotRow]) -> Counted:
    """Read the count of one CCG from the tallies of all its elections. Raises Refused before they are tallied."""
    events = map(parse_programme_event, event_lines(session, ballots[0].programme_id))
    casting = casting_votes(events).get(ballots[0].ccg, {})
    elections = tuple(_count_election(session, ballot) for ballot in ballots)
    return Counted(read_constitution(ballots[0]), elections, casting)


def waiting_ties(programme: Programme, counted: Counted) -> list[str]:
    """The questions that are tied in a CCG and wait for the casting vote."""
    decided = decide_ccg(programme, counted)
    return [question for question, found in decided.items() if found.decision.outcome is Outcome.TIED]


def _count_election(session: Session, ballot: BallotRow) -> CountOfElection:
    """The count of one election, with its members less the struck ones."""
    closing = read_closing(session, ballot)
    if closing is None or closing.result is None:
        raise Refused(Refusal.WRONG_STATE, f"The ballot of {ballot.election_name} is not counted yet.")
    counting = read_counting(ballot)
    weights = [practice.weight for practice in list_practices(session, ballot.id) if practice.struck_at is None]
    return CountOfElection(
        ballot.locality,
        counting,
        eligible_measure(counting, weights),
        closing.sized.num_tallied,
        closing.sized.total_weight,
        closing.totals,
    )
