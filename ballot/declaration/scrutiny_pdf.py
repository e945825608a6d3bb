"""The scrutineer's report as a PDF, dated by the report. A signed one has its file attached, byte for byte."""

from __future__ import annotations

from ballot.declaration.scrutiny import ScrutinyReport
from ballot.declaration.scrutiny_sections import sections, title_of
from ballot.pdf.document import Document
from ballot.record.times import utc_time, wall_time

_WIDTH = 170


def report_pdf(report: ScrutinyReport, signed: bytes | None = None) -> bytes:
    """Render the report; `signed` is the file of the signed one."""
    record, title = report.record, title_of(report)
    document = Document(f"{title}: {record.programme.name}", report.made, f"{record.programme.id}: {title.lower()}")
    document.banner(title, f"Member {record.programme.words.member.one} voting")
    if record.programme.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    if report.is_draft:
        document.warn("DRAFT: it is not signed, and its figures may still change.")
    document.say(record.programme.name, 15, bold=True)
    document.say(f"Made at {wall_time(report.made)} ({utc_time(report.made)}).")
    if record.programme.scrutineer is not None:
        document.say(f"Scrutineer: {record.programme.scrutineer}.")
    for section in sections(report):
        document.heading(section.title, section.level)
        document.sentences(section.sentences)
        if section.heads:
            first = max(40, _WIDTH - 40 * (len(section.heads) - 1))
            rest = (_WIDTH - first) // (len(section.heads) - 1)
            widths = (first, *(rest for _ in section.heads[1:]))
            document.table(section.heads, section.rows, widths, words=_words(section.rows))
    document.heading("To check it", 2)
    for label, value in (
        ("Record: SHA-256 of manifest.json", record.manifest),
        ("Fingerprint of the programme", record.fingerprint),
        *((("Key of the scrutineer", record.scrutineer.fingerprint),) if record.scrutineer is not None else ()),
    ):
        document.say(label, 9, bold=True, after=2)
        document.code(value, 8)
    document.say("With the published record, and the signed report, which is attached where there is one:")
    document.code("ballot scrutineer check REPORT.json RECORD")
    if signed is not None:
        document.attach("scrutineer-report.json", signed, "The signed report, as data")
    return document.to_pdf()


def _words(rows: tuple[tuple[str, ...], ...]) -> int:
    """How many of the first columns hold words and not numbers."""
    columns = list(zip(*rows, strict=True))
    numbers = [all(not cell or cell.replace(",", "").isdigit() for cell in column) for column in columns[1:]]
    return 1 + (numbers.index(True) if True in numbers else len(numbers))
