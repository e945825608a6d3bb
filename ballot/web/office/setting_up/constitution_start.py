"""The first page of a CCG's rule: its clause, and what it is like. The form of steps then begins filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from wtforms.validators import InputRequired

from ballot.constitution.rule import Constitution
from ballot.web import forms
from ballot.web.forms import choice
from ballot.web.office.setting_up.condition_fields import LINE
from ballot.web.office.setting_up.constitution_form import ConstitutionForm, filled_form
from ballot.web.office.setting_up.constitution_steps import QuestionsAsked, SourceForm, day_of
from ballot.web.office.setting_up.usual_clauses import USUAL_CLAUSES, USUAL_QUORUMS

SAME = "same-"
"""Before the code of the CCG that has the same rule."""
OWN = "own"
WEIGHED = tuple(id for id, clause in USUAL_CLAUSES.items() if clause.weighs)


class RuleStart(SourceForm):
    """The clause, and the rule that is nearest: another CCG's, a usual one, or none."""

    usual = forms.RadioField("What does the clause ask for?", [InputRequired("Choose the clause that is nearest")])
    snapshot = forms.StringField("Day of the list sizes", [LINE], description="Such as 2020-04-01")
    quorum = forms.RadioField(
        "Is there a quorum?", choices=[choice(id, title) for id, (title, _) in USUAL_QUORUMS.items()], default="none"
    )

    def offer(self, rules: Mapping[str, Constitution]) -> None:
        """Set the rules of other CCGs, by code, which this CCG's may be the same as."""
        self.rules = rules
        same = [choice(SAME + ccg, f"The same as the clause of {rule.name}") for ccg, rule in rules.items()]
        usual = [choice(id, clause.title) for id, clause in USUAL_CLAUSES.items()]
        self.usual.choices = [*same, *usual, choice(OWN, "None of these. I fill in every step")]
        if same:
            self.quorum.description = "With the same clause as another {body}, that {body}'s quorum applies"

    def validate_snapshot(self, field: forms.StringField) -> None:
        """Needed if the usual clause weighs votes."""
        if self.usual.data in WEIGHED and not isinstance(day_of(field.data), dt.date):
            raise forms.ValidationError("Enter the day of the list sizes as year, month and day, such as 2020-04-01")

    def filled(self, asked: QuestionsAsked) -> ConstitutionForm:
        """The form of steps, with this clause and the rule that was chosen."""
        chosen = str(self.usual.data)
        same = self.rules.get(chosen.removeprefix(SAME)) if chosen.startswith(SAME) else None
        usual = (chosen, str(self.quorum.data)) if chosen in USUAL_CLAUSES else None
        form = filled_form(same, asked, usual)
        for field in SourceForm(formdata=None, meta={"csrf": False}):
            form[field.name].data = self[field.name].data
        if chosen in WEIGHED:
            form.snapshot.data = self.snapshot.data
        return form


class RuleUpload(forms.Form):
    """Upload the file itself."""

    file = forms.FileField("The rule file", description="TOML")
    upload = forms.SubmitField("Upload")
