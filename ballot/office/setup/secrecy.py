"""Measure what publishing the totals of each election of a draft would reveal about single votes. Reads only.

Sealing refuses a draft that would reveal too much. The page draws the same random numbers as sealing: they follow from
the programme and the election's name, so the page shows the figures that the terms will contain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.db.ballots import BallotRow
from ballot.db.practices import list_practices
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import read_constitution, read_counting
from ballot.office.setup.draft import ProgrammeFiles, count_roll
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.moves import REASON_WORDS, ReasonCode
from ballot.record.secrecy import BALLOTS, RevealedVotes, counted_name, measure_election, planned_weighting
from ballot.roll.member import Roll
from ballot.secrecy.meter import Measured, Meter, draw_ballots, measure, run_meter
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.weighting import Weighting, alternatives, heads_only


def measure_ballots(session: Session, ballots: Iterable[BallotRow]) -> dict[str, RevealedVotes]:
    """For each election, how many votes in simulated ballots its totals would determine. Slow only the first time."""
    found = {}
    for ballot in ballots:
        weights = [practice.weight for practice in list_practices(session, ballot.id)]
        id, name = ballot.programme_id, ballot.election_name
        found[name] = measure_election(id, name, read_constitution(ballot), read_counting(ballot), weights)
    return found


def check_secrecy(programme: Programme, secrecy: Mapping[str, RevealedVotes]) -> None:
    """Raise Refused, with a sentence for each election, if the totals would determine more than is allowed."""
    limit = programme.secrecy_at_most
    faults = [
        f"{name}: the totals would determine {found.known} of {found.cast} votes in {BALLOTS} simulated ballots"
        for name, found in secrecy.items()
        if found.is_more_than(limit)
    ]
    if faults:
        accepted = REASON_WORDS[ReasonCode.SECRECY_ACCEPTED]
        how = f"Count practices or wider bands, or propose sealing with the reason “{accepted}”, which is published."
        raise Refused(Refusal.TOO_REVEALING, f"{'; '.join(faults)}. At most {limit} is allowed. {how}")


MANY_PRACTICES, FEWER_BALLOTS = 40, 25
"""From MANY practices on, the meter tries only the first 25 ballots, so that the page does not take too long."""


@dataclass(frozen=True, slots=True)
class PlannedElection:
    """An election as the files describe it: what it would publish, and the list sizes of its members."""

    programme: str
    name: str
    title: str
    weighting: Weighting
    sizes: tuple[int, ...]
    counts: str | None
    """What the sizes count, if they are not list sizes."""


def planned_elections(files: ProgrammeFiles, roll: Roll) -> list[PlannedElection]:
    """Every election that the files describe. Raises Refused or InvalidRoll if the roll does not fit."""
    counted = count_roll(files, roll)
    found = []
    for ccg in files.programme.ccgs:
        counting, everyone = counted[ccg.ods]
        for place in localities_of(member.locality for member in everyone):
            members = [member for member in everyone if member.locality == place]
            rule = files.constitutions[ccg.ods][0]
            weighting = planned_weighting(rule, counting, [member.weight for member in members])
            name, title = election_name(ccg.ods, place), election_title(ccg.name, place)
            sizes = tuple(member.list_size or 0 for member in members)
            found.append(PlannedElection(files.programme.id, name, title, weighting, sizes, counted_name(rule)))
    return found


@lru_cache(maxsize=256)
def measure_planned(planned: PlannedElection) -> Measured:
    """What its totals would determine, as sealing measures it."""
    below = SeededDraws(f"{planned.programme}/{planned.name}")
    return measure(planned.weighting, draw_ballots(len(planned.sizes), VotingModel(), BALLOTS, below))


@lru_cache(maxsize=64)
def meter_of(planned: PlannedElection) -> Meter:
    """The same measurement, with the other ways to publish, and with abstainers who say that they abstained."""
    others = alternatives(planned.sizes, planned.counts) if any(planned.sizes) else (heads_only(len(planned.sizes)),)
    below = SeededDraws(f"{planned.programme}/{planned.name}")
    ballots = BALLOTS if len(planned.sizes) < MANY_PRACTICES else FEWER_BALLOTS
    return run_meter(planned.weighting, others, VotingModel(), ballots, below)
