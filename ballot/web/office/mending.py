"""The guided mend of an e-mail that did not arrive: telephone first, then whichever way fits what was heard."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.office.errors import Refusal, Refused
from ballot.office.member_card import MemberCard, member_card
from ballot.office.recipients import OnePractice
from ballot.office.retry import retry
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import StaffRole
from ballot.web.access import Rule, allow
from ballot.web.forms import Form, RadioField, SubmitField, choice
from ballot.web.office.keys import who
from ballot.web.office.session import sees_who_voted
from ballot.web.stage import surroundings

mending = Blueprint("mending", __name__)

AGAIN, OTHER, PAPER, LATER = "again", "other", "paper", "later"


class Heard(Form):
    """What the telephone call brought."""

    heard = RadioField("What did the practice say?", [InputRequired("Choose what the practice said")])
    send = SubmitField("Continue")

    def __init__(self, card: MemberCard, **given: object) -> None:
        super().__init__(**given)
        again = f"{card.email} is right and its mailbox works again: send the e-mail again"
        self.heard.choices = [
            *([choice(AGAIN, again)] if card.email and any(mend.posted.kind for mend in card.mends) else []),
            choice(OTHER, "The practice has another address or another representative"),
            choice(PAPER, "E-mail does not work for this practice: print a letter"),
            choice(LATER, "I have not reached anyone yet"),
        ]


@mending.route("/office/ballots/<programme>/mail/mend/<ccg>/<practice>", methods=["GET", "POST"])
@allow(Rule.STAFF, StaffRole.RETURNING_OFFICER, StaffRole.DEPUTY)
def mend(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """Say what was heard, and go on to what mends it."""
    here = surroundings()
    card = member_card(here.engine, programme, ccg, practice, sees_who_voted())
    form = Heard(card)
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
