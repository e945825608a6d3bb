"""What would have changed a decision: how many more votes for, and how many fewer, found by asking the rule itself.

A vote that turns to `for`, or to an option, never loses what that carried, whether it comes from against, from another
option, from abstaining or from those that returned nothing: so the least number that carries, and the greatest that
still does, are found by halving, each candidate judged by the whole rule with its quorum. Where a rule counts practices
and weight, one is changed and the other stands still, as long as that is enough. Where it has locality tests,
`margins_localities` says what they need, and where. `margins_words` makes sentences of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts
from ballot.constitution.margins_localities import (
    greatest,
    least,
    least_in_localities,
    most_spared_in_localities,
    place,
    steps_in_localities,
)
from ballot.constitution.rule import Outcome, Rule, Unit
from ballot.constitution.verdict import has_quorum, judge, meets_tests


@dataclass(frozen=True, slots=True)
class VoteShift:
    """A number of votes in one measure that move from one group to another, with the localities if there are any."""

    unit: Unit
    source: str
    target: str
    number: int = 0
    where: Mapping[str, int] = field(default_factory=dict)


MOST_STEPS = 500_000
"""Allows a few seconds of searching. No rule or vote we know of needs a tenth of that."""


def can_search(rule: Rule, counts: Counts) -> bool:
    """Whether the margins can be found in seconds. If not, the decision comes without them."""
    options = counts.options or (None,)
    bits = max((counts.eligible.of(unit) or 0).bit_length() for unit in Unit)
    whole = len(options) ** 2 * bits * len(rule.all_tests)
    local = sum(steps_in_localities(rule, counts, option) for option in options)
    return len(sources_for(counts, options[0])) * (whole + local) <= MOST_STEPS


def sources_for(counts: Counts, option: str | None) -> tuple[str, ...]:
    """The groups from which more votes for an option, or for the question, can come."""
    others = (AGAINST,) if option is None else tuple(other for other in counts.options if other != option)
    return (*others, ABSTAIN, NOT_RETURNED)


def units_of(rule: Rule) -> tuple[Unit, ...]:
    """The measures a rule counts."""
    return tuple(unit for unit in Unit if unit in rule.units)


def ways_to_carry(rule: Rule, counts: Counts, option: str | None = None) -> Iterator[tuple[VoteShift, ...]]:
    """The smallest changes from one source that carry: in one measure if that is enough, otherwise in both."""
    units = units_of(rule)
    for source in sources_for(counts, option):
        alone = [_least_of_kind(rule, counts, option, source, (unit,)) for unit in units]
        found = [moves for moves in alone if moves is not None]
        if not found and len(units) > 1:
            both = _least_of_kind(rule, counts, option, source, units)
            found = [both] if both is not None else []
        yield from found


def least_of_any_kind(rule: Rule, counts: Counts, option: str | None) -> tuple[VoteShift, ...] | None:
    """The smallest changes that carry if votes from every source may move; None if none do.

    Only for rules without locality tests.
    """
    target = option or FOR
    moves = [VoteShift(unit, source, target) for source in sources_for(counts, option) for unit in units_of(rule)]
    return least_moves(rule, counts, moves[::-1], option)


def can_carry(rule: Rule, counts: Counts, option: str | None) -> bool:
    """Whether it would be carried if every eligible practice voted for it."""
    everywhere = {name: all_for(part, option) for name, part in counts.localities.items()}
    return judge(rule, replace(all_for(counts, option), localities=everywhere)).outcome is Outcome.CARRIED


def all_for(counts: Counts, option: str | None) -> Counts:
    """The counts if everyone eligible had voted for one answer."""
    for unit in Unit:
        for source in sources_for(counts, option):
            number = counts.part(unit, source)
            if number:
                counts = counts.moved(unit, number, source, option or FOR)
    return replace(counts, localities={})


def _least_of_kind(
    rule: Rule, counts: Counts, option: str | None, source: str, units: Sequence[Unit]
) -> tuple[VoteShift, ...] | None:
    """The smallest change of votes from one source, in these measures only. The result is checked by the whole rule."""
    target = option or FOR
    wanted = {unit: least_in_localities(rule, counts, option, unit, source) for unit in Unit}
    if any(found is None or (unit not in units and any(found.values())) for unit, found in wanted.items()):
        return None
    floors = {unit: sum((found or {}).values()) for unit, found in wanted.items()}
    moves = least_moves(rule, counts, [VoteShift(unit, source, target) for unit in units], option, floors)
    if moves is None or not rule.in_localities:
        return moves
    placed = tuple(
        replace(move, where=place(counts, move.unit, source, move.number, wanted[move.unit] or {})) for move in moves
    )
    after = counts
    for move in placed:
        after = after.moved(move.unit, move.number, source, target, move.where)
    verdict = judge(rule, after)
    return placed if verdict.outcome is Outcome.CARRIED and verdict.option == option else None


def least_moves(
    rule: Rule,
    counts: Counts,
    moves: Sequence[VoteShift],
    option: str | None = None,
    floors: Mapping[Unit, int] | None = None,
) -> tuple[VoteShift, ...] | None:
    """Reduce these moves in turn, each as far as the others allow; None if even all of them do not carry.

    No move goes below the floor of its measure.
    """
    largest = [replace(move, number=counts.part(move.unit, move.source) or 0) for move in moves]
    asks = not rule.in_localities
    if not _carries(rule, counts, largest, option, asks_others=asks):
        return None
    for at, move in enumerate(largest):

        def enough(number: int, at: int = at, move: VoteShift = move) -> bool:
            tried = [*largest[:at], replace(move, number=number), *largest[at + 1 :]]
            return _carries(rule, counts, tried, option, asks_others=asks)

        largest[at] = replace(move, number=least((floors or {}).get(move.unit, 0), move.number, enough))
    return tuple(move for move in largest if move.number)


def greatest_loss(
    rule: Rule, counts: Counts, unit: Unit, target: str, option: str | None = None, source: str | None = None
) -> int | None:
    """The most votes for that could move to the target group, from anywhere, with the question still carried.

    With `source`, votes of that group instead of votes for. None if another option would meet the tests of the whole
    CCG on the way: then its localities would decide.
    """
    source = source or option or FOR

    def keeps(number: int) -> bool:
        after = counts.moved(unit, number, source, target)
        return has_quorum(rule, after) and meets_tests(rule, after, option)

    own = greatest(counts.part(unit, source) or 0, keeps)
    local = most_spared_in_localities(rule, counts, option, unit, (source, target))
    own = own if local is None else min(own, local)
    for other in counts.options:
        first = None if other == option else _first_passing(rule, counts, VoteShift(unit, source, target, own), other)
        if first is not None and rule.in_localities:
            return None
        own = own if first is None else first - 1
    return own


def _first_passing(rule: Rule, counts: Counts, move: VoteShift, other: str) -> int | None:
    """The fewest of these votes whose move lets another option meet its tests; None if no number does.

    The other option's share only grows. But it can take the lead and lose it again to the target. Between those
    points the leaders stay the same, so each stretch is searched separately.
    """

    def passes(number: int) -> bool:
        return meets_tests(rule, counts.moved(move.unit, number, move.source, move.target), other)

    source, target, votes = (counts.part(move.unit, group) or 0 for group in (move.source, move.target, other))
    turns = (source - votes, source - votes + 1, votes - target, votes - target + 1)
    starts = sorted({0, *(turn for turn in turns if 0 < turn <= move.number), move.number + 1})
    for start, end in pairwise(starts):
        if passes(end - 1):
            return least(start, end - 1, passes)
    return None


def spared_turnout(rule: Rule, counts: Counts, unit: Unit, option: str | None) -> int:
    """How many fewer practices could have voted, if the votes for each answer are not known in this measure."""
    return greatest(
        counts.turnout(unit) or 0,
        lambda number: has_quorum(rule, counts.moved(unit, number, option or FOR, NOT_RETURNED)),
    )


def _carries(rule: Rule, counts: Counts, moves: Sequence[VoteShift], option: str | None, *, asks_others: bool) -> bool:
    """Whether these moves would carry it in the CCG as a whole, ignoring localities.

    With localities, whether another option also passes depends on them, so `asks_others` is False there.
    """
    for move in moves:
        counts = counts.moved(move.unit, move.number, move.source, move.target)
    alone = not any(meets_tests(rule, counts, other) for other in counts.options if other != option)
    return has_quorum(rule, counts) and meets_tests(rule, counts, option) and (alone or not asks_others)
