"""`ballot verify` and `ballot declaration`: verify a record, and print what it decided.

A declaration (text, PDF, CSV, JSON, evidence pack) is made only from a record that verifies; there is no option to
skip that. Exit status 0: made, or the signature holds. 1: the record does not verify, or the signature does not hold.
2: refused. `ballot verify` is the same as scripts/verify_tally.py.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ballot.audit.command import main
from ballot.audit.run import Options
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, read_bytes, say, write_new
from ballot.declaration.as_csv import to_csv
from ballot.declaration.as_json import to_json
from ballot.declaration.as_text import tell_lines
from ballot.declaration.errors import BadSignature, NotVerified
from ballot.declaration.evidence import write_evidence
from ballot.declaration.model import Declaration
from ballot.declaration.read import read_declaration
from ballot.declaration.signature import check_paper


def declaration_command(argv: list[str]) -> int:
    """Verify, then make what was asked for."""
    options = _parser().parse_args(argv)
    check_new(*(path for path in (options.out, options.evidence) if path is not None))
    if (options.check is None) != (options.signature is None):
        raise Unacceptable("--check FILE.pdf and --signature FILE.sig.json belong together.")
    try:
        declaration, report = read_declaration(options.record, Options(trust=options.trust, jobs=os.cpu_count() or 1))
    except NotVerified as refused:
        for line in ("No declaration is made: the record does not verify.", *refused.lines, str(refused)):
            say(line, sys.stderr)
        return 1
    say(report.verdict, sys.stderr)
    try:
        _make(declaration, options)
    except BadSignature as refused:
        say(str(refused), sys.stderr)
        return 1
    return 0


def _make(declaration: Declaration, options: argparse.Namespace) -> None:
    signed: tuple[bytes, bytes] | None = None
    if options.check is not None:
        signed = read_bytes(options.check), read_bytes(options.signature)
        check_paper(declaration, *signed)
        say(f"{options.check} is the declaration that the board signed for this record.")
        _compare(declaration, signed[0])
    if options.out is not None:
        write_new(options.out, _pdf(declaration))
        say(f"{options.out} is written.")
    if options.evidence is not None:
        pdf, signature = signed or (_pdf(declaration), None)
        with options.evidence.open("xb") as target:
            write_evidence(target, declaration, options.record, pdf, signature)
        say(f"{options.evidence} is written.")
    if options.csv:
        sys.stdout.write(to_csv(declaration).decode("utf-8"))
    elif options.json:
        sys.stdout.write(to_json(declaration).decode())
    elif not (options.check or options.out or options.evidence):
        for line in tell_lines(declaration):
            say(line)


def _compare(declaration: Declaration, pdf: bytes) -> None:
    """Whether the PDF made here has the same bytes; another version of the PDF library writes other bytes."""
    if _pdf(declaration) == pdf:
        say("Made again from the record alone, it is the same, byte for byte.")
    else:
        say("Made again here its bytes are others, as another version of Typst writes them: compare the figures.")


def _pdf(declaration: Declaration) -> bytes:
    from ballot.declaration.as_pdf import to_pdf  # Only the PDF needs Typst

    return to_pdf(declaration)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot declaration",
        description="Make the declaration of a published record (a folder or its .zip), from the record alone.",
        epilog="The record is verified first, as by ballot verify; nothing is made of one that does not verify.",
    )
    parser.add_argument("record", metavar="RECORD", type=Path)
    parser.add_argument("--trust", metavar="FILE", type=Path, help="fingerprints that you trust, one a line")
    parser.add_argument("--out", metavar="FILE.pdf", type=Path, help="write it as a PDF")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print every count, a line for each number")
    form.add_argument("--json", action="store_true", help="print all of it as data")
    parser.add_argument("--evidence", metavar="FILE.zip", type=Path, help="write the pack for the merger application")
    parser.add_argument("--check", metavar="FILE.pdf", type=Path, help="is this the PDF that the board signed?")
    parser.add_argument("--signature", metavar="FILE.sig.json", type=Path, help="the board's signature over it")
    return parser


def verify_command(argv: list[str]) -> int:
    """0 verified, 1 not verified, 2 nothing to audit."""
    return main(argv, prog="ballot verify")
