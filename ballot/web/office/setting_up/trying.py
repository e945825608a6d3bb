"""Counts typed on a page, to try a constitution with: what would it decide, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms.validators import InputRequired, NumberRange

from ballot.constitution.counts import ABSTAIN, AGAINST, FOR, Counts, Measure, summed
from ballot.constitution.phrases import capitalised
from ballot.constitution.rule import Rule
from ballot.web import forms
from ballot.web.office.setting_up.condition_fields import LINE

_WORDS = {FOR: "For", AGAINST: "Against", ABSTAIN: "Abstain"}
_WHOLE = [InputRequired("Enter a number; 0 if there are none"), NumberRange(0, 10**9, "Enter a whole number")]


class AnswerEntry(forms.FormEntry):
    """How many gave one answer."""

    answer = forms.HiddenField()
    practices = forms.IntegerField("{Members}", _WHOLE)
    weight = forms.IntegerField("Weighted votes", _WHOLE)


class PlaceEntry(forms.FormEntry):
    """The counts of the CCG, or of one of its localities."""

    name = forms.StringField("Name of the locality", [InputRequired("Enter the locality"), LINE])
    eligible = forms.IntegerField("{Members} that may vote", _WHOLE)
    eligible_weight = forms.IntegerField("Weighted votes of them all", _WHOLE)
    answers = forms.FieldList(forms.FormField(AnswerEntry))

    def counts(self, weighs: bool) -> Counts:
        """The counts. Raises: InvalidCounts."""
        answers = {
            str(entry.form.answer.data): Measure(entry.form.practices.data, entry.form.weight.data if weighs else None)
            for entry in self.answers.entries
        }
        return Counts(Measure(self.eligible.data, self.eligible_weight.data if weighs else None), answers)


class Trial(forms.Form):
    """The counts of one question: of the whole CCG, or of each locality where the rule tests them."""

    places = forms.FieldList(forms.FormField(PlaceEntry), min_entries=1)
    send = forms.SubmitField("Work it out")

    def offer(self, rule: Rule, answers: Mapping[str, str]) -> None:
        """Ask for what the rule needs: `answers` maps each answer's id to its text."""
        self.weighs, self.by_locality = rule.weight is not None, bool(rule.in_localities)
        entries: list[Any] = list(self.places.entries)
        votes = rule.words.weight.many
        for entry in entries:
            entry.form.eligible_weight.label.text = f"{capitalised(votes)} of them all"
            while len(entry.form.answers.entries) < len(answers):
                entry.form.answers.append_entry()
            for one, (id, text) in zip(entry.form.answers.entries, answers.items(), strict=False):
                one.form.answer.data = id
                one.form.practices.label.text = f"{text}: {{members}}" if self.weighs else text
                one.form.weight.label.text = f"{text}: {votes}"
                if not self.weighs:
                    one.form.weight.validators = []
            if not self.by_locality:
                entry.form.name.validators = []
            if not self.weighs:
                entry.form.eligible_weight.validators = []

    def counts(self) -> Counts:
        """The counts of the whole CCG. Raises: InvalidCounts."""
        entries: list[Any] = list(self.places.entries)
        if not self.by_locality:
            return entries[0].form.counts(self.weighs)  # type: ignore[no-any-return]
        return summed({str(entry.form.name.data).strip(): entry.form.counts(self.weighs) for entry in entries})


def answers_to(options: Mapping[str, str]) -> dict[str, str]:
    """Every answer's id and text, with the abstention last; without options, for and against."""
    return {**(options or {FOR: _WORDS[FOR], AGAINST: _WORDS[AGAINST]}), ABSTAIN: _WORDS[ABSTAIN]}
