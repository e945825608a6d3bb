"""While a ballot runs: e-mails and their states, turnout, and the guided mend of an e-mail that did not arrive."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.messages import Kind
from ballot.office.activity import Who
from ballot.office.errors import Refusal, Refused
from ballot.office.post.mail_status import mail_status, plan, without_who_voted
from ballot.office.post.mailings import invite, remind, retry
from ballot.office.post.outbox import Audience, Everyone, OneCcg, OnePractice
from ballot.office.practices import MemberCard, member_card, turnout
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.board.words import STATES, label_of
from ballot.web.forms import Form, RadioField, SubmitField, choice
from ballot.web.office.keys import who
from ballot.web.office.one_ccg import one_ccg_at_a_time
from ballot.web.office.session import sees_who_voted, signed_in
from ballot.web.office.turnout_plot import days_left, plot, words
from ballot.web.stage import surroundings

running = Blueprint("running", __name__)

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

    def meant(self) -> Audience:
        """What was chosen."""
        code = (self.code.data or "").strip().upper()
        match self.whom.data:
            case "all":
                return Everyone()
            case "ccg":
                return OneCcg(code)
        return OnePractice(code)


@running.get("/office/ballots/<programme>/mail")
@allow(AccessRule.STAFF, *READERS)
def mail(programme: str) -> str:
    """How every e-mail stands, what is to be mended first."""
    here = surroundings()
    found = mail_status(here.engine, programme)
    if not sees_who_voted():
        posted = without_who_voted(found.posted)
        problems = tuple(problem for problem in found.problems if problem.posted in posted)
        found = replace(found, posted=posted, problems=problems)
    few = one_ccg_at_a_time(found.posted, lambda posted: posted.ccg)
    return _page("mail", programme, found=found, few=few)


@running.route("/office/ballots/<programme>/mail/<kind>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
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
@allow(AccessRule.STAFF, *READERS)
def live(programme: str) -> str:
    """Who returned a vote so far, and by when; never how."""
    here = surroundings()
    now = here.clock()
    found = turnout(here.engine, programme, now)
    left = days_left(now, found.closes_at)
    undelivered = len(mail_status(here.engine, programme).problems)
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


mending = Blueprint("mending", __name__)

AGAIN, OTHER, PAPER, LATER = "again", "other", "paper", "later"


class CallForm(Form):
    """What the telephone call brought."""

    heard = RadioField("What did the practice say?", [InputRequired("Choose what the practice said")])
    send = SubmitField("Continue")

    def __init__(self, card: MemberCard, **given: object) -> None:
        super().__init__(**given)
        again = f"{card.email} is right and its mailbox works again: send the e-mail again"
        self.heard.choices = [
            *([choice(AGAIN, again)] if card.email and any(problem.posted.kind for problem in card.problems) else []),
            choice(OTHER, "The practice has another address or another representative"),
            choice(PAPER, "E-mail does not work for this practice: print a letter"),
            choice(LATER, "I have not reached anyone yet"),
        ]


@mending.route("/office/ballots/<programme>/mail/mend/<ccg>/<practice>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def mend(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """Say what was heard, and go on to what mends it."""
    here = surroundings()
    card = member_card(here.engine, programme, ccg, practice, sees_who_voted())
    form = CallForm(card)
    if form.validate_on_submit():
        match form.heard.data:
            case "again":
                _send_again(programme, card)
            case "other":
                form_of = url_for(
                    "two_people.new", programme=programme, slug="change-contact", ccg=ccg, practice=practice
                )
                return redirect(form_of, 303)
            case "paper":
                return redirect(url_for("registrar.practice", programme=programme, ccg=ccg, practice=practice), 303)
        return redirect(url_for("running.mail", programme=programme), 303)
    with reading(here.engine) as session:
        row = find_programme(session, programme)
    if row is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, "There is no such ballot.")
    read = read_programme(row.toml)
    about = {"id": programme, "programme": read, "rehearsal": read.rehearsal}
    page = render_template("office/running/mend.html", **about, card=card, form=form)
    return page, 400 if form.errors else 200


def _send_again(programme: str, card: MemberCard) -> None:
    """Put back into the queue what did not reach this practice."""
    here = surroundings()
    retry(here.engine, here.clock, programme, OnePractice(card.practice), who())
