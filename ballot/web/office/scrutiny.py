"""The scrutineer's report: a draft while the ballot runs, and the signing of it once the result is published.

The page shows what a record proves and what the office states. While voting goes on, the record is the one so far; at
the end it is the published one. The scrutineer answers the statements and signs in their own browser. Nothing here
acts on the ballot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from ballot.constitution.words import Words
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.declaration.errors import BadSignature, NotDeclared, NotVerified
from ballot.declaration.scrutiny import ScrutinyReport, parse_signed
from ballot.declaration.scrutiny_pdf import report_pdf
from ballot.declaration.scrutiny_record import RecordFigures
from ballot.declaration.scrutiny_sections import sections, text_lines, title_of
from ballot.declaration.statements import LONGEST_WHY, STATEMENTS, Answer
from ballot.office.board.publish import find_declaration, published_path
from ballot.office.board.record_so_far import OpeningNotWritten
from ballot.office.errors import Refused
from ballot.office.scrutiny import keep_signed, office_figures, record_figures, signed_report
from ballot.office.staff.roles import WATCHERS, StaffRole
from ballot.protocol.canonical import write_json
from ballot.protocol.errors import InvalidMessage
from ballot.record.keys import PublicKey, parse_base64
from ballot.record.times import parse_time, time_text, whole_second
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import SCRUTINEER, read_scrutineer_key
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form, NeededIf, RadioField, SubmitField, TextAreaField, choice
from ballot.web.office.keys import the_desk, who
from ballot.web.office.programme_page import programme_page
from ballot.web.stage import surroundings

scrutiny = Blueprint("scrutiny", __name__)

YES, NO = "yes", "no"
FILES = {"report.pdf": "application/pdf", "report.txt": "text/plain", "report.json": "application/json"}
FIGURES = "figures.json"


class Statements(Form):
    """The answer to each statement: `<id>` is yes or no, `<id>_why` the reason or a remark."""

    made = HiddenField()
    signature = HiddenField()

    def __init__(self, words: Words, **given: Any) -> None:
        super().__init__(**given)
        for statement in STATEMENTS:
            self[statement.id].label.text = statement.sentence(words)

    def answers(self) -> tuple[Answer, ...]:
        """The answers as the report has them."""
        return tuple(
            Answer(each.id, self[each.id].data == YES, " ".join((self[f"{each.id}_why"].data or "").split()))
            for each in STATEMENTS
        )


def _unless_satisfied(id: str) -> NeededIf:
    return NeededIf(lambda form: form[id].data == NO, "Say why you are not satisfied")


_TOO_LONG = Length(max=LONGEST_WHY, message=f"Use {LONGEST_WHY:,} characters or fewer")
for _each in STATEMENTS:
    _asked = [InputRequired("Choose whether you are satisfied")]
    _choices = [choice(YES, "I am satisfied of this"), choice(NO, "I am not satisfied of this")]
    setattr(Statements, _each.id, RadioField(validators=_asked, choices=_choices))
    _why = TextAreaField(
        "If not, why not? If you are, you may leave a remark", [_unless_satisfied(_each.id), _TOO_LONG]
    )
    setattr(Statements, f"{_each.id}_why", _why)
Statements.send = SubmitField("Continue, and sign")


@dataclass(frozen=True, slots=True)
class ShownReport:
    """The report that a page shows, the file of the signed one, and what keeps it from being signed or shown."""

    report: ScrutinyReport | None
    signed: bytes | None = None
    final: bool = False
    """Whether it is of the published record of a declared result, so that it can be signed."""
    fault: str | None = None
    lines: tuple[str, ...] = ()


@scrutiny.get("/office/ballots/<programme>/scrutiny")
@allow(AccessRule.STAFF, *WATCHERS)
def page(programme: str) -> ResponseReturnValue:
    """The report as it is now; the signed one, once there is one."""
    row = _programme(programme)
    shown = _shown(row)
    told = [] if shown.report is None else list(sections(shown.report))
    title = "The scrutineer's report" if shown.report is None else title_of(shown.report)
    return programme_page("running/scrutiny", row, shown=shown, sections=told, title=title, files=tuple(FILES))


@scrutiny.get("/office/ballots/<programme>/scrutiny/<what>")
@allow(AccessRule.STAFF, *WATCHERS)
def file(programme: str, what: str) -> Response:
    """The report as PDF, text or data; or the office's figures, for `ballot scrutineer report`."""
    row = _programme(programme)
    if what == FIGURES:
        here = surroundings()
        return _attached(office_figures(here.engine, row.id, here.clock()).to_bytes(), "application/json", row, what)
    shown = _shown(row) if what in FILES else abort(404)
    if shown.report is None:
        abort(404)
    match what:
        case "report.pdf":
            data = report_pdf(shown.report, shown.signed)
        case "report.txt":
            data = "".join(f"{line}\n" for line in text_lines(shown.report)).encode()
        case _:
            data = shown.signed or write_json(shown.report.to_json()) + b"\n"
    return _attached(data, FILES[what], row, what)


@scrutiny.route("/office/ballots/<programme>/scrutiny/sign", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.SCRUTINEER, recent=True)
def sign(programme: str) -> ResponseReturnValue:
    """Answer the statements, read what is signed, and sign it in the browser."""
    row, here = _programme(programme), surroundings()
    record, key = _final_record(row), _key(row)
    if record is None or key is None:
        return programme_page("running/scrutiny_sign", row, form=None, record=record, key=key)
    form = Statements(record.words)
    report = None
    if form.validate_on_submit():
        try:
            report = ScrutinyReport(
                _made(form), record, office_figures(here.engine, row.id, _made(form)), form.answers()
            )
            if form.signature.data:
                keep_signed(here.engine, here.clock, report, key, parse_base64(form.signature.data, 64), who())
                return redirect(url_for(".page", programme=row.id), 303)
        except BadSignature:
            form.form_errors.append("The figures changed since you read them, or the page did not sign. Read it again")
        except InvalidMessage as fault:
            form.form_errors.append(f"The report cannot be signed: {fault.detail}")
    said: dict[str, object] = {"record": record, "key": key.raw.hex(), "statements": list(_supported(record))}
    if report is not None and not form.form_errors:
        said |= {
            "message": report.signed_bytes.decode(),
            "made": time_text(report.made),
            "told": list(sections(report))[-len(STATEMENTS) :],
        }
    return programme_page("running/scrutiny_sign", row, form=form, **said), 400 if form.errors else 200


def _made(form: Statements) -> datetime:
    """When the report was made: the time in the form that is signed, otherwise now. Raises InvalidMessage."""
    now = whole_second(surroundings().clock())
    if not form.signature.data:
        return now
    made = parse_time(form.made.data or "")
    return made if made <= now else now


def _supported(record: RecordFigures) -> Iterator[tuple[str, str, str]]:
    """Each statement's id, the checks behind it, and what no check shows."""
    for statement in STATEMENTS:
        yield statement.id, statement.support(record.checks), statement.limit(record.words)


def _shown(row: ProgrammeRow) -> ShownReport:
    here = surroundings()
    now = whole_second(here.clock())
    try:
        published = _final_record(row)
        written = signed_report(here.engine, row.id)
        if written is not None and published is not None:
            again = parse_signed(written).again(published)
            if again.signed_bytes == parse_signed(written).body:
                return ShownReport(again, written, final=True)
        fault = None if written is None else "The record was published again after the report was signed."
        record = published or record_figures(here.records.take(the_desk(), row.id))
        report = ScrutinyReport(now, record, office_figures(here.engine, row.id, now))
        return ShownReport(report, final=published is not None, fault=fault)
    except NotVerified as refused:
        return ShownReport(None, fault="The record does not verify.", lines=tuple(refused.lines))
    except OpeningNotWritten:
        return ShownReport(None, fault="Voting is opening at this moment. Load the page again in a minute.")
    except (Refused, NotDeclared) as refused:
        return ShownReport(None, fault=refused.sentence if isinstance(refused, Refused) else str(refused))


def _final_record(row: ProgrammeRow) -> RecordFigures | None:
    """The figures of the published record; None before a declared result is published."""
    records = surroundings().config.instance / "records"
    if find_declaration(records, row.id) is None:
        return None
    return record_figures(published_path(records, row.id, "zip"))


def _key(row: ProgrammeRow) -> PublicKey | None:
    """The key in the ballot's terms; where they name none, the one that the scrutineer made here."""
    if row.scrutineer is not None:
        return PublicKey.from_hex(row.scrutineer)
    try:
        return read_scrutineer_key(surroundings().config.keys)
    except KeyRefused:
        return None


def _attached(data: bytes, mimetype: str, row: ProgrammeRow, what: str) -> Response:
    response = Response(data, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{row.id}-{SCRUTINEER}-{what}"'
    return response


def _programme(programme: str) -> ProgrammeRow:
    with reading(surroundings().engine) as session:
        return find_programme(session, programme) or _missing()


def _missing() -> NoReturn:
    abort(404)
