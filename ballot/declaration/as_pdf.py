"""The declaration on paper, in the NHS's colours, by fpdf2. The same record, the same bytes: it is dated by the record.

The fonts are the PDF's own, without embedding; whoever needs another form than paper reads the page, which says the
same, or declaration.json, which is attached byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpdf.fonts import FontFace

from ballot.constitution.phrases import citation
from ballot.constitution.rule import Unit
from ballot.declaration.as_json import to_json
from ballot.declaration.drawing import BLACK, BLUE, WHITE, draw
from ballot.declaration.model import ROLES, CcgResult, Declaration, Result
from ballot.declaration.support import measure_of
from ballot.declaration.tables import Table
from ballot.paper import MARGIN, WIDTH, Paper, latin, new_paper, write
from ballot.record.keys import base64_text
from ballot.record.wall_times import utc_time, wall_time

YELLOW = (255, 235, 59)


def to_pdf(declaration: Declaration) -> bytes:
    """The declaration as a file."""
    programme = declaration.programme
    foot = f"{programme.id}: declaration. Record {declaration.proof.manifest[:16]}..."
    pdf = new_paper(f"Declaration: {programme.name}", declaration.declared, foot)
    _head(pdf, declaration)
    _outcome(pdf, declaration)
    _summary(pdf, declaration)
    for ccg in declaration.ccgs:
        _ccg(pdf, ccg)
    _support(pdf, declaration)
    _signatures(pdf, declaration)
    _check(pdf, declaration)
    data, made = to_json(declaration), declaration.declared
    pdf.embed_file(basename="declaration.json", bytes=data, desc="The same as data", modification_date=made)
    return bytes(pdf.output())


def _head(pdf: Paper, declaration: Declaration) -> None:
    programme = declaration.programme
    pdf.set_fill_color(*BLUE)
    pdf.rect(0, 0, 2 * MARGIN + WIDTH, 34, style="F")
    pdf.set_text_color(*WHITE)
    pdf.set_y(9)
    write(pdf, "Declaration of the result", 22, "B", after=1)
    write(pdf, "Member practice voting", 11)
    pdf.set_text_color(*BLACK)
    pdf.set_y(40)
    if programme.rehearsal:
        pdf.set_fill_color(*YELLOW)
        pdf.set_font("Helvetica", "B", 11)
        words = "REHEARSAL: no decision follows from it."
        pdf.cell(WIDTH, 8, words, fill=True, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(3)
    write(pdf, programme.name, 16, "B", after=2)
    write(pdf, f"Declared at {wall_time(declaration.declared)} ({utc_time(declaration.declared)}).", 11, after=3)


def _outcome(pdf: Paper, declaration: Declaration) -> None:
    _heading(pdf, "Outcome")
    write(pdf, declaration.headline, 14, "B", after=1)
    if declaration.outcome is not None:
        _sentences(pdf, declaration.outcome.explanation[:-1])
        for group in declaration.outcome.groups:
            write(pdf, group.name, 11, "B", after=1)
            _sentences(pdf, group.outcome.explanation)
    for limit in declaration.limits:
        write(pdf, limit, 11, after=1)
    pdf.ln(2)


def _summary(pdf: Paper, declaration: Declaration) -> None:
    """A line for each CCG and question."""
    _heading(pdf, "Every CCG")
    rows = [
        (f"{ccg.name} ({ccg.ods})", _returned(result), result.verdict)
        for ccg in declaration.ccgs
        for result in ccg.results
    ]
    rows += [(f"{ccg.name} ({ccg.ods})", "-", "Abandoned") for ccg in declaration.ccgs if ccg.abandoned is not None]
    _grid(pdf, ("CCG", "Practices that voted", "Verdict"), rows, (70, 38, 62), last="LEFT")


def _returned(result: Result) -> str:
    returned, eligible = result.counts.turnout(Unit.PRACTICES), result.counts.eligible.practices
    return f"{returned:,} of {eligible:,}" if returned is not None and eligible is not None else "-"


def _ccg(pdf: Paper, ccg: CcgResult) -> None:
    pdf.add_page()
    _heading(pdf, f"{ccg.name} ({ccg.ods})", 16)
    if ccg.abandoned is not None:
        because = "" if ccg.abandoned.reason is None else f" The reason: {ccg.abandoned.reason.value}."
        words = (
            f"This ballot was abandoned by two people at {wall_time(ccg.abandoned.time)}; no outcome follows from it."
        )
        write(pdf, words + because, 11, after=3)
    for result in ccg.results:
        _result(pdf, ccg, result)


def _result(pdf: Paper, ccg: CcgResult, result: Result) -> None:
    write(pdf, result.question.text, 11, "I", after=1)
    write(pdf, result.verdict, 14, "B", after=2)
    _counts(pdf, ccg, result.table)
    for name, table in result.localities:
        write(pdf, f"Of which in {name}", 11, "B", after=1)
        _counts(pdf, ccg, table)
    for bar in (result.turnout, *result.tests):
        draw(pdf, bar)
    write(pdf, f"The rule: {citation(ccg.constitution.source)}", 11, "B", after=1)
    write(pdf, f'"{" ".join(ccg.constitution.source.wording.split())}"', 10, "I", after=1)
    _sentences(pdf, result.rule)
    write(pdf, "The working", 11, "B", after=1)
    _sentences(pdf, result.working)
    if result.margin:
        write(pdf, "The margin", 11, "B", after=1)
        _sentences(pdf, result.margin)


def _counts(pdf: Paper, ccg: CcgResult, table: Table) -> None:
    heads = ("Votes", *(measure_of(ccg.constitution, unit).capitalize() for unit in table.units))
    rows = [(row.label, *("not counted" if n is None else f"{n:,}" for n in row.numbers)) for row in table.rows]
    _grid(pdf, heads, rows, (90, *(40 for _ in table.units)))


def _support(pdf: Paper, declaration: Declaration) -> None:
    pdf.add_page()
    _heading(pdf, "Level of support", 16)
    write(pdf, "What the member practices said, whatever a constitution makes of it.", 11, after=2)
    for question, totals in declaration.support:
        write(pdf, question.text, 11, "I", after=1)
        for total in totals:
            where = f" Counted in {', '.join(total.ccgs)}." if total.ccgs else ""
            missing = f" Not counted in {', '.join(total.missing)}." if total.missing else ""
            write(pdf, f"All CCGs. {total.support.sentence}{where}{missing}", 11, after=0.8)
        pdf.ln(2)
    for ccg in declaration.ccgs:
        for result in ccg.results:
            write(pdf, f"{ccg.name} ({ccg.ods})", 11, "B", after=0.8)
            _sentences(pdf, [each.sentence for each in result.support])


def _signatures(pdf: Paper, declaration: Declaration) -> None:
    _heading(pdf, "Who declared it")
    for signer in declaration.signers:
        what = "who proposed it" if signer.signed == "proposal" else "who signed the declaration"
        write(pdf, f"{ROLES[signer.role].capitalize()}, {what}, at {utc_time(signer.time)}", 11, "B")
        write(pdf, f"Key {signer.key}", 8)
        write(pdf, f"Signature {base64_text(signer.signature)}", 8, after=2)
    trustees = declaration.programme.trustees
    write(pdf, f"The totals were opened by {trustees.threshold} of {len(trustees.names)} trustees together, and the "
          f"server's own key: {', '.join(trustees.names)}.", 11, after=3)  # fmt: skip


def _check(pdf: Paper, declaration: Declaration) -> None:
    """By what this paper can be held against the record, and how."""
    proof = declaration.proof
    _heading(pdf, "To check it")
    for label, value in (
        ("Record: SHA-256 of manifest.json", proof.manifest),
        ("Fingerprint of the programme", proof.fingerprint),
        ("SHA-256 of decision.json", proof.decision),
        (f"Head of the board, at height {proof.head.height}", proof.head.hash),
        ("The board's key", proof.board.fingerprint),
    ):
        write(pdf, label, 10, "B")
        write(pdf, value, 9, after=1)
    write(
        pdf,
        "The board's signed checkpoint over that head; byte for byte it is in declaration.json, attached to this file",
        10,
        "B",
    )
    write(pdf, proof.checkpoint, 7, after=2)
    write(
        pdf,
        "Download the published record, and make this paper again from it alone; it is verified first:",
        11,
        after=1,
    )
    pdf.set_font("Courier", size=9)
    pdf.multi_cell(WIDTH, 4.5, "ballot declaration RECORD --trust FINGERPRINTS --out AGAIN.pdf\n"
                   "ballot declaration RECORD --check DECLARATION.pdf --signature DECLARATION.sig.json",
                   new_x="LMARGIN", new_y="NEXT")  # fmt: skip


def _heading(pdf: Paper, written: str, size: int = 14) -> None:
    if pdf.will_page_break(30):
        pdf.add_page()
    pdf.set_text_color(*BLUE)
    write(pdf, written, size, "B", after=1.5)
    pdf.set_text_color(*BLACK)


def _sentences(pdf: Paper, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        write(pdf, sentence, 11, after=0.8)
    pdf.ln(2)


def _grid(
    pdf: Paper, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: tuple[int, ...], last: str = "RIGHT"
) -> None:
    """A table, its numbers on the right."""
    pdf.set_font("Helvetica", size=10)
    pdf.set_draw_color(*BLACK)
    pdf.set_fill_color(*WHITE)
    pdf.set_line_width(0.2)
    with pdf.table(
        col_widths=widths,
        width=sum(widths),
        align="LEFT",
        text_align=("LEFT", *("RIGHT" for _ in heads[2:]), last),
        line_height=5,
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", color=BLACK),
    ) as grid:
        for row in (heads, *rows):
            grid.row([latin(cell) for cell in row])
    pdf.ln(4)
