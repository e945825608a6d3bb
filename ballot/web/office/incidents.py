"""Incidents: what went wrong during a ballot, when, and what was done. Officers, registrar and scrutineer note them."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from ballot.constitution.programme import Programme
from ballot.db.incidents import list_incidents
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.errors import Refusal, Refused
from ballot.office.incidents import LONGEST, Incident, note_incident
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import WATCHERS
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form, MomentField, SelectField, StringField, SubmitField, TextAreaField, choice
from ballot.web.office.keys import who
from ballot.web.office.programme_page import programme_page
from ballot.web.stage import surroundings

incidents = Blueprint("incidents", __name__)

_TOO_LONG = Length(max=LONGEST, message=f"Use {LONGEST:,} characters or fewer")


class IncidentForm(Form):
    """One incident. A page that knows the CCG and the practice puts them into the address."""

    happened = MomentField("When did it happen?", [InputRequired("Enter when it happened")])
    ccg = SelectField()
    practice = StringField(
        validators=[Length(max=40, message="Enter a code of 40 characters or fewer")],
        description="As on the roll. Do not write names of people below",
    )
    what = TextAreaField("What happened?", [InputRequired("Say what happened"), _TOO_LONG])
    done = TextAreaField("What was done about it?", [_TOO_LONG], description="Leave this empty if nothing was done yet")
    note = SubmitField("Note this incident")

    def __init__(self, programme: Programme) -> None:
        super().__init__()
        words = programme.words
        self.ccg.label.text = f"Which {words.body.one}?"
        self.practice.label.text = f"Code of the {words.member.one}, if it concerns one"
        self.ccg.choices = [choice("", "The whole ballot"), *(choice(ccg.ods, ccg.name) for ccg in programme.ccgs)]
        if request.method != "POST":
            self.happened.process_data(surroundings().clock())
            self.ccg.data = request.args.get("ccg", "")[:40]
            self.practice.data = request.args.get("practice", "")[:40]

    def read(self) -> Incident:
        """What was typed."""
        code = (self.practice.data or "").strip().upper()
        assert self.happened.data is not None
        words = self.what.data or "", self.done.data or ""
        return Incident(self.happened.data, *words, self.ccg.data or None, code or None)


_FIELDS = {
    Refusal.TOO_EARLY: "happened",
    Refusal.NO_SUCH_BALLOT: "ccg",
    Refusal.NO_SUCH_PRACTICE: "practice",
    Refusal.NOTE_UNFIT: "what",
}


@incidents.route("/office/ballots/<programme>/incidents", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *WATCHERS)
def page(programme: str) -> ResponseReturnValue:
    """Every incident, and a form to note one."""
    here = surroundings()
    with reading(here.engine) as session:
        row = find_programme(session, programme) or abort(404)
        noted = list_incidents(session, programme)
    form = IncidentForm(read_programme(row.toml))
    if form.validate_on_submit():
        try:
            note_incident(here.engine, here.clock, programme, form.read(), who())
            return redirect(url_for(".page", programme=programme), 303)
        except Refused as refusal:
            form.mark(form[_FIELDS[refusal.reason]] if refusal.reason in _FIELDS else None, refusal.sentence)
    names = {ccg.ods: ccg.name for ccg in read_programme(row.toml).ccgs}
    return programme_page("running/incidents", row, form=form, noted=noted, names=names), 400 if form.errors else 200
