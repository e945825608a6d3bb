"""The secrecy meter: what the totals would tell about single votes, and how much of it the programme allows."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms.validators import InputRequired, Length

from ballot.constitution.programme import SECRECY_AT_MOST
from ballot.office.errors import Refused
from ballot.office.setup.draft import PROGRAMME, ROLL, Draft, read_folder
from ballot.office.setup.parts import read_roll, unfinished
from ballot.office.setup.secrecy import PlannedElection, measure_planned, meter_of, planned_elections
from ballot.office.setup.tasks import Task, change_part
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.record.secrecy import BALLOTS, RevealedVotes
from ballot.roll.problems import InvalidRoll
from ballot.secrecy.model import VotingModel
from ballot.secrecy.plot import draw_svg
from ballot.secrecy.words import HEADS, percent, say_model, sentences, table_rows
from ballot.strict.fraction import parse_fraction
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.nouns import nouns_here
from ballot.web.office.setting_up.forms import table_of
from ballot.web.office.setting_up.pages import (
    check_not_prepared,
    draft_page,
    is_prepared,
    known_values,
    note_upload,
    the_draft,
)
from ballot.web.stage import surroundings

secrecy = Blueprint("secrecy", __name__)


class Limit(forms.Form):
    """The largest share allowed."""

    at_most = forms.StringField(
        "Largest share of votes that the totals may determine",
        [InputRequired("Enter a share"), Length(max=40, message="Enter a share of 40 characters or fewer")],
        description="Such as 1/10 or 5%",
    )
    send = forms.SubmitField("Save")

    def validate_at_most(self, field: forms.StringField) -> None:
        """Read it as a rule file does."""
        try:
            parse_fraction((field.data or "").strip())
        except ValueError as reason:
            raise forms.ValidationError(f'"{field.data}" {reason}') from None


@secrecy.get("/office/ballots/<programme>/secrecy")
@allow(AccessRule.STAFF, *READERS)
def meter(programme: str) -> str:
    """Every election, and the share of cast votes that its totals would determine."""
    draft = the_draft(programme)
    form = Limit(formdata=None)
    form.at_most.data = str(table_of(known_values(draft), "secrecy").get("at_most", SECRECY_AT_MOST))
    return _overview(draft, form)


@secrecy.post("/office/ballots/<programme>/secrecy")
@allow(AccessRule.STAFF, *OFFICERS)
def limit(programme: str) -> ResponseReturnValue:
    """Change the largest share allowed."""
    draft, form = the_draft(programme), Limit()
    if form.validate_on_submit():
        check_not_prepared(draft)
        values = {"secrecy": {"at_most": (form.at_most.data or "").strip()}}
        try:
            change_part(draft, Task.SECRECY, values, surroundings().clock())
            note_upload(draft, "programme", draft.read(PROGRAMME) or b"")
            return redirect(url_for(".meter", programme=programme), 303)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    return _overview(draft, form), 400


@secrecy.get("/office/ballots/<programme>/secrecy/<election>")
@allow(AccessRule.STAFF, *READERS)
def of_election(programme: str, election: str) -> str:
    """One election: the planned totals, the alternatives, and what each would tell."""
    draft = the_draft(programme)
    found, _ = _elections(draft)
    planned = next((one for one in found if one.name == election), None)
    if planned is None:
        abort(404)
    measured = meter_of(planned)
    plot = Markup(draw_svg([(f"{planned.title} ({planned.name})", measured)]))  # noqa: S704  (it escapes every name)
    member = nouns_here().member
    findings = list(sentences(measured, member.one, member.many))
    said = {"heads": HEADS, "rows": table_rows(measured), "findings": findings}
    return draft_page(
        draft, "secrecy_election", planned=planned, plot=plot, model=say_model(VotingModel(), member.one), **said
    )


def _overview(draft: Draft, form: Limit) -> str:
    found, fault = _elections(draft)
    measured = [(planned, measure_planned(planned)) for planned in found]
    at_most = parse_fraction(_limit_of(draft))
    rows = [
        (planned, one, percent(one.share_known), RevealedVotes(one.known, one.cast).is_more_than(at_most))
        for planned, one in measured
    ]
    said = {"rows": rows, "fault": fault, "form": form, "limit": str(at_most), "ballots": BALLOTS}
    about = {"model": say_model(VotingModel(), nouns_here().member.one), "prepared": is_prepared(draft)}
    return draft_page(draft, "secrecy", **said, **about, too_much=any(row[3] for row in rows))


def _limit_of(draft: Draft) -> str:
    """The file's limit, if it can be read; the task list reports what is wrong with it."""
    try:
        written = str(table_of(known_values(draft), "secrecy").get("at_most", SECRECY_AT_MOST))
        parse_fraction(written)
    except ValueError:
        return str(SECRECY_AT_MOST)
    return written


def _elections(draft: Draft) -> tuple[list[PlannedElection], str]:
    """The elections that the files would make; empty with a reason if they are incomplete."""
    missing = unfinished(draft) or ([] if draft.read(ROLL) is not None else ["the roll"])
    if missing:
        return [], f"This can be measured when this is complete: {', '.join(missing)}."
    waits = "This can be measured when the roll is right."
    try:
        files = read_folder(draft.folder)
        roll = read_roll(draft, files)
        assert roll is not None
        return planned_elections(files, roll), ""
    except Refused as refusal:
        return [], f"{waits} {refusal.sentence}"
    except InvalidRoll:
        return [], f"{waits} The task list says what is wrong with it."
