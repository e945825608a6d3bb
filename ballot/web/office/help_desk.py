"""The help desk: one search box for someone on the telephone. What is found opens the practice's own page.

What is typed can be an e-mail address or a person's name. So it is sent with POST, and stands in no address and no log.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length

from ballot.office.help_desk import MOST, find_practices, search_words
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.web.access import AccessRule, allow
from ballot.web.board.words import STATES
from ballot.web.forms import Form, StringField, SubmitField, ValidationError
from ballot.web.stage import surroundings

help_desk = Blueprint("help_desk", __name__)

_LONGEST = 100


class Search(Form):
    """What the caller said."""

    asked = StringField(
        "Who is calling?",
        [
            InputRequired("Enter a code, a name or an e-mail address"),
            Length(max=_LONGEST, message=f"Enter {_LONGEST} characters or fewer"),
        ],
        description="A code, a name, an e-mail address or the representative. The beginning of each word is enough",
    )
    find = SubmitField("Find")

    def validate_asked(self, field: StringField) -> None:
        """Something to look for must be left when signs and blanks are taken away."""
        if not search_words(field.data or ""):
            raise ValidationError("Enter letters or digits to look for")


@help_desk.route("/office/help-desk", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, *OFFICERS)
def page() -> ResponseReturnValue:
    """Search all ballots. The only practice found is opened; several are listed."""
    here, form, found = surroundings(), Search(), None
    if form.validate_on_submit():
        found = find_practices(here.engine, form.asked.data or "", here.clock())
        if found.total == 1:
            one = found.shown[0]
            found_at = url_for("registrar.practice", programme=one.programme, ccg=one.ccg, practice=one.practice)
            return redirect(found_at, 303)
    said = {"form": form, "found": found, "most": MOST, "states": STATES}
    return render_template("office/help_desk.html", **said), 400 if form.errors else 200
