"""Copy a ballot, such as the real one from its rehearsal; delete a draft."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from ballot.office.errors import Refused
from ballot.office.setup.draft import PROGRAMME
from ballot.office.setup.drafts import copy_draft, delete_draft
from ballot.office.staff.roles import OFFICERS
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.office.keys import who
from ballot.web.office.setting_up.pages import draft_page, is_prepared, known_values, note_upload, the_draft
from ballot.web.stage import surroundings

drafts = Blueprint("drafts", __name__)
_LINE = Length(max=500, message="This must be 500 characters or fewer")


class Copying(forms.Form):
    """The id and the name of the copy."""

    id = forms.StringField("Id of the copy", [InputRequired("Enter an id"), _LINE], description="Such as north-2020")
    name = forms.StringField("Name of the copy", [InputRequired("Enter a name"), _LINE])
    rehearsal = forms.BooleanField("The copy is a rehearsal too")
    send = forms.SubmitField("Copy the ballot")


class Deleting(forms.Form):
    """Confirm that the draft goes."""

    sure = forms.BooleanField("I want to delete this ballot and all its files")
    send = forms.SubmitField("Delete the ballot")

    def validate_sure(self, field: forms.BooleanField) -> None:
        """Must be ticked."""
        if not field.data:
            raise forms.ValidationError("Tick the box to delete the ballot, or go back to the task list")


@drafts.route("/office/ballots/<programme>/copy", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def copy(programme: str) -> ResponseReturnValue:
    """Make a new draft with the same settings and files."""
    draft, form = the_draft(programme), Copying()
    if form.validate_on_submit():
        try:
            id, name = (form.id.data or "").strip(), form.name.data or ""
            made = copy_draft(draft, id, name, bool(form.rehearsal.data), surroundings().clock())
            note_upload(made, "programme", made.read(PROGRAMME) or b"")
            return redirect(url_for("setting_up.task_list", programme=made.id), 303)
        except Refused as refusal:
            form.mark(form.id, refusal.sentence)
    elif not form.is_submitted():
        form.name.data = str(known_values(draft).get("name", ""))
    return draft_page(draft, "copy", form=form), 400 if form.errors else 200


@drafts.route("/office/ballots/<programme>/delete", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def delete(programme: str) -> ResponseReturnValue:
    """Delete a draft for ever, after a confirmation."""
    draft, form, here = the_draft(programme), Deleting(), surroundings()
    if form.validate_on_submit():
        delete_draft(here.engine, here.clock, draft, who())
        return redirect(url_for("setting_up.ballots"), 303)
    return draft_page(draft, "delete", form=form, prepared=is_prepared(draft)), 400 if form.errors else 200
