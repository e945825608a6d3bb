"""Single votes that the totals would reveal, measured before sealing and written into the terms.

    "secrecy": {"at_most": "1/10", "ballots": 100, "votes": {"00Q": {"known": 3, "cast": 1780}, ...}}

Of the `cast` votes in `ballots` simulated ballots, the totals that will be published determine `known`: see
`ballot.secrecy.meter`. The draws follow from the programme and the election's name, so anyone can compute the figures
again from the roll. If more are determined than the programme allows, two people give a reason at sealing.
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
"""The number of ballots simulated for each election at sealing."""
MOST_WEIGHTS = 500
"""An auditor does not repeat the measurement of an election with more different weights: it compares pairs of them."""


@dataclass(frozen=True, slots=True)
class RevealedVotes:
    """The votes cast in the simulated ballots, and how many of them the totals determine."""

    known: int
    cast: int

    def is_more_than(self, limit: Fraction) -> bool:
        """Whether the determined share is above the limit; without votes it is not."""
        return self.known * limit.denominator > limit.numerator * self.cast


def measure_election(
    programme: str, name: str, constitution: Constitution, counting: Counting, weights: Sequence[int | None]
) -> RevealedVotes:
    """Measure the secrecy of one election on draws that follow from its name.

    `weights` are those of its members in the order of their codes, as in roll.csv.
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
    """Repeat `measure_election` in at most `most_steps`: the figure, None if it needs more, and the steps taken."""
    planned = planned_weighting(constitution, counting, weights)
    return (None, 0) if len(set(planned.weights)) > MOST_WEIGHTS else _measured(programme, name, planned, most_steps)


@lru_cache(maxsize=512)
def _measured(
    programme: str, name: str, planned: Weighting, most_steps: int | None
) -> tuple[RevealedVotes | None, int]:
    """Cached: it takes a third of a second, and proposing, viewing and sealing all need the same figure."""
    below, steps = SeededDraws(f"{programme}/{name}"), StepBound(most_steps)
    try:
        steps.take(BALLOTS * len(planned.weights))
        drawn = draw_ballots(len(planned.weights), VotingModel(), BALLOTS, below)
        found = measure(planned, drawn, steps=steps)
    except TooManySteps:
        return None, steps.done
    return RevealedVotes(found.known, found.cast), steps.done


def planned_weighting(constitution: Constitution, counting: Counting, weights: Sequence[int | None]) -> Weighting:
    """How the election would publish its totals; `weights` are those of its members in the election."""
    if counting.kind is CountKind.HEADS or constitution.weight is None:
        return heads_only(len(weights))
    measures = [counting.measure(weight or 0).weight or 0 for weight in weights]
    per, counts = constitution.weight.per, counted_name(constitution)
    name = exact_sizes((), counts).name if per == 1 else bands((), per, counts).name
    if constitution.weight.bands:
        name = f"irregular bands of {counts or 'patients'}"
    if counting.kind is CountKind.PACKED:
        return packed(measures, name)
    return Weighting(name, tuple(measures))


def counted_name(constitution: Constitution) -> str | None:
    """What the rule's weights are made from, if not from list sizes."""
    return None if constitution.weight_column is None else constitution.nouns.counts.many


def secrecy_json(at_most: Fraction, votes: Mapping[str, RevealedVotes]) -> Json:
    """The entry `secrecy` of terms.json."""
    return {
        "at_most": str(at_most),
        "ballots": BALLOTS,
        "votes": {name: {"known": found.known, "cast": found.cast} for name, found in votes.items()},
    }


def parse_secrecy(value: Json) -> tuple[Fraction, dict[str, RevealedVotes]]:
    """The limit, and the figures of each election; raises InvalidMessage for another form."""
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
