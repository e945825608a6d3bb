"""The decision as a PDF: each CCG's counts and working, in the very sentences of decision.json and of the page."""

from __future__ import annotations

from datetime import datetime

from ballot.pdf.document import Document
from ballot.protocol.hashing import sha256_hex
from ballot.web.board.contents import ShownCounts, ShownProgramme, ShownQuestion, show_decisions

NUMBER_WIDTH = 32
"""The width of a number column, in millimetres."""


def decision_pdf(programme: ShownProgramme, data: bytes, decided: datetime) -> bytes:
    """The decision as a file, with decision.json attached byte for byte."""
    document = Document(f"Decision: {programme.read.name}", decided)
    if programme.read.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    document.heading("What was decided", 1)
    document.say(programme.read.name, 13)
    if programme.outcome is None:
        document.say("A ballot of this programme was abandoned, so the others give no outcome.")
    else:
        document.sentences(programme.outcome["explanation"])
        for group in programme.outcome.get("groups", ()):
            document.heading(group["name"], 2)
            document.sentences(group["explanation"])
    for ccg in programme.read.ccgs:
        if decisions := show_decisions(programme, ccg.ods):
            document.heading(f"{ccg.name} ({ccg.ods})", 2)
            for question in decisions:
                _question(document, question)
    document.heading("To check it", 2)
    for label, value in (
        ("Programme fingerprint", programme.fingerprint or ""),
        ("SHA-256 of decision.json, which is attached to this file", sha256_hex(data)),
    ):
        document.say(label, 9, bold=True, after=2)
        document.code(value)
    document.say("Download the published record and run: python3 scripts/verify_tally.py RECORD")
    document.attach("decision.json", data, "The decision as published")
    return document.to_pdf()


def _question(document: Document, shown: ShownQuestion) -> None:
    document.heading(shown.question.text, 3)
    _counts(document, shown.counts)
    for name, counts in shown.localities:
        document.heading(f"Locality {name}", 4)
        _counts(document, counts)
    document.sentences(shown.sentences)


def _counts(document: Document, shown: ShownCounts) -> None:
    """A row for each answer, a column for each measure."""
    rows = [(label, *("" if number is None else f"{number}" for number in numbers)) for label, numbers in shown.rows]
    document.table(("Votes", *shown.columns), rows, (90, *(NUMBER_WIDTH for _ in shown.columns)), words=1)
