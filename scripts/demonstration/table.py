"""The end of the demonstration: a row for each CCG and the decision; on request, every rule and working."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ballot.constitution.counts import Counts
from ballot.constitution.phrases import capitalised
from ballot.constitution.programme import Programme
from ballot.constitution.reading import read_constitution_aloud
from ballot.constitution.rule import Constitution, Unit
from ballot.declaration.support import measure_of
from ballot.record.decisions import Decided, ProgrammeDecision

WIDTHS = (9, 9, 9, 9, 9)
HEADS = ("eligible", "returned", "for", "against", "abstain")
LABEL = 32
_OF_ONE_CCG = re.compile(r".+: (carried|did not carry|not carried|inquorate)\b")
"""The sentences that the rows above say already."""


def lines(decision: ProgrammeDecision, programme: Programme, rules: Mapping[str, Constitution]) -> Iterator[str]:
    """A row for each CCG and question, by ODS code, and what follows from all of them."""
    several = len(programme.questions) > 1
    heads = HEADS[:2] if any(question.options for question in programme.questions) else HEADS
    header = f"{capitalised(programme.words.body.one):<{LABEL}}" + _cells(heads) + "  of         outcome"
    yield header
    yield "-" * (len(header) + 5)
    for ccg in programme.ccgs:
        for question, decided in decision.ccgs.get(ccg.ods, {}).items():
            label = f"{ccg.ods} {ccg.name.removeprefix('NHS ').removesuffix(' CCG')}"
            yield from _row(f"{label}, {question}" if several else label, decided, rules[ccg.ods])
    if decision.outcome is not None:
        yield ""
        yield from (said for said in decision.outcome.explanation if not _OF_ONE_CCG.match(said))


def workings(decision: ProgrammeDecision, programme: Programme, rules: Mapping[str, Constitution]) -> Iterator[str]:
    """For each CCG its rule in words, and how its outcome follows."""
    for ccg in programme.ccgs:
        for question, decided in decision.ccgs.get(ccg.ods, {}).items():
            yield f"{ccg.ods} {ccg.name}, {question}"
            for sentence in read_constitution_aloud(rules[ccg.ods]):
                if sentence.strip().startswith(
                    ("Quorum", "Test", "Locality test", "Every", "At least", "Any", "Either")
                ):
                    yield f"    rule     {sentence.strip()}"
            yield from (f"    working  {sentence}" for sentence in decided.decision.explanation)
            yield ""


def _row(label: str, decided: Decided, rule: Constitution) -> Iterator[str]:
    outcome = decided.decision.outcome.value
    if decided.decision.option is not None:
        outcome += f", {decided.decision.option}"
    for unit in Unit:
        if cells := _numbers(decided.counts, unit):
            yield f"{label:<{LABEL}}{cells}  {measure_of(rule, unit).split()[-1]:<9}  {outcome}"
            return


def _numbers(counts: Counts, unit: Unit) -> str | None:
    """The counts in columns, if votes are counted this way; with options, only eligible and returned."""
    eligible, returned = counts.eligible.of(unit), counts.turnout(unit)
    answers = [] if counts.has_options else [answer.of(unit) for answer in counts.answers.values()]
    if eligible is None or None in (returned, *answers):
        return None
    return _cells(tuple(f"{cell:,}" for cell in (eligible, returned, *answers)))


def _cells(cells: tuple[str, ...]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=False))
