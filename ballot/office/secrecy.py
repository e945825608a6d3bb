"""What sealing would give away: every election of a draft measured, and refused where it is too much. Reads only."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine

from ballot.constitution.programme import Programme
from ballot.db.ballots import list_ballots
from ballot.db.practices import list_practices
from ballot.db.session import reading
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_constitution, read_counting
from ballot.record.secrecy import BALLOTS, Revealed, measure_election


def measure_programme(engine: Engine, programme_id: str) -> dict[str, Revealed]:
    """Of the votes in simulated ballots, how many the totals of each election would determine; by election."""
    with reading(engine) as session:
        planned = [
            (
                ballot.election_name,
                read_constitution(ballot),
                read_counting(ballot),
                [practice.weight for practice in list_practices(session, ballot.id)],
            )
            for ballot in list_ballots(session, programme_id)
        ]
    return {name: measure_election(programme_id, name, rule, how, weights) for name, rule, how, weights in planned}


def check_secrecy(programme: Programme, secrecy: Mapping[str, Revealed]) -> None:
    """Raise Refused, with a sentence for each election, where the totals would determine more than is allowed."""
    limit = programme.secrecy_at_most
    faults = [
        f"{name}: the totals would determine {found.known} of {found.cast} votes in {BALLOTS} simulated ballots"
        for name, found in secrecy.items()
        if found.is_more_than(limit)
    ]
    if faults:
        how = "Count practices or wider bands, or seal with a reason, which is published."
        raise Refused(Refusal.TOO_REVEALING, f"{'; '.join(faults)}. At most {limit} is allowed. {how}")
