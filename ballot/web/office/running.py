"""While a ballot runs: e-mails and how they stand, turnout, and what is to be mended."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import Length

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.kinds import Kind
from ballot.office.activity import Who
from ballot.office.dispatch import dispatch, plan, without_who_voted
from ballot.office.errors import Refused
from ballot.office.invite import invite
from ballot.office.recipients import Everyone, OneCcg, OnePractice, Whom
from ballot.office.remind import remind
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import StaffRole
from ballot.office.turnout import turnout
from ballot.web import forms
from ballot.web.access import Rule, allow
from ballot.web.board.words import STATES, label_of
from ballot.web.forms import choice
from ballot.web.office.few import one_ccg_at_a_time
from ballot.web.office.session import sees_who_voted, signed_in
from ballot.web.office.turnout_plot import days_left, plot, words
from ballot.web.stage import surroundings

running = Blueprint("running", __name__)

OFFICERS = (StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY)
READERS = (*OFFICERS, StaffRole.REGISTRAR, StaffRole.OBSERVER)
KINDS = {"invitation": (Kind.INVITATION, invite), "reminder": (Kind.REMINDER, remind)}


class Addressees(forms.Form):
    """Whom: never left open, so that one practice cannot become all."""

    whom = forms.RadioField(
        "Who gets it",
        choices=[choice("all", "Every practice"), choice("ccg", "One CCG"), choice("practice", "One practice")],
    )
    code = forms.StringField(
        "Code of the CCG or practice", [Length(max=10, message="Enter a code of 10 characters or fewer")]
    )
    look = forms.SubmitField("Show who gets it")

    def validate_whom(self, field: forms.RadioField) -> None:
        """With one CCG or practice comes its code; with all comes none."""
        code = (self.code.data or "").strip()
        if field.data == "all" and code:
            raise forms.ValidationError("There is a code below. Choose one CCG or one practice, or delete the code")
        if field.data != "all" and not code:
            raise forms.ValidationError("Enter the code below")

    def meant(self) -> Whom:
        """What was chosen."""
        code = (self.code.data or "").strip().upper()
        match self.whom.data:
            case "all":
                return Everyone()
            case "ccg":
                return OneCcg(code)
        return OnePractice(code)


@running.get("/office/ballots/<programme>/mail")
@allow(Rule.STAFF, *READERS)
def mail(programme: str) -> str:
    """How every e-mail stands, what is to be mended first."""
    here = surroundings()
    found = dispatch(here.engine, programme)
    if not sees_who_voted():
        posted = without_who_voted(found.posted)
        mends = tuple(mend for mend in found.mends if mend.posted in posted)
        found = replace(found, posted=posted, mends=mends)
    few = one_ccg_at_a_time(found.posted, lambda posted: posted.ccg)
    return _page("mail", programme, found=found, few=few)


@running.route("/office/ballots/<programme>/mail/<kind>", methods=["GET", "POST"])
@allow(Rule.STAFF, *OFFICERS)
def send(programme: str, kind: str) -> ResponseReturnValue:
    """Whom it is for; then the list; then, on the second press, the queue."""
    if kind not in KINDS:
        abort(404)
    here, form, (of, act) = surroundings(), Addressees(), KINDS[kind]
    told = None
    if form.validate_on_submit():
        try:
            if "send" in request.form:
                staff = signed_in()
                who = Who(staff.login, acting_for=staff.role.value)
                queued = act(here.engine, here.clock, programme, form.meant(), who)
                return redirect(url_for(".mail", programme=programme, queued=queued.messages), 303)
            told = plan(here.engine, here.clock, programme, of, form.meant())
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    page = _page("send", programme, form=form, kind=kind, plan=told)
    return page, 400 if form.errors else 200


@running.get("/office/ballots/<programme>/turnout")
@allow(Rule.STAFF, *READERS)
def live(programme: str) -> str:
    """Who returned a vote so far, and by when; never how."""
    here = surroundings()
    now = here.clock()
    found = turnout(here.engine, programme, now)
    left = days_left(now, found.closes_at)
    undelivered = len(dispatch(here.engine, programme).mends)
    names = sees_who_voted()
    states = {ccg.ccg: label_of(STATES, ccg.state) for ccg in found.ccgs}
    said = {"found": found, "plot": plot(found), "words": words(found), "left": left, "states": states}
    return _page("turnout", programme, **said, names=names, undelivered=undelivered)


def _page(name: str, programme: str, **said: object) -> str:
    with reading(surroundings().engine) as session:
        row = find_programme(session, programme)
        found = read_programme((row or abort(404)).toml)
    return render_template(
        f"office/running/{name}.html", id=programme, programme=found, rehearsal=found.rehearsal, **said
    )
