"""What the totals would tell about single votes, measured before sealing and written into the terms.

    "secrecy": {"at_most": "1/10", "ballots": 100, "votes": {"00Q": {"known": 3, "cast": 1780}, ...}}

Of so many votes cast in so many simulated ballots, the totals that will be published determine so many: see
`ballot.secrecy.meter`. The draws follow from the programme and the election's name, so that anyone can
make the figures again from the roll. Where more are determined than the programme allows, two people said why at
sealing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ballot.constitution.rule import Constitution
from ballot.protocol.canonical import Json, fields, integer, text
from ballot.protocol.errors import Reason
from ballot.record.counting import Counting, CountKind
from ballot.record.errors import InvalidRecord
from ballot.secrecy.meter import draw_ballots, measure
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.patterns import StepBound, TooManySteps
from ballot.secrecy.weighting import Weighting, bands, exact_sizes, heads_only, packed

BALLOTS = 100
"""Simulated for each election at sealing."""
MOST_WEIGHTS = 500
"""An auditor does not measure an election with more different weights again: pairs of them are compared."""


@dataclass(frozen=True, slots=True)
class RevealedVotes:
    """Of so many votes cast in the simulated ballots, how many the totals determine."""

    known: int
    cast: int

    def is_more_than(self, limit: Fraction) -> bool:
        """Compared without dividing; nothing cast reveals nothing."""
        return self.known * limit.denominator > limit.numerator * self.cast


def measure_election(
    programme: str, name: str, constitution: Constitution, counting: Counting, weights: Sequence[int | None]
) -> RevealedVotes:
    """Measure what one election would publish, on draws that follow from its name.

    `weights` are those of its members in the order of their codes, as roll.csv has them.
    """
    found, _ = _measured(programme, name, planned_weighting(constitution, counting, weights), None)
    assert found is not None  # there was no bound
    return found


def measure_again(
    programme: str,
    name: str,
    constitution: Constitution,
    counting: Counting,
    weights: Sequence[int | None],
    most_steps: int,
) -> tuple[RevealedVotes | None, int]:
    """The same figure within a bound on the work, None where that was not enough; and the steps that it took."""
    planned = planned_weighting(constitution, counting, weights)
    return (None, 0) if len(set(planned.weights)) > MOST_WEIGHTS else _measured(programme, name, planned, most_steps)


@lru_cache(maxsize=512)
def _measured(
    programme: str, name: str, planned: Weighting, most_steps: int | None
) -> tuple[RevealedVotes | None, int]:
    """A third of a second each, and always the same: proposing, looking and sealing ask for it again."""
    below, steps = SeededDraws(f"{programme}/{name}"), StepBound(most_steps)
    try:
        steps.take(BALLOTS * len(planned.weights))
        drawn = draw_ballots(len(planned.weights), VotingModel(), BALLOTS, below)
        found = measure(planned, drawn, steps=steps)
    except TooManySteps:
        return None, steps.done
    return RevealedVotes(found.known, found.cast), steps.done


def planned_weighting(constitution: Constitution, counting: Counting, weights: Sequence[int | None]) -> Weighting:
    """What the election would publish; `weights` are those of its members in the election."""
    if counting.kind is CountKind.HEADS or constitution.weight is None:
        return heads_only(len(weights))
    measures = [counting.measure(weight or 0).weight or 0 for weight in weights]
    per = constitution.weight.per
    name = exact_sizes(()).name if per == 1 else bands((), per).name
    if counting.kind is CountKind.PACKED:
        return packed(measures, f"packed: heads and {name}")
    return Weighting(name, tuple(measures))


def secrecy_json(at_most: Fraction, votes: Mapping[str, RevealedVotes]) -> Json:
    """The entry of terms.json."""
    return {
        "at_most": str(at_most),
        "ballots": BALLOTS,
        "votes": {name: {"known": found.known, "cast": found.cast} for name, found in votes.items()},
    }


def parse_secrecy(value: Json) -> tuple[Fraction, dict[str, RevealedVotes]]:
    """The limit, and what each election reveals; raises InvalidMessage for any other form."""
    value = fields(value, ("at_most", "ballots", "votes"))
    integer(value["ballots"], BALLOTS, BALLOTS)
    written = text(value["at_most"])
    part, _, whole = written.partition("/")
    if not all(piece.isascii() and piece.isdigit() and len(piece) <= 18 for piece in (part, whole or "1")):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a share of votes as at_most")
    if not int(whole or 1) or str(at_most := Fraction(int(part), int(whole or 1))) != written:
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a share of votes as at_most")
    if not isinstance(value["votes"], dict):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected votes by election")
    return at_most, {name: _parse_revealed(entry) for name, entry in value["votes"].items()}


def _parse_revealed(value: Json) -> RevealedVotes:
    value = fields(value, ("known", "cast"))
    cast = integer(value["cast"])
    return RevealedVotes(integer(value["known"], 0, cast), cast)
