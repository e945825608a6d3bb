"""A constitution as a form: every rule that a file can state, up to the size of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wtforms.validators import InputRequired, Length, NumberRange, Optional

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.rule import Constitution, Outcome
from ballot.constitution.weight import MissingList, Rounding
from ballot.constitution.write import compose_constitution, constitution_fields, says_the_same
from ballot.web import forms
from ballot.web.entries import MOST_ENTRIES, sent_by
from ballot.web.forms import choice
from ballot.web.office.setting_up.rule_fields import LINE, Deciding, QuestionRuleEntry, Table

_ROUNDING = {
    Rounding.FLOOR: "down: part of a band does not count",
    Rounding.CEILING: "up: part of a band counts as a whole band",
    Rounding.NEAREST: "to the nearest whole band",
}
_MISSING = {MissingList.REFUSE: "is an error", MissingList.ZERO: "has no weighted votes"}
_NUMBER = NumberRange(1, 10**9, "Enter a whole number of at least 1")


@dataclass(frozen=True, slots=True)
class QuestionsAsked:
    """What the programme asks, as far as it is known: questions with their texts, and every option."""

    questions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    def with_rule(self, rule: Constitution | None) -> QuestionsAsked:
        """Add what a rule names, so that the form can show it."""
        if rule is None:
            return self
        named = [
            *rule.rule_for().options,
            *(id for part in rule.questions for id in rule.rule_for(part.question).options),
        ]
        own = [part.question for part in rule.questions]
        return QuestionsAsked(
            {**self.questions, **{id: id for id in own if id not in self.questions}},
            {**self.options, **{id: id for id in named if id not in self.options}},
        )


class ConstitutionForm(forms.Form):
    """The source of the rule, weights, what decides, and questions with rules of their own."""

    document = forms.StringField(
        "Document", [InputRequired("Enter the document"), LINE], description="Its name and version"
    )
    clause = forms.StringField("Clause", [InputRequired("Enter the clause's number"), LINE])
    wording = forms.TextAreaField(
        "Wording of the clause",
        [InputRequired("Enter the wording"), Length(max=20_000, message="This must be 20,000 characters or fewer")],
        description="Word for word",
    )
    approved_by = forms.StringField(
        "Who approves that this form says the same as the clause", [InputRequired("Enter who approves it"), LINE]
    )
    weighs = forms.RadioField(
        "Does a practice's vote weigh by its registered patients?",
        choices=[choice("no", "No: one practice, one vote"), choice("yes", "Yes, in some test or in the quorum")],
        default="no",
    )
    per = forms.IntegerField(
        "Number of patients for each vote", [Optional(), _NUMBER], description="Enter 1 to use the exact list size"
    )
    rounding = forms.SelectField(
        "Rounded",
        choices=[
            choice("", "Nothing to round: each patient counts"),
            *(choice(w.value, t) for w, t in _ROUNDING.items()),
        ],
        default="",
    )
    minimum = forms.IntegerField("Fewest votes of a practice (optional)", [Optional(), _NUMBER])
    maximum = forms.IntegerField("Most votes of a practice (optional)", [Optional(), _NUMBER])
    snapshot = forms.StringField("Day of the list sizes", [LINE], description="Such as 2020-04-01")
    missing = forms.SelectField(
        "A practice without a list",
        choices=[choice(w.value, t) for w, t in _MISSING.items()],
        default=MissingList.REFUSE.value,
    )
    rule = forms.FormField(Deciding)
    questions = forms.FieldList(forms.FormField(QuestionRuleEntry))
    reballot = forms.SelectMultipleField(
        "What may be voted on again",
        choices=[
            choice(Outcome.INQUORATE.value, "What was inquorate"),
            choice(Outcome.NOT_CARRIED.value, "What was not carried"),
        ],
    )
    send = forms.SubmitField("Save")

    def validate_per(self, field: forms.IntegerField) -> None:
        """Needed only if votes weigh."""
        if self.weighs.data == "yes" and not field.data:
            raise forms.ValidationError("Enter the number of patients for each vote")

    def offer(self, asked: QuestionsAsked) -> None:
        """Set the options and questions to choose from."""
        self.rule.form.offer(asked.options)
        for entry in self.questions.entries:
            entry.form.offer(asked.options)

    def fields_of(self, ccg: str, name: str, encoded_by: str) -> Table:
        """The fields as a rule file has them."""
        fields: Table = {"ccg": ccg, "name": name, "reballot": sorted(self.reballot.data or [])}
        fields["source"] = {
            "document": self.document.data,
            "clause": self.clause.data,
            "wording": (self.wording.data or "").replace("\r\n", "\n"),
            "encoded_by": encoded_by,
            "approved_by": self.approved_by.data,
        }
        if self.weighs.data == "yes":
            fields["weight"] = self._weight()
        fields |= self.rule.form.written()
        own = {str(entry.form.question.data): entry.form.written() for entry in self.questions.entries}
        if replaced := {question: table for question, table in own.items() if table}:
            fields["question"] = replaced
        return fields

    def _weight(self) -> Table:
        limits = {"minimum": self.minimum.data, "maximum": self.maximum.data, "rounding": self.rounding.data}
        written = (self.snapshot.data or "").strip()
        try:
            snapshot: object = dt.date.fromisoformat(written)
        except ValueError:
            snapshot = written  # The reader reports the error
        given = {key: value for key, value in limits.items() if value}
        return {"per": self.per.data, **given, "snapshot": snapshot, "missing": self.missing.data}


def filled_form(rule: Constitution | None, asked: QuestionsAsked) -> ConstitutionForm:
    """The form as first shown: the file's values, and an entry for each question if there are several."""
    shown = asked.with_rule(rule)
    form = ConstitutionForm(formdata=None, data=_values(rule, shown.questions))
    form.offer(shown)
    return form


def _values(rule: Constitution | None, questions: Mapping[str, str]) -> Table:
    fields: Table = {} if rule is None else constitution_fields(rule)
    own = fields.get("question", {})
    several: Sequence[str] = list(questions) if len(questions) > 1 or own else []
    entries = [{"question": id, **QuestionRuleEntry.read(own.get(id, {}), combine="")} for id in several]
    values: Table = {"questions": entries, "reballot": fields.get("reballot", [Outcome.INQUORATE.value])}
    if rule is None:
        return values
    weight = fields.get("weight")
    source = {key: fields["source"][key] for key in ("document", "clause", "wording", "approved_by")}
    values |= {**source, "rule": Deciding.read(fields)}
    if weight is not None:
        snapshot = weight["snapshot"].isoformat()
        values |= {**weight, "weighs": "yes", "rounding": weight.get("rounding", ""), "snapshot": snapshot}
    return values


def composed(form: ConstitutionForm, before: Constitution | None, ccg: str, name: str, encoder: str) -> Constitution:
    """The rule in a form that was sent. Raises: InvalidRule.

    Whoever changes a rule becomes its encoder; an unchanged rule keeps its own.
    """
    if before is not None:
        same = compose_constitution(form.fields_of(ccg, before.name, before.source.encoded_by), before.file)
        if says_the_same(same, before):
            return before
        name = before.name
    return compose_constitution(form.fields_of(ccg, name, encoder), f"{ccg}.toml")


def can_say(rule: Constitution, asked: QuestionsAsked) -> bool:
    """Whether the form can show this file: loading it and sending it unchanged gives the same rule. This tries it."""
    several = [rule.tests, rule.locality_tests, *(part.tests or () for part in rule.questions)]
    if max(map(len, [*several, rule.questions, *(p.locality_tests or () for p in rule.questions)])) > MOST_ENTRIES:
        return False
    sent: Any = sent_by(filled_form(rule, asked))
    form = ConstitutionForm(formdata=sent, meta={"csrf": False})
    form.offer(asked.with_rule(rule))
    try:
        return form.validate() and composed(form, rule, rule.ccg, rule.name, "") == rule
    except ConstitutionError:
        return False


def has_options(rule: Constitution) -> bool:
    """Whether any test of the file is about options."""
    rules = [rule.rule_for(), *(rule.rule_for(part.question) for part in rule.questions)]
    return any(one.has_options for one in rules)


class RuleUpload(forms.Form):
    """Upload the file itself."""

    file = forms.FileField("The rule file", description="TOML")
    upload = forms.SubmitField("Upload")
