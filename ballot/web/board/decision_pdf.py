"""The decision on paper: each CCG's counts and working, in the very sentences of decision.json and of the page."""

from __future__ import annotations

from datetime import datetime

from fpdf import FPDF

from ballot.paper import new_paper, write
from ballot.protocol.hashing import sha256_hex
from ballot.web.board.told import CountsTold, ProgrammeTold, QuestionTold, tell_decisions

NUMBER_WIDTH = 32.0


def decision_pdf(programme: ProgrammeTold, data: bytes, decided: datetime) -> bytes:
    """The decision as a file, with decision.json attached byte for byte."""
    pdf = new_paper(f"Decision: {programme.read.name}", decided)
    if programme.read.rehearsal:
        write(pdf, "REHEARSAL: no decision follows from it.", 11, "B")
    write(pdf, "What was decided", 20, "B", after=2)
    write(pdf, programme.read.name, 13, after=3)
    if programme.outcome is None:
        write(pdf, "A ballot of this programme was abandoned, so no outcome follows from the others.", 11, after=3)
    else:
        _sentences(pdf, programme.outcome["explanation"])
        for group in programme.outcome.get("groups", ()):
            write(pdf, group["name"], 12, "B", after=1)
            _sentences(pdf, group["explanation"])
    for ccg in programme.read.ccgs:
        if decisions := tell_decisions(programme, ccg.ods):
            write(pdf, f"{ccg.name} ({ccg.ods})", 14, "B", after=1)
            for question in decisions:
                _question(pdf, question)
    write(pdf, "To check it", 14, "B", after=1)
    write(pdf, f"Programme fingerprint: {programme.fingerprint}", 9)
    write(pdf, f"SHA-256 of decision.json, which is attached to this file: {sha256_hex(data)}", 9, after=1)
    write(pdf, "Download the published record and run: python3 scripts/verify_tally.py RECORD", 11)
    pdf.embed_file(basename="decision.json", bytes=data, desc="The decision as published", modification_date=decided)
    return bytes(pdf.output())


def _question(pdf: FPDF, told: QuestionTold) -> None:
    write(pdf, told.question.text, 11, "I", after=1)
    _counts(pdf, told.counts)
    for name, counts in told.localities:
        write(pdf, f"Locality {name}", 11, "B")
        _counts(pdf, counts)
    _sentences(pdf, told.sentences)


def _counts(pdf: FPDF, told: CountsTold) -> None:
    """A row for each answer, a column for each measure."""
    pdf.set_font("Helvetica", size=10)
    with pdf.table(
        col_widths=(90, *(NUMBER_WIDTH for _ in told.columns)),
        width=90 + NUMBER_WIDTH * len(told.columns),
        text_align=("LEFT", *("RIGHT" for _ in told.columns)),
        align="LEFT",
        line_height=5,
    ) as table:
        table.row(("", *told.columns))
        for label, numbers in told.rows:
            table.row((label, *("" if number is None else f"{number}" for number in numbers)))
    pdf.ln(2)


def _sentences(pdf: FPDF, sentences: tuple[str, ...] | list[str]) -> None:
    for sentence in sentences:
        write(pdf, sentence, 11, after=0.8)
    pdf.ln(2)
