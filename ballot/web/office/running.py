"""While a ballot runs: e-mails and their states, turnout, and help with an e-mail that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from ballot.constitution.programme import Programme
from ballot.db.practices import practices_by_ballot
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.mail.messages import NEEDS_LINK, Kind
from ballot.mail.render import Rendered, render
from ballot.office.activity import Who
from ballot.office.errors import Refusal, Refused
from ballot.office.post.compose import preview
from ballot.office.post.letters import note_letter
from ballot.office.post.mail_status import TELL_WHO_VOTED, Plan, mail_status, plan
from ballot.office.post.mailings import invite, remind, retry
from ballot.office.post.outbox import Audience, Everyone, MessageStatus, OneCcg, OnePractice
from ballot.office.post.unlocking import WorkerState, worker_state
from ballot.office.practices import MemberCard, member_card, turnout
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import OFFICERS, READERS, StaffRole
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.board.words import STATES, label_of
from ballot.web.forms import Form, RadioField, SelectField, SubmitField, choice
from ballot.web.office.keys import who
from ballot.web.office.one_ccg import one_ccg_at_a_time
from ballot.web.office.programme_page import programme_page
from ballot.web.office.session import sees_who_voted, signed_in
from ballot.web.office.turnout_plot import closings, plot, words
from ballot.web.office.words import MAIL_KINDS, MAIL_STATES, why_unsent
from ballot.web.stage import surroundings

running = Blueprint("running", __name__)

KINDS = {"invitation": (Kind.INVITATION, invite), "reminder": (Kind.REMINDER, remind)}


class Addressees(forms.Form):
    """The recipients. The choice is explicit, so that one practice cannot become all."""

    whom = forms.RadioField(
        "Who should get the e-mail?",
        [InputRequired("Select who should get the e-mail")],
        choices=[choice("all", "Every {member}"), choice("ccg", "One {body}"), choice("practice", "One {member}")],
    )
    ccg = forms.SelectField("Which {body}?", default="")
    practice = forms.SelectField("Which {member}?", default="")
    look = forms.SubmitField("Show who gets it")

    def offer(self, ccgs: Mapping[str, str], practices: Mapping[str, str]) -> None:
        """Set the CCGs and the practices to choose from, each with its name, by code."""
        for field, names in ((self.ccg, ccgs), (self.practice, practices)):
            found = [choice(code, f"{name} ({code})") for code, name in names.items()]
            field.choices = [choice("", "Choose {a body}" if field is self.ccg else "Choose {a member}"), *found]

    def validate_whom(self, field: forms.RadioField) -> None:
        """If one CCG or one practice is chosen below, it is the one that is meant."""
        wanted = {"all": (), "ccg": ("ccg",), "practice": ("practice",)}.get(field.data)
        if wanted is None:  # the field says so itself
            return
        chosen = tuple(name for name in ("ccg", "practice") if self[name].data)
        if chosen != wanted:
            raise forms.ValidationError(
                f"Choose the {'{body}' if 'ccg' in wanted else '{member}'} below, and nothing else"
                if wanted
                else "{A body} or {a member} is chosen below. Choose One {body} or One {member}, or clear that choice"
            )

    def meant(self) -> Audience:
        """The recipients chosen."""
        match self.whom.data:
            case "all":
                return Everyone()
            case "ccg":
                return OneCcg(self.ccg.data)
        return OnePractice(self.practice.data)


class MailFilter(Form):
    """Choose which e-mails to show. It is sent as part of the address and changes nothing."""

    ccg = SelectField("{Body}")
    kind = SelectField("E-mail")
    state = SelectField("State")

    class Meta:
        csrf = False

    def __init__(self, programme: Programme) -> None:
        super().__init__(formdata=request.args)
        words = {state: label.text for state, label in MAIL_STATES.items() if state is not None}
        self.ccg.choices = [choice("", "All {bodies}"), *(choice(ccg.ods, ccg.name) for ccg in programme.ccgs)]
        self.kind.choices = [
            choice("", "All e-mails"),
            *(choice(kind.value, word) for kind, word in MAIL_KINDS.items()),
        ]
        self.state.choices = [choice("", "All states"), *(choice(state.value, word) for state, word in words.items())]

    def lets_through(self, one: MessageStatus) -> bool:
        """Whether a message is one of those chosen."""
        found = ((self.kind.data, one.kind), (self.state.data, one.state))
        return all(not wanted or (has is not None and has.value == wanted) for wanted, has in found)


@running.get("/office/ballots/<programme>/mail")
@allow(AccessRule.STAFF, *READERS)
def mail(programme: str) -> str:
    """The state of every e-mail, with those to mend first."""
    here = surroundings()
    found = mail_status(here.engine, programme, here.clock(), sees_who_voted=sees_who_voted())
    with reading(here.engine) as session:
        row = find_programme(session, programme) or abort(404)
    form = MailFilter(read_programme(row.toml))
    selection = one_ccg_at_a_time(filter(form.lets_through, found.posted), lambda posted: posted.ccg)
    said = {
        "form": form,
        "kinds": {kind: word for kind, word in MAIL_KINDS.items() if sees_who_voted() or kind not in TELL_WHO_VOTED},
        "words": MAIL_KINDS,
        "states": MAIL_STATES,
        "why": why_unsent,
        "sees_addresses": signed_in().role in (StaffRole.REGISTRAR, *OFFICERS),
    }
    return programme_page("running/mail", row, found=found, selection=selection, **said)


@running.route("/office/ballots/<programme>/mail/<kind>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def send(programme: str, kind: str) -> ResponseReturnValue:
    """Choose the recipients; show the list; on the second press, queue."""
    if kind not in KINDS:
        abort(404)
    here, form, (of, act) = surroundings(), Addressees(), KINDS[kind]
    planned = None
    with reading(here.engine) as session:
        row = find_programme(session, programme) or abort(404)
        members = [member for listed in practices_by_ballot(session, programme).values() for member in listed]
        practices = {member.ods: member.called for member in sorted(members, key=lambda member: member.called)}
        form.offer({ccg.ods: ccg.name for ccg in read_programme(row.toml).ccgs}, practices)
    if form.validate_on_submit():
        try:
            if "send" in request.form:
                staff = signed_in()
                who = Who(staff.login, acting_for=staff.role.value)
                queued = act(here.engine, here.clock, programme, form.meant(), who)
                return redirect(url_for(".mail", programme=programme, queued=queued.messages), 303)
            planned = plan(here.engine, here.clock, programme, of, form.meant())
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    said = {"link": worker_state(here.config.instance).value, "needs_link": of in NEEDS_LINK}
    shown = _first_message(programme, of, planned) if planned is not None and planned.messages else None
    page = _page("send", programme, form=form, kind=kind, plan=planned, preview=shown, **said)
    return page, 400 if form.errors else 200


def _first_message(programme: str, kind: Kind, planned: Plan) -> Rendered | None:
    """The first message of a plan in the words that are sent, with a link that cannot vote. None without e-mail."""
    here = surroundings()
    settings = here.config.mail
    if settings is None:
        return None
    base, practice = settings.links or f"https://{here.config.board}", planned.messages[0].practices[0][1]
    with_link = worker_state(here.config.instance) is not WorkerState.LOCKED
    message = preview(here.engine, here.clock, programme, practice, kind, base, settings.reply_to, with_link=with_link)
    return render(message, attaches=settings.attaches)


@running.get("/office/ballots/<programme>/turnout")
@allow(AccessRule.STAFF, *READERS)
def live(programme: str) -> str:
    """Which practices have returned a vote, and when; never how they voted."""
    here = surroundings()
    now = here.clock()
    found = turnout(here.engine, programme, now)
    names = sees_who_voted()
    problems = mail_status(here.engine, programme, now, sees_who_voted=names).problems
    undelivered = len({(problem.ccg, problem.practice) for problem in problems})
    states = {ccg.ccg: label_of(STATES, ccg.state) for ccg in found.ccgs}
    said = {"found": found, "plot": plot(found), "words": words(found), "closings": closings(found), "states": states}
    return _page("turnout", programme, **said, names=names, undelivered=undelivered)


def _page(name: str, programme: str, **given: object) -> str:
    with reading(surroundings().engine) as session:
        row = find_programme(session, programme)
    return programme_page(f"running/{name}", row or abort(404), **given)


mending = Blueprint("mending", __name__)

AGAIN, OTHER, PAPER, HANDED, LATER = "again", "other", "paper", "handed", "later"


class CallForm(Form):
    """The result of the telephone call."""

    heard = RadioField("What did the {member} say?", [InputRequired("Choose what the {member} said")])
    send = SubmitField("Continue")

    def __init__(self, card: MemberCard, **given: object) -> None:
        super().__init__(**given)
        again = f"{card.email} is right and its mailbox works again: send the e-mail again"
        self.heard.choices = [
            *([choice(AGAIN, again)] if card.email and any(problem.posted.kind for problem in card.problems) else []),
            choice(OTHER, "The {member} has another address or another representative"),
            choice(PAPER, "E-mail does not work for this {member}: print a letter"),
            *([choice(HANDED, "Its letter was handed over or posted")] if card.has_live_link else []),
            choice(LATER, "I have not reached anyone yet"),
        ]


@mending.route("/office/ballots/<programme>/mail/mend/<ccg>/<practice>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def mend(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """Record the call, and go on to the page that mends it."""
    here = surroundings()
    card = member_card(here.engine, programme, ccg, practice, here.clock(), sees_who_voted())
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
            case "handed":
                note_letter(here.engine, here.clock, programme, card.ccg, card.practice, who())
            case "paper":
                return redirect(url_for("registrar.practice", programme=programme, ccg=ccg, practice=practice), 303)
        return redirect(url_for("running.mail", programme=programme), 303)
    with reading(here.engine) as session:
        row = find_programme(session, programme)
    if row is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, "There is no such ballot.")
    return programme_page("running/mend", row, card=card, form=form), 400 if form.errors else 200


def _send_again(programme: str, card: MemberCard) -> None:
    """Queue the e-mails again that did not reach this practice."""
    here = surroundings()
    retry(here.engine, here.clock, programme, OnePractice(card.practice), who())
