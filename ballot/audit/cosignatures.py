"""What witnesses cosigned: each line by the witness that it names, over a checkpoint that stands in the record.

Whether a witness is worth anything is for the reader: the verdict names those whose word was found. A name is nothing,
the verifier key is the witness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ballot.audit.files import RECORD, Files
from ballot.audit.logs import lines_of
from ballot.audit.report import Report
from ballot.protocol.errors import InvalidMessage
from ballot.record.checkpoints import Checkpoint
from ballot.record.cosignatures import check_cosignature, parse_cosignature_line, parse_vkey

FILE = "cosignatures.jsonl"
CHECK = "checkpoints.cosignatures"
MOST_NAMED = 8


def check_cosignatures(files: Files, checkpoints: Mapping[str, Sequence[Checkpoint]], report: Report) -> None:
    """Every line of cosignatures.jsonl; N/A where no witness was asked."""
    if not files.has(FILE):
        report.not_applicable(CHECK, RECORD, "no witness cosigned")
        return
    bodies = {(log, one.size): one.to_text() for log, found in checkpoints.items() for one in found}
    witnesses: dict[str, int] = {}
    seen: set[tuple[str, int, str]] = set()
    lines = lines_of(files.read(FILE), FILE, CHECK, report)
    for number, line in enumerate(lines, start=1):
        try:
            told = parse_cosignature_line(line)
            witness = parse_vkey(told.vkey)
            body = bodies.get((told.log, told.size))
            if body is None:
                detail = "of a checkpoint that is not in the record"
                report.fault(CHECK, RECORD, detail, where=f"line {number}", line=number)
                continue
            check_cosignature(told.line, body, witness)
        except InvalidMessage as fault:
            report.fault(CHECK, RECORD, fault, where=f"line {number}", line=number)
            continue
        if (told.log, told.size, told.vkey) in seen:
            report.fault(CHECK, RECORD, "there already", where=f"line {number}", line=number)
        seen.add((told.log, told.size, told.vkey))
        witnesses[told.vkey] = witnesses.get(told.vkey, 0) + 1
    for vkey, times in list(witnesses.items())[:MOST_NAMED]:
        report.notes.append(f"{times} checkpoints were cosigned by {vkey}")
    report.ran(CHECK, RECORD, len(lines))
