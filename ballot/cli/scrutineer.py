"""`ballot scrutineer`: make the report of the scrutineer, sign it, check it; and export the office's figures for it.

The report needs a published record. What the record cannot prove (deliveries, refused ballots, incidents) comes from a
file that the office writes, and is marked as the office's word. Exit status 0: made, or everything holds. 1: the record
does not verify, or the report does not hold. 2: refused. Only `figures` needs an installation.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ballot.audit.run import Options
from ballot.cli.passphrases import SCRUTINEER, add_passphrase_files
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import check_new, found_in, read_bytes, say, write_new
from ballot.cli.settings import passphrases_of, settings_parser
from ballot.declaration.errors import BadSignature, NotVerified
from ballot.declaration.office_figures import OfficeFigures, parse_figures_file
from ballot.declaration.scrutiny import ScrutinyReport, check_report, sign_scrutiny
from ballot.declaration.scrutiny_record import RecordFigures, read_figures
from ballot.declaration.scrutiny_sections import text_lines
from ballot.declaration.statements import BY_STATEMENT, STATEMENTS, Answer, check_answers
from ballot.protocol.canonical import write_json
from ballot.record.keys import PublicKey
from ballot.record.times import whole_second


def scrutineer_command(argv: list[str]) -> int:
    """`ballot scrutineer key|figures|report|check`."""
    options = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        run(options)
    except NotVerified as refused:
        for line in ("The record does not verify.", *refused.lines, str(refused)):
            say(line, sys.stderr)
        return 1
    except BadSignature as refused:
        say(str(refused), sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ballot scrutineer", description="The report of who watches the ballot.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    made = commands.add_parser("key", help="make the scrutineer's key file, and its public half beside it")
    made.add_argument("--out", metavar="FILE", type=Path, required=True, help="FILE.pub is written too")
    add_passphrase_files(made)
    made.set_defaults(run=_key)
    figures = commands.add_parser(
        "figures", parents=[settings_parser()], help="write the office's figures for the report into a file"
    )
    figures.add_argument("--programme", metavar="ID", help="needed only where there are several")
    figures.add_argument("--out", metavar="FILE", type=Path, required=True)
    figures.set_defaults(run=_figures)
    report = commands.add_parser(
        "report",
        help="make the report of a record; with --sign, signed",
        description="Without --sign it is a draft. The statements are: " + ", ".join(BY_STATEMENT) + ".",
    )
    report.add_argument("record", metavar="RECORD", type=Path, help="a folder or its .zip")
    report.add_argument("--figures", metavar="FILE", type=Path, help="the office's figures")
    report.add_argument("--sign", metavar="FILE", type=Path, help="the scrutineer's key file; you answer for all of it")
    report.add_argument("--not-satisfied", metavar="STATEMENT=WHY", action="append", default=[], help="repeatable")
    report.add_argument("--out", metavar="FILE.json", type=Path, help="write the signed report; needs --sign")
    report.add_argument("--pdf", metavar="FILE.pdf", type=Path, help="write it as a PDF")
    report.add_argument("--json", action="store_true", help="print it as data")
    _trust(report)
    add_passphrase_files(report)
    report.set_defaults(run=_report)
    check = commands.add_parser("check", help="does a signed report hold against its record?")
    check.add_argument("report", metavar="REPORT", type=Path)
    check.add_argument("record", metavar="RECORD", type=Path)
    check.add_argument("--key", metavar="FILE.pub", type=Path, help="the scrutineer's key, if the terms name none")
    check.add_argument("--pdf", metavar="FILE.pdf", type=Path, help="write the report as a PDF")
    _trust(check)
    check.set_defaults(run=_check)
    return parser


def _trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--trust", metavar="FILE", type=Path, help="fingerprints that you trust, one a line")


def _key(options: argparse.Namespace) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from ballot.registrar.files import write_private
    from ballot.registrar.officer_key import seal_scrutineer_key

    beside = options.out.with_name(f"{options.out.name}.pub")
    check_new(options.out, beside)
    key = Ed25519PrivateKey.generate()
    public = PublicKey(key.public_key().public_bytes_raw())
    passphrase = passphrases_of(options).needed(SCRUTINEER, new=True)
    write_private(options.out, seal_scrutineer_key(key, passphrase, secrets.token_bytes))
    write_new(beside, public.to_pem())
    say(f"{options.out} is the key file: keep it in two places, and give it to no one.")
    say(f"{beside} is its public half, for the folder of keys as scrutineer.pub. Fingerprint: {public.fingerprint}")


def _figures(options: argparse.Namespace) -> None:
    from ballot.cli.surroundings import clock, surroundings_of
    from ballot.office.scrutiny import office_figures

    check_new(options.out)
    with surroundings_of(options) as here:
        figures = office_figures(here.engine, here.programme(options.programme), clock())
    write_new(options.out, figures.to_bytes())
    say(f"{options.out} has the office's figures. Give it to the scrutineer with the published record.")


def _report(options: argparse.Namespace) -> None:
    if (options.sign is None) != (options.out is None):
        raise Unacceptable("--sign KEYFILE and --out FILE.json belong together.")
    check_new(*(path for path in (options.out, options.pdf) if path is not None))
    answers = _answers(options.not_satisfied) if options.sign is not None else ()
    record = _read(options)
    office = None if options.figures is None else _office(options.figures, record)
    report = ScrutinyReport(whole_second(datetime.now(UTC)), record, office, answers)
    signed = None
    if options.sign is not None:
        signed = _signed(report, options)
        write_new(options.out, signed)
        say(f"{options.out} is the signed report. Anyone checks it: ballot scrutineer check {options.out} RECORD")
    _write_pdf(report, signed, options.pdf)
    if options.json:
        sys.stdout.write(write_json(report.to_json()).decode() + "\n")
    elif not (options.out or options.pdf):
        for line in text_lines(report):
            say(line)


def _signed(report: ScrutinyReport, options: argparse.Namespace) -> bytes:
    from ballot.registrar.files import read_private
    from ballot.registrar.officer_key import open_scrutineer_key

    key = open_scrutineer_key(read_private(options.sign), passphrases_of(options).needed(SCRUTINEER))
    mine = PublicKey(key.public_key().public_bytes_raw())
    named = report.record.scrutineer
    if named is not None and named != mine:
        raise Unacceptable(f"The terms name the key {named.fingerprint}, and yours is {mine.fingerprint}.")
    if named is None:
        say("The terms name no scrutineer: whoever checks the report needs your public key (--key).", sys.stderr)
    return sign_scrutiny(report, key)


def _answers(given: list[str]) -> tuple[Answer, ...]:
    """Satisfied with every statement but these."""
    why = {name: " ".join(reason.split()) for name, _, reason in (each.partition("=") for each in given)}
    for name in why:
        if name not in BY_STATEMENT:
            raise Unacceptable(f'There is no statement "{name[:40]}"; there are: {", ".join(BY_STATEMENT)}.')
    answers = tuple(Answer(each.id, each.id not in why, why.get(each.id, "")) for each in STATEMENTS)
    check_answers(answers)
    return answers


def _read(options: argparse.Namespace) -> RecordFigures:
    record, audit = read_figures(options.record, Options(trust=options.trust, jobs=os.cpu_count() or 1))
    if audit.failed() or audit.skipped():
        raise NotVerified(audit)
    return record


def _office(file: Path, record: RecordFigures) -> OfficeFigures:
    with found_in(file):
        figures = parse_figures_file(read_bytes(file))
    if figures.programme != record.programme.id:
        raise Unacceptable(f"{file} is of {figures.programme[:80]}, and the record of {record.programme.id}.")
    return figures


def _check(options: argparse.Namespace) -> None:
    key = None
    if options.key is not None:
        with found_in(options.key):
            key = PublicKey.from_pem(read_bytes(options.key))
    check_new(*([options.pdf] if options.pdf is not None else []))
    data = read_bytes(options.report)
    with found_in(options.report):
        trust = Options(trust=options.trust, jobs=os.cpu_count() or 1)
        report, audit = check_report(data, options.record, key, trust)
    whose = "the key in the terms" if report.record.scrutineer is not None else "the key that you gave"
    say(audit.verdict, sys.stderr)
    say(f"The signature holds, made with {whose}.")
    say("These figures follow from the record: links, ballots, turnout, acts, results, the checks of the auditor.")
    if report.office is None:
        say("The report has no figures of the office.")
    else:
        say("These rest on the office's word: deliveries, letters, refused ballots, proxies, incidents.")
    unsatisfied = [answer.statement for answer in report.answers if not answer.is_satisfied]
    say(
        f"Statements: NOT satisfied with {', '.join(unsatisfied)}."
        if unsatisfied
        else "Statements: satisfied with all."
    )
    _write_pdf(report, data, options.pdf)


def _write_pdf(report: ScrutinyReport, signed: bytes | None, path: Path | None) -> None:
    if path is None:
        return
    from ballot.declaration.scrutiny_pdf import report_pdf  # Only the PDF needs Typst

    write_new(path, report_pdf(report, signed))
    say(f"{path} is written.")
