"""The declaration on paper, in the NHS's colours. The same record, the same bytes: it is dated by the record.

Colour says nothing that pattern and words do not: in a bar, for is solid, against is hatched, abstained is dotted, not
returned is empty. declaration.json is attached byte for byte.
"""

from __future__ import annotations

from ballot.constitution.phrases import citation
from ballot.constitution.rule import Unit
from ballot.declaration.as_json import to_json
from ballot.declaration.bars import Bar, Part
from ballot.declaration.model import ROLES, CcgResult, Declaration, Result
from ballot.declaration.support import Table, measure_of
from ballot.paper.document import Paper, Piece
from ballot.record.keys import base64_text
from ballot.record.times import utc_time, wall_time

PATTERNS = {
    Part.FOR: "solid",
    Part.RETURNED: "solid",
    Part.AGAINST: "hatched",
    Part.ABSTAINED: "dotted",
    Part.NOT_RETURNED: "empty",
}


def to_pdf(declaration: Declaration) -> bytes:
    """The declaration as a file."""
    programme = declaration.programme
    foot = f"{programme.id}: declaration. Record {declaration.proof.manifest[:16]}..."
    paper = Paper(f"Declaration: {programme.name}", declaration.declared, foot)
    _head(paper, declaration)
    _outcome(paper, declaration)
    _summary(paper, declaration)
    for ccg in declaration.ccgs:
        _ccg(paper, ccg)
    _support(paper, declaration)
    _signatures(paper, declaration)
    _check(paper, declaration)
    paper.attach("declaration.json", to_json(declaration), "The same as data")
    return paper.to_pdf()


def _head(paper: Paper, declaration: Declaration) -> None:
    programme = declaration.programme
    paper.banner("Declaration of the result", "Member practice voting")
    if programme.rehearsal:
        paper.warn("REHEARSAL: no decision follows from it.")
    paper.say(programme.name, 15, bold=True)
    paper.say(f"Declared at {wall_time(declaration.declared)} ({utc_time(declaration.declared)}).")


def _outcome(paper: Paper, declaration: Declaration) -> None:
    paper.heading("Outcome", 2)
    paper.say(declaration.headline, 13, bold=True)
    if declaration.outcome is not None:
        paper.sentences(declaration.outcome.explanation[:-1])
        for group in declaration.outcome.groups:
            paper.heading(group.name, 3)
            paper.sentences(group.outcome.explanation)
    for limit in declaration.limits:
        paper.say(limit)


def _summary(paper: Paper, declaration: Declaration) -> None:
    """A line for each CCG and question."""
    paper.heading("Every CCG", 2)
    rows = [
        (f"{ccg.name} ({ccg.ods})", _returned(result), result.verdict)
        for ccg in declaration.ccgs
        for result in ccg.results
    ]
    rows += [(f"{ccg.name} ({ccg.ods})", "-", "Abandoned") for ccg in declaration.ccgs if ccg.abandoned is not None]
    paper.table(("CCG", "Practices that voted", "Verdict"), rows, (70, 44, 56), words=3)


def _returned(result: Result) -> str:
    returned, eligible = result.counts.turnout(Unit.PRACTICES), result.counts.eligible.practices
    return f"{returned:,} of {eligible:,}" if returned is not None and eligible is not None else "-"


def _ccg(paper: Paper, ccg: CcgResult) -> None:
    paper.heading(f"{ccg.name} ({ccg.ods})", 2, new_page=True)
    if ccg.abandoned is not None:
        because = "" if ccg.abandoned.reason is None else f" The reason: {ccg.abandoned.reason.value}."
        words = (
            f"This ballot was abandoned by two people at {wall_time(ccg.abandoned.time)}; no outcome follows from it."
        )
        paper.say(words + because)
    for result in ccg.results:
        _result(paper, ccg, result)


def _result(paper: Paper, ccg: CcgResult, result: Result) -> None:
    paper.heading(result.question.text, 3)
    paper.say(result.verdict, 13, bold=True)
    _counts(paper, ccg, result.table)
    for name, table in result.localities:
        paper.heading(f"Of which in {name}", 4)
        _counts(paper, ccg, table)
    for bar in (result.turnout, *result.tests):
        _bar(paper, bar)
    paper.heading(f"The rule: {citation(ccg.constitution.source)}", 4)
    paper.say(f'"{" ".join(ccg.constitution.source.wording.split())}"')
    paper.sentences(result.rule)
    paper.heading("The working", 4)
    paper.sentences(result.working)
    if result.margin:
        paper.heading("The margin", 4)
        paper.sentences(result.margin)


def _counts(paper: Paper, ccg: CcgResult, table: Table) -> None:
    heads = ("Votes", *(measure_of(ccg.constitution, unit).capitalize() for unit in table.units))
    rows = [(row.label, *("not counted" if n is None else f"{n:,}" for n in row.numbers)) for row in table.rows]
    paper.table(heads, rows, (90, *(40 for _ in table.units)), words=1)


def _bar(paper: Paper, bar: Bar) -> None:
    pieces = [
        Piece(PATTERNS[segment.part], f"{segment.number:,} {segment.label}", segment.start, segment.end)
        for segment in bar.segments
    ]
    paper.bar(bar.title, pieces, None if bar.mark is None else bar.mark.at, _below(bar), bar.sentence)


def _below(bar: Bar) -> str:
    """What the picture is out of, and what its mark means."""
    of = f"Out of {bar.whole:,} {bar.of}."
    if bar.mark is None:
        return of
    where = "the black line" if bar.mark.at is not None else "more than the whole bar"
    return f"{of} Needed, {where}: {bar.mark.words}. {'Met' if bar.mark.holds else 'Not met'}."


def _support(paper: Paper, declaration: Declaration) -> None:
    paper.heading("Level of support", 2, new_page=True)
    paper.say("What the member practices said, whatever a constitution makes of it.")
    for question, totals in declaration.support:
        paper.heading(question.text, 3)
        for total in totals:
            where = f" Counted in {', '.join(total.ccgs)}." if total.ccgs else ""
            missing = f" Not counted in {', '.join(total.missing)}." if total.missing else ""
            paper.say(f"All CCGs. {total.support.sentence}{where}{missing}")
    for ccg in declaration.ccgs:
        for result in ccg.results:
            paper.heading(f"{ccg.name} ({ccg.ods})", 3)
            paper.sentences([each.sentence for each in result.support])


def _signatures(paper: Paper, declaration: Declaration) -> None:
    paper.heading("Who declared it", 2)
    for signer in declaration.signers:
        what = "who proposed it" if signer.signed == "proposal" else "who signed the declaration"
        paper.heading(f"{ROLES[signer.role].capitalize()}, {what}, at {utc_time(signer.time)}", 3)
        _fact(paper, "Key", signer.key)
        _fact(paper, "Signature", base64_text(signer.signature))
    trustees = declaration.programme.trustees
    paper.say(f"The totals were opened by {trustees.threshold} of {len(trustees.names)} trustees together, and the "
              f"server's own key: {', '.join(trustees.names)}.")  # fmt: skip


def _check(paper: Paper, declaration: Declaration) -> None:
    """By what this paper can be held against the record, and how."""
    proof = declaration.proof
    paper.heading("To check it", 2)
    _fact(paper, "Record: SHA-256 of manifest.json", proof.manifest)
    _fact(paper, "Fingerprint of the programme", proof.fingerprint)
    _fact(paper, "SHA-256 of decision.json", proof.decision)
    _fact(paper, f"Head of the board, at height {proof.head.height}", proof.head.hash)
    _fact(paper, "The board's key", proof.board.fingerprint)
    checkpoint = "The board's signed checkpoint over that head; byte for byte it is in declaration.json, attached"
    _fact(paper, checkpoint, proof.checkpoint.rstrip("\n"))
    paper.say("Download the published record, and make this paper again from it alone; it is verified first:")
    paper.code("ballot declaration RECORD --trust FINGERPRINTS --out AGAIN.pdf\n"
               "ballot declaration RECORD --check DECLARATION.pdf --signature DECLARATION.sig.json")  # fmt: skip


def _fact(paper: Paper, label: str, value: str) -> None:
    paper.say(label, 9, bold=True, after=2)
    paper.code(value, 8)
