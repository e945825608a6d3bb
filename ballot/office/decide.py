"""Decide: each CCG by its own constitution, then what the programme's rule makes of it. Written once, as published."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ballot.db.ballots import BallotRow
from ballot.db.practices import list_practices
from ballot.db.session import transaction
from ballot.office.archives import read_closing
from ballot.office.chronicle import open_chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import read_constitution, read_counting, read_programme
from ballot.protocol.hashing import sha256_hex
from ballot.record.counting import eligible_measure
from ballot.record.decisions import Count, ElectionCount, ProgrammeDecision, decide_programme
from ballot.record.programme_events import Move


def decide(desk: Desk, programme_id: str) -> ProgrammeDecision:
    """Decide the programme; raises Refused unless every ballot is tallied or abandoned."""
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id)
        if chronicle.programme.decision is not None:
            raise Refused(Refusal.ALREADY_DECIDED, "The programme is decided already.")
        states = {ballot.election_name: State(ballot.state) for ballot in chronicle.ballots}
        waiting = [name for name, state in states.items() if state not in (State.TALLIED, State.ABANDONED)]
        if waiting or State.TALLIED not in states.values():
            raise Refused(Refusal.NOT_READY, f"These are not tallied yet: {', '.join(waiting) or 'all abandoned'}.")
        tallied: dict[str, list[BallotRow]] = {}
        for ballot in chronicle.ballots:
            if states[ballot.election_name] is State.TALLIED:
                tallied.setdefault(ballot.ccg, []).append(ballot)
        counts = {ccg: read_count(session, ballots) for ccg, ballots in tallied.items()}
        decision = decide_programme(read_programme(chronicle.programme.toml), counts)
        chronicle.programme.decision = decision.to_bytes()
        data = {"decision": sha256_hex(chronicle.programme.decision)}
        chronicle.write(Move.DECIDED, None, data, (desk.board,))
    return decision


def read_count(session: Session, ballots: Sequence[BallotRow]) -> Count:
    """What the tallies of one CCG gave, one of each of its elections; raises Refused before they are tallied."""
    return Count(read_constitution(ballots[0]), tuple(_count_election(session, ballot) for ballot in ballots))


def _count_election(session: Session, ballot: BallotRow) -> ElectionCount:
    """With the members of this election, less the struck."""
    closing = read_closing(session, ballot)
    if closing is None or closing.result is None:
        raise Refused(Refusal.WRONG_STATE, f"The ballot of {ballot.election_name} is not tallied.")
    counting = read_counting(ballot)
    weights = [practice.weight for practice in list_practices(session, ballot.id) if practice.struck_at is None]
    return ElectionCount(
        ballot.locality,
        counting,
        eligible_measure(counting, weights),
        closing.sized.num_tallied,
        closing.sized.total_weight,
        closing.totals,
    )
