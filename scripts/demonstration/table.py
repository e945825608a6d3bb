"""The table at the end: each CCG's counts, its rule in words, the working, the outcome; then the programme's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ballot.constitution.counts import Counts
from ballot.constitution.programme import Programme
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.rule import Constitution, Unit
from ballot.record.decisions import Decided, ProgrammeDecision

WIDTHS = (9, 9, 9, 9, 9)
HEADS = ("eligible", "returned", "for", "against", "abstain")
LABEL = 34


def lines(decision: ProgrammeDecision, programme: Programme, rules: Mapping[str, Constitution]) -> Iterator[str]:
    """The whole table."""
    heads = HEADS[:2] if any(question.options for question in programme.questions) else HEADS
    header = f"{'CCG':<{LABEL}}" + _cells(heads) + "   outcome"
    yield header
    yield "-" * (len(header) + 5)
    for ccg in programme.ccgs:
        for decided in decision.ccgs.get(ccg.ods, {}).values():
            name = ccg.name.removeprefix("NHS ").removesuffix(" CCG")
            yield from _ccg(f"{ccg.ods} {name}", decided, rules[ccg.ods])
    if decision.outcome is not None:
        yield from decision.outcome.explanation


def _ccg(label: str, decided: Decided, rule: Constitution) -> Iterator[str]:
    outcome = decided.decision.outcome.value
    if decided.decision.option is not None:
        outcome += f", {decided.decision.option}"
    for unit in Unit:
        if cells := _row(decided.counts, unit):
            end = outcome if unit is Unit.PRACTICES else "(by patients)"
            yield f"{label if unit is Unit.PRACTICES else '':<{LABEL}}{cells}   {end}"
    for sentence in read_constitution_aloud(rule):
        if sentence.strip().startswith(("Quorum", "Test", "Locality test", "Every", "At least", "Any", "Either")):
            yield f"    rule     {sentence.strip()}"
    for sentence in decided.decision.explanation:
        if decided.counts.has_options or not sentence.startswith("Of "):  # the counts stand in the row already
            yield f"    working  {sentence}"
    yield ""


def _row(counts: Counts, unit: Unit) -> str | None:
    """The counts in columns; where there are options, eligible and returned only: the working names the rest."""
    eligible, returned = counts.eligible.of(unit), counts.turnout(unit)
    answers = [] if counts.has_options else [answer.of(unit) for answer in counts.answers.values()]
    if eligible is None or (unit is Unit.WEIGHT and None in (returned, *answers)):
        return None
    return _cells(tuple("" if cell is None else str(cell) for cell in (eligible, returned, *answers)))


def _cells(cells: tuple[str, ...]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=False))
