"""The declaration as a PDF, in the NHS's colours. The same record, the same bytes: it is dated by the record.

Colour says nothing that pattern and words do not: in a bar, for is solid, against is hatched, abstained is dotted, not
returned is empty. declaration.json is attached byte for byte.
"""

from __future__ import annotations

from ballot.constitution.phrases import citation
from ballot.constitution.rule import Unit
from ballot.constitution.words import capitalised
from ballot.declaration.as_json import to_json
from ballot.declaration.bars import Bar, BarPart
from ballot.declaration.model import CcgResult, Declaration, QuestionResult
from ballot.declaration.support import CountsTable, measure_of
from ballot.pdf.document import Document, Piece
from ballot.record.keys import ROLE_WORDS, base64_text
from ballot.record.times import utc_time, wall_time

PATTERNS = {
    BarPart.FOR: "solid",
    BarPart.RETURNED: "solid",
    BarPart.AGAINST: "hatched",
    BarPart.ABSTAINED: "dotted",
    BarPart.NOT_RETURNED: "empty",
}


def to_pdf(declaration: Declaration) -> bytes:
    """Render the declaration as a PDF file."""
    programme = declaration.programme
    foot = f"{programme.id}: declaration. Record {declaration.proof.manifest[:16]}..."
    document = Document(f"Declaration: {programme.name}", declaration.declared, foot)
    _head(document, declaration)
    _outcome(document, declaration)
    _summary(document, declaration)
    for ccg in declaration.ccgs:
        _ccg(document, ccg)
    _support(document, declaration)
    _signatures(document, declaration)
    _check(document, declaration)
    document.attach("declaration.json", to_json(declaration), "The same as data")
    return document.to_pdf()


def _head(document: Document, declaration: Declaration) -> None:
    programme = declaration.programme
    document.banner("Declaration of the result", f"Member {programme.words.member.one} voting")
    if programme.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    document.say(programme.name, 15, bold=True)
    document.say(f"Declared at {wall_time(declaration.declared)} ({utc_time(declaration.declared)}).")


def _outcome(document: Document, declaration: Declaration) -> None:
    document.heading("Outcome", 2)
    document.say(declaration.headline, 13, bold=True)
    if declaration.outcome is not None:
        document.sentences(declaration.outcome.explanation[:-1])
        for group in declaration.outcome.groups:
            document.heading(group.name, 3)
            document.sentences(group.outcome.explanation)
    for limit in declaration.limits:
        document.say(limit)


def _summary(document: Document, declaration: Declaration) -> None:
    """One line for each CCG and question."""
    words = declaration.programme.words
    document.heading(f"Every {words.body.one}", 2)
    rows = [
        (f"{ccg.name} ({ccg.ods})", _returned(result), result.verdict)
        for ccg in declaration.ccgs
        for result in ccg.results
    ]
    rows += [(f"{ccg.name} ({ccg.ods})", "-", "Abandoned") for ccg in declaration.ccgs if ccg.abandoned is not None]
    heads = (capitalised(words.body.one), f"{capitalised(words.member.many)} that voted", "Verdict")
    document.table(heads, rows, (70, 44, 56), words=3)


def _returned(result: QuestionResult) -> str:
    returned, eligible = result.counts.turnout(Unit.PRACTICES), result.counts.eligible.practices
    return f"{returned:,} of {eligible:,}" if returned is not None and eligible is not None else "-"


def _ccg(document: Document, ccg: CcgResult) -> None:
    document.heading(f"{ccg.name} ({ccg.ods})", 2, new_page=True)
    if ccg.abandoned is not None:
        because = "" if ccg.abandoned.reason is None else f" The reason: {ccg.abandoned.reason.value}."
        words = f"Two people abandoned this ballot at {wall_time(ccg.abandoned.time)}. It has no outcome."
        document.say(words + because)
    for result in ccg.results:
        _result(document, ccg, result)


def _result(document: Document, ccg: CcgResult, result: QuestionResult) -> None:
    document.heading(result.question.text, 3)
    document.say(result.verdict, 13, bold=True)
    _counts(document, ccg, result.table)
    for name, table in result.localities:
        document.heading(f"The count in {name}", 4)
        _counts(document, ccg, table)
    for bar in (result.turnout, *result.tests):
        _bar(document, bar)
    document.heading(f"The rule: {citation(ccg.constitution.source)}", 4)
    document.say(f'"{" ".join(ccg.constitution.source.wording.split())}"')
    document.sentences(result.rule)
    document.heading("The working", 4)
    document.sentences(result.working)
    if result.margin:
        document.heading("The margin", 4)
        document.sentences(result.margin)


def _counts(document: Document, ccg: CcgResult, table: CountsTable) -> None:
    heads = ("Votes", *(measure_of(ccg.constitution, unit).capitalize() for unit in table.units))
    rows = [(row.label, *("not counted" if n is None else f"{n:,}" for n in row.numbers)) for row in table.rows]
    document.table(heads, rows, (90, *(40 for _ in table.units)), words=1)


def _bar(document: Document, bar: Bar) -> None:
    pieces = [
        Piece(PATTERNS[segment.part], f"{segment.number:,} {segment.label}", segment.start, segment.end)
        for segment in bar.segments
    ]
    document.bar(bar.title, pieces, None if bar.mark is None else bar.mark.at, _below(bar), bar.sentence)


def _below(bar: Bar) -> str:
    """The line below a bar: what it shows a share of, and what its mark means."""
    of = f"Out of {bar.whole:,} {bar.of}."
    if bar.mark is None:
        return of
    where = "the black line" if bar.mark.at is not None else "more than the whole bar"
    return f"{of} {capitalised(bar.mark.verb)}, {where}: {bar.mark.words}. {'Met' if bar.mark.holds else 'Not met'}."


def _support(document: Document, declaration: Declaration) -> None:
    document.heading("Level of support", 2, new_page=True)
    words = declaration.programme.words
    members = words.full_member.many
    document.say(f"These figures show what the {members} said. They do not depend on any constitution.")
    for question, totals in declaration.support:
        document.heading(question.text, 3)
        for total in totals:
            document.sentences(declaration.sentences_of(total))
    for ccg in declaration.ccgs:
        for result in ccg.results:
            document.heading(f"{ccg.name} ({ccg.ods})", 3)
            document.sentences([each.sentence for each in result.support])


def _signatures(document: Document, declaration: Declaration) -> None:
    document.heading("Who declared it", 2)
    for signer in declaration.signers:
        what = {"proposal": "who proposed it", "approval": "who approved it"}.get(signer.signed, "who signed it")
        document.heading(f"The {ROLE_WORDS[signer.role]}, {what}, at {utc_time(signer.time)}", 3)
        _fact(document, "Key", signer.key)
        _fact(document, "Signature", base64_text(signer.signature))
    trustees = declaration.programme.trustees
    document.say(
        f"The totals were opened with the server's own key, and by {trustees.threshold} of {len(trustees.names)} "
        f"trustees together: {', '.join(trustees.names)}."
    )


def _check(document: Document, declaration: Declaration) -> None:
    """How to compare this document with the record."""
    proof = declaration.proof
    document.heading("To check it", 2)
    _fact(document, "Record: SHA-256 of manifest.json", proof.manifest)
    _fact(document, "Fingerprint of the programme", proof.fingerprint)
    _fact(document, "SHA-256 of decision.json", proof.decision)
    _fact(document, f"Head of the board, at height {proof.head.height}", proof.head.hash)
    _fact(document, "The board's key", proof.board.fingerprint)
    checkpoint = "The board's signed checkpoint of that head; declaration.json, attached, has it byte for byte"
    _fact(document, checkpoint, proof.checkpoint.rstrip("\n"))
    document.say("Download the published record, and make this PDF again from it alone. The record is verified first:")
    document.code("ballot declaration RECORD --trust FINGERPRINTS --out AGAIN.pdf\n"
               "ballot declaration RECORD --check DECLARATION.pdf --signature DECLARATION.sig.json")  # fmt: skip


def _fact(document: Document, label: str, value: str) -> None:
    document.say(label, 9, bold=True, after=2)
    document.code(value, 8)
