"""What would have changed a decision: how many more votes for, and how many fewer, found by asking the rule itself.

A vote that turns to `for` never loses what was carried, whether it comes from against, from abstaining or from those
that returned nothing: so the least number that carries, and the greatest that still does, are found by halving, each
candidate judged by the whole rule with its quorum. Where a rule counts practices and weight, one is changed and the
other stands still, as long as that is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, NOT_RETURNED, Counts
from ballot.constitution.numbers import capitalised, joined, number_of, spelled
from ballot.constitution.rule import Counting, Outcome, Quorum, Rule, Unit
from ballot.constitution.verdict import Verdict, judge

_INSTEAD = {AGAINST: "instead of against", ABSTAIN: "instead of abstaining", NOT_RETURNED: "instead of not voting"}


@dataclass(frozen=True, slots=True)
class Move:
    """So many votes of one measure that change from one group to another."""

    unit: Unit
    source: str
    target: str
    number: int = 0


def explain_margins(rule: Rule, counts: Counts, verdict: Verdict) -> Iterator[str]:
    """The sentences after the verdict: what it would have taken to carry, or to lose."""
    if verdict.outcome is Outcome.CARRIED:
        yield from _spare(rule, counts)
        return
    if rule.quorum is not None and verdict.quorum is not None and not verdict.quorum.holds:
        part, base = verdict.quorum.share.part, verdict.quorum.share.base
        yield _quorum_short(rule.quorum, part, base)
    yield _what_would_carry(rule, counts)


# -- What would have carried it ------------------------------------------------------------------------------------


def _what_would_carry(rule: Rule, counts: Counts) -> str:
    ways = list(ways_to_carry(rule, counts))
    if ways:
        first, *others = [_gain(way, counts) for way in ways]
        return capitalised(f"{first} would have carried it{''.join(f'; so would {other}' for other in others)}.")
    everything = [Move(unit, source, FOR) for source in _INSTEAD for unit in units_of(rule)]
    together = least_moves(rule, counts, everything[::-1])
    if together is None:
        everybody = joined(number_of(counts.eligible.of(u) or 0, u, "eligible ") for u in units_of(rule))
        return f"No change of votes alone could have carried it: not even {everybody} for."
    gains = joined(_gain((move,), counts) for move in together)
    return f"Only changes of more than one kind would have carried it, such as {gains}."


def ways_to_carry(rule: Rule, counts: Counts) -> Iterator[tuple[Move, ...]]:
    """The least changes of one kind that carry: in one measure where that is enough, else in both together."""
    units = units_of(rule)
    for source in _INSTEAD:
        alone = [least_moves(rule, counts, [Move(unit, source, FOR)]) for unit in units]
        found = [moves for moves in alone if moves is not None]
        if not found and len(units) > 1:
            both = least_moves(rule, counts, [Move(unit, source, FOR) for unit in units])
            found = [both] if both is not None else []
        yield from found


def least_moves(rule: Rule, counts: Counts, moves: Sequence[Move]) -> tuple[Move, ...] | None:
    """These moves, each as small as the others allow, taken in order; None if even all of them do not carry."""
    largest = [replace(move, number=counts.part(move.unit, move.source) or 0) for move in moves]
    if not _carries(rule, counts, largest):
        return None
    for place, move in enumerate(largest):

        def enough(number: int, place: int = place, move: Move = move) -> bool:
            return _carries(rule, counts, [*largest[:place], replace(move, number=number), *largest[place + 1 :]])

        largest[place] = replace(move, number=_least(move.number, enough))
    return tuple(move for move in largest if move.number)


def _gain(moves: Sequence[Move], counts: Counts) -> str:
    """`two more practices and 30 more weighted votes for instead of against`, all moves being of one kind."""
    turnout = [move for move in moves if counts.part(move.unit, FOR) is None]
    votes = [move for move in moves if move not in turnout]
    texts = [f"{number_of(move.number, move.unit, 'more ')} returning a vote" for move in turnout]
    if votes:
        amounts = joined(number_of(move.number, move.unit, "more ") for move in votes)
        voting = "voting for" if all(move.unit is Unit.PRACTICES for move in votes) else "for"
        texts.append(f"{amounts} {voting} {_INSTEAD[votes[0].source]}")
    return joined(texts)


def _quorum_short(quorum: Quorum, part: int, base: int) -> str:
    if not quorum.threshold.is_met(base, base):
        everybody = f"all {number_of(base, quorum.unit, 'eligible ')}" if base else "nobody eligible"
        return f"No turnout could have met the quorum: not even {everybody}."
    short = _least(base - part, lambda more: quorum.threshold.is_met(part + more, base))
    voting = " voting for or against" if quorum.counting is Counting.FOR_AND_AGAINST else ""
    return f"The quorum was short by {number_of(short, quorum.unit)}{voting}."


# -- What would have lost it ---------------------------------------------------------------------------------------


def _spare(rule: Rule, counts: Counts) -> Iterator[str]:
    units = units_of(rule)
    for unit in units:
        where = f"counted in {unit.value} alone, " if len(units) > 1 else ""
        have = counts.part(unit, FOR)
        if have is None:
            yield from _spare_turnout(rule, counts, unit)
            continue
        away, against = (greatest_loss(rule, counts, unit, target) for target in (NOT_RETURNED, AGAINST))
        if away == against == have:
            yield capitalised(f"{where}no change of votes would have lost it.")
        elif away and against:
            yield capitalised(
                f"{where}it would still have carried with up to {number_of(away, unit, 'fewer ')} for if they had not "
                f"voted, and up to {spelled(against)} if they had been against."
            )
        else:
            for number, instead in ((away, "not voting"), (against, "against")):
                yield capitalised(f"{where}{_spare_of_one_kind(number, unit, instead)}")


def _spare_of_one_kind(number: int, unit: Unit, instead: str) -> str:
    if number:
        return f"it would still have carried with up to {number_of(number, unit)} {instead} instead of for."
    return f"{number_of(1, unit)} {instead} instead of for, and it would not have carried."


def _spare_turnout(rule: Rule, counts: Counts, unit: Unit) -> Iterator[str]:
    """Where the votes of each answer are not known in this unit, it is only a turnout."""
    returned = counts.turnout(unit) or 0

    def carries_without(number: int) -> bool:
        return judge(rule, counts.moved(unit, number, FOR, NOT_RETURNED)).outcome is Outcome.CARRIED

    spare = _greatest(returned, carries_without)
    if spare == returned:
        return
    if spare:
        yield f"The quorum would still have been met with up to {number_of(spare, unit, 'fewer ')} voting."
    else:
        yield capitalised(f"{number_of(1, unit, 'fewer ')} voting, and there would have been no quorum.")


def greatest_loss(rule: Rule, counts: Counts, unit: Unit, target: str) -> int:
    """How many votes for could have been of the target group, and it would still have carried."""
    have = counts.part(unit, FOR) or 0
    return _greatest(have, lambda number: _carries(rule, counts, [Move(unit, FOR, target, number)]))


# -- Searching -----------------------------------------------------------------------------------------------------


def units_of(rule: Rule) -> tuple[Unit, ...]:
    """The measures a rule counts."""
    counted = {test.unit for test in rule.tests} | ({rule.quorum.unit} if rule.quorum is not None else set())
    return tuple(unit for unit in Unit if unit in counted)


def _carries(rule: Rule, counts: Counts, moves: Sequence[Move]) -> bool:
    for move in moves:
        counts = counts.moved(move.unit, move.number, move.source, move.target)
    return judge(rule, counts).outcome is Outcome.CARRIED


def _least(largest: int, enough: Callable[[int], bool]) -> int:
    """The least number from 0 to `largest`, which is enough, that is enough; every greater one is."""
    low, high = -1, largest
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _greatest(largest: int, holds: Callable[[int], bool]) -> int:
    """The greatest number from 0, for which it holds, to `largest` for which it does; it holds for every smaller."""
    return largest - _least(largest, lambda spared: holds(largest - spared))
