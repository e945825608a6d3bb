"""The decision on paper: each CCG's counts and working, in the very sentences of decision.json and of the page."""

from __future__ import annotations

from datetime import datetime

from ballot.paper.document import Paper
from ballot.protocol.hashing import sha256_hex
from ballot.web.board.contents import CountsTold, ProgrammeTold, QuestionTold, tell_decisions

NUMBER_WIDTH = 32
"""Of a column of numbers, in millimetres."""


def decision_pdf(programme: ProgrammeTold, data: bytes, decided: datetime) -> bytes:
    """The decision as a file, with decision.json attached byte for byte."""
    paper = Paper(f"Decision: {programme.read.name}", decided)
    if programme.read.rehearsal:
        paper.warn("REHEARSAL: no decision follows from it.")
    paper.heading("What was decided", 1)
    paper.say(programme.read.name, 13)
    if programme.outcome is None:
        paper.say("A ballot of this programme was abandoned, so no outcome follows from the others.")
    else:
        paper.sentences(programme.outcome["explanation"])
        for group in programme.outcome.get("groups", ()):
            paper.heading(group["name"], 2)
            paper.sentences(group["explanation"])
    for ccg in programme.read.ccgs:
        if decisions := tell_decisions(programme, ccg.ods):
            paper.heading(f"{ccg.name} ({ccg.ods})", 2)
            for question in decisions:
                _question(paper, question)
    paper.heading("To check it", 2)
    for label, value in (
        ("Programme fingerprint", programme.fingerprint or ""),
        ("SHA-256 of decision.json, which is attached to this file", sha256_hex(data)),
    ):
        paper.say(label, 9, bold=True, after=2)
        paper.code(value)
    paper.say("Download the published record and run: python3 scripts/verify_tally.py RECORD")
    paper.attach("decision.json", data, "The decision as published")
    return paper.to_pdf()


def _question(paper: Paper, told: QuestionTold) -> None:
    paper.heading(told.question.text, 3)
    _counts(paper, told.counts)
    for name, counts in told.localities:
        paper.heading(f"Locality {name}", 4)
        _counts(paper, counts)
    paper.sentences(told.sentences)


def _counts(paper: Paper, told: CountsTold) -> None:
    """A row for each answer, a column for each measure."""
    rows = [(label, *("" if number is None else f"{number}" for number in numbers)) for label, numbers in told.rows]
    paper.table(("Votes", *told.columns), rows, (90, *(NUMBER_WIDTH for _ in told.columns)), words=1)
