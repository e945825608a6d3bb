"""The demonstration's scrutineer: named in the programme, with a key of their own, and at the end a signed report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.audit.run import Options
from ballot.declaration.scrutiny import ScrutinyReport, check_report, sign_scrutiny
from ballot.declaration.scrutiny_pdf import report_pdf
from ballot.declaration.scrutiny_record import read_figures
from ballot.declaration.statements import STATEMENTS, Answer
from ballot.office.activity import Who
from ballot.office.incidents import Incident, note_incident
from ballot.office.scrutiny import office_figures
from ballot.record.keys import PublicKey
from ballot.record.times import whole_second
from ballot.registrar.keyring import add_scrutineer_key
from scripts.demonstration.rehearsal import Rehearsal

NAME = "A. Watcher"
REPORT, PAPER = "scrutineer-report.json", "scrutineer-report.pdf"


def appoint(keys: Path) -> Ed25519PrivateKey:
    """Make the scrutineer's key, and keep its public half with the installation's keys."""
    key = Ed25519PrivateKey.generate()
    add_scrutineer_key(keys, PublicKey(key.public_key().public_bytes_raw()))
    return key


def name_in(folder: Path) -> Path:
    """Name the scrutineer in a programme's folder."""
    file = folder / "programme.toml"
    file.write_text(f'{file.read_text("utf-8").rstrip()}\n\n[scrutineer]\nname = "{NAME}"\n', "utf-8")
    return folder


def note_the_early_close(here: Rehearsal) -> None:
    """What an officer would note on the page of incidents."""
    what = "The demonstration closed every ballot long before its closing time."
    incident = Incident(whole_second(here.desk.clock()), what, "Nothing had to be done: it is a rehearsal.")
    note_incident(here.desk.engine, here.desk.clock, here.id, incident, Who("deputy", acting_for="deputy"))


def write_report(here: Rehearsal, record: Path, key: Ed25519PrivateKey, jobs: int) -> str:
    """Make, sign and check the report beside the record. Returns a line that sums it up. Raises BadSignature."""
    figures, _ = read_figures(record, Options(jobs=jobs))
    office = office_figures(here.desk.engine, here.id, here.desk.clock())
    answers = tuple(Answer(statement.id, True) for statement in STATEMENTS)
    report = ScrutinyReport(whole_second(datetime.now(UTC)), figures, office, answers)
    signed = sign_scrutiny(report, key)
    check_report(signed, record, options=Options(jobs=jobs))
    record.with_name(REPORT).write_bytes(signed)
    record.with_name(PAPER).write_bytes(report_pdf(report, signed))
    links = sum(each.issued for each in figures.links)
    accepted, refused = sum(each.accepted for each in figures.elections), sum(each.count for each in office.refused)
    return (
        f"the scrutineer signed a report: {links} links, {accepted} ballots accepted, {refused} refused, "
        f"{len(office.incidents)} incident; satisfied with {len(answers)} of {len(answers)} statements"
    )
