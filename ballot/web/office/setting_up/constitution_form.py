"""A constitution as a form: every rule that a file can state, up to the size of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from wtforms import Field
from wtforms.validators import Optional

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.phrases import capitalised
from ballot.constitution.rule import Constitution, Outcome, Unit
from ballot.constitution.weight import MissingList, Rounding
from ballot.constitution.write import compose_constitution, constitution_fields, says_the_same
from ballot.web import forms
from ballot.web.entries import MOST_ENTRIES, leaves, sent_by
from ballot.web.forms import choice
from ballot.web.office.setting_up.condition_fields import (
    AGAINST,
    FOR,
    LINE,
    MOST_VOTES,
    NUMBER,
    OPTION,
    BandEntry,
    Table,
)
from ballot.web.office.setting_up.constitution_steps import QuestionsAsked, SourceForm, day_of, step_of
from ballot.web.office.setting_up.rule_fields import Deciding, QuestionRuleEntry
from ballot.web.office.setting_up.usual_clauses import USUAL_CLAUSES, usual_rule

_ROUNDING = {
    Rounding.FLOOR: "down: part of a band does not count",
    Rounding.CEILING: "up: part of a band counts as a whole band",
    Rounding.NEAREST: "to the nearest whole band",
}
_MISSING = {MissingList.REFUSE: "is a mistake: the roll is refused", MissingList.ZERO: "weighs nothing"}


class ConstitutionForm(SourceForm):
    """The source of the rule, weights, what decides, and questions with rules of their own."""

    weighs = forms.RadioField(
        "Does {a member}'s vote weigh by its registered patients, or by another number such as shares?",
        choices=[choice("no", "No: one {member}, one vote"), choice("yes", "Yes, in some test or in the quorum")],
        default="no",
    )
    per = forms.IntegerField(
        "Number of patients for each vote, or of what else counts",
        [
            forms.NeededIf(
                lambda form: form.weighs.data == "yes" and not form.has_open_band,
                "Enter the number of patients for each vote",
            ),
            NUMBER,
        ],
        description="Enter 1 to use the exact number. With irregular bands, only what is above the last band counts",
    )
    bands = forms.ListIf(forms.FormField(BandEntry), "Irregular bands", used=lambda form: form.weighs.data == "yes")
    rounding = forms.SelectField(
        "Rounded",
        choices=[
            choice("", "Nothing to round: each one counts"),
            *(choice(w.value, t) for w, t in _ROUNDING.items()),
        ],
        default="",
    )
    minimum = forms.IntegerField("Fewest votes of {a member} (optional)", [Optional(), NUMBER])
    maximum = forms.IntegerField("Most votes of {a member} (optional)", [Optional(), NUMBER])
    snapshot = forms.StringField("Day of the list sizes or numbers", [LINE], description="Such as 2020-04-01")
    column = forms.StringField(
        "Column of the roll that votes weigh by (optional)",
        [LINE],
        description="Its heading, such as shares or rateable_value. Leave it empty to weigh by registered patients",
    )
    counts = forms.StringField(
        "What that column counts (optional)", [LINE], description="One and several, such as: share, shares"
    )
    unit = forms.StringField(
        "What a weighted vote is called (optional)",
        [LINE],
        description="One and several, such as: share, shares. The rule then says shares",
    )
    missing = forms.SelectField(
        "{A member} without a list or number",
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
    send = forms.SubmitField("Save the rule")
    asked = QuestionsAsked()

    @property
    def has_open_band(self) -> bool:
        """Whether a band has no end."""
        return any(entry.form.up_to.data is None for entry in self.bands.entries)

    def validate_rounding(self, field: forms.SelectField) -> None:
        """Needed if votes are for bands of patients."""
        if self.weighs.data == "yes" and (self.per.data or 1) > 1 and not field.data:
            raise forms.ValidationError("Choose how part of a band is rounded")

    def validate_snapshot(self, field: forms.StringField) -> None:
        """Needed if votes weigh."""
        if self.weighs.data == "yes" and not isinstance(day_of(field.data), dt.date):
            raise forms.ValidationError("Enter the day of the list sizes as year, month and day, such as 2020-04-01")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and whether each test suits the questions that it decides."""
        right = super().validate(extra_validators)
        wrong = [*self._unweighed(), *self._unsuited()]
        for found, sentence in wrong:
            self.mark(found, sentence)
        return bool(right) and not wrong

    def _decidings(self) -> Iterator[tuple[Any, list[str]]]:
        """Each set of tests, with the questions that it decides."""
        own = {str(entry.form.question.data): entry.form for entry in self.questions.entries if entry.form.has_tests}
        yield self.rule.form, [question for question in self.asked.questions if question not in own]
        yield from ((form, [question]) for question, form in own.items())

    def _unweighed(self) -> Iterator[tuple[Field, str]]:
        if self.weighs.data == "yes":
            return
        every: list[Any] = [self.rule, *self.questions.entries]
        for form in [entry.form for entry in every]:
            measures = [entry.form.measure for entry in (*form.tests.entries, *form.localities.entries)]
            if form.quorum.data == "own":
                measures += [form.quorum_measure, *(entry.form.measure for entry in form.more_quorums.entries)]
            for measure in [*measures, *(entry.form.measure for entry in form.locality_quorums.entries)]:
                if measure.data == Unit.WEIGHT.value:
                    yield measure, "Choose {members} here, or say first that votes weigh by registered patients"

    def _unsuited(self) -> Iterator[tuple[Field, str]]:
        """Tests of options where the question has none, and the other way round."""
        for form, questions in self._decidings():
            kinds = self.asked.kinds(questions)
            tested = [entry.form.subject.data for entry in form.tests.entries]
            for subject in [entry.form.subject for entry in (*form.tests.entries, *form.localities.entries)]:
                if len(kinds) > 1:
                    yield subject, _MIXED
                elif kinds == {True} and subject.data in (FOR, AGAINST):
                    yield subject, "The question has options. Choose the option that this test is about"
                elif kinds == {False} and subject.data not in (FOR, AGAINST):
                    yield subject, "The question has no options. Choose votes for"
                elif subject.data.startswith(OPTION) and tested and not {subject.data, MOST_VOTES} & set(tested):
                    yield subject, "Add a test of the whole {body} for this option too"

    def field_at(self, path: tuple[str | int, ...]) -> Field | None:
        """The field that is written to this path of the rule file; None if it is not one field."""
        match path:
            case ("source" | "weight", str(key), *_) if key in self and key != "bands":
                return cast(Field, self[key])
            case ("question", str(question), *rest):
                found = [entry.form for entry in self.questions.entries if entry.form.question.data == question]
                return found[0].field_at(rest) if found else None
            case ("weight", "band", int(index), *rest) if index < len(self.bands.entries):
                band: Any = self.bands.entries[index].form
                return cast(Field, band[rest[0]] if rest and rest[0] in band else band.votes)
            case ("weight",):
                return cast(Field, self.per)
            case _:
                return self.rule.form.field_at(list(path))

    def keep_errors_of(self, step: str) -> bool:
        """Forget the errors of other steps. Returns whether this one has any."""
        for found in leaves(self):
            if step_of(found.name) not in (step, None):
                found.errors = []
        return bool(self.errors)

    def carried(self, step: str) -> list[tuple[str, str]]:
        """The names and values of the fields that are not on the page of this step."""
        return [(name, value) for name, value in sent_by(self).items(multi=True) if step_of(name) != step]

    def offer(self, asked: QuestionsAsked) -> None:
        """Set the options and questions to choose from."""
        self.asked = asked
        unit = capitalised("".join(_texts(self.unit.data)[1:2]))
        every: list[Any] = [self.rule, *self.questions.entries]
        for entry in every:
            entry.form.offer(asked.options, unit)

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
        nouns = {key: _texts(self[key].data) for key in ("counts", "unit")}
        column = (self.column.data or "").strip()
        given = {key: value for key, value in {"column": column, **nouns, **limits}.items() if value}
        per: Table = {} if self.per.data is None else {"per": self.per.data}
        bands = [entry.form.written() for entry in self.bands.entries]
        band: Table = {"band": bands} if bands else {}
        return {**per, **given, "snapshot": day_of(self.snapshot.data), "missing": self.missing.data, **band}


_MIXED = (
    "Some questions have options and others have none. Give the questions of one kind tests of their own, in the step "
    "about single questions"
)


def _texts(written: str | None) -> list[str]:
    """A noun as it was typed: singular and plural, and perhaps its article."""
    return [text.strip() for text in (written or "").split(",") if text.strip()]


def filled_form(
    rule: Constitution | None, asked: QuestionsAsked, usual: tuple[str, str] | None = None
) -> ConstitutionForm:
    """The form as first shown: the file's values, and an entry for each question if there are several.

    Without a file, it can start from the ids of a usual clause and quorum. Raises: KeyError for an unknown id.
    """
    shown = asked.with_rule(rule)
    values = _values(rule, shown.questions)
    if usual is not None and rule is None:
        clause, quorum = usual
        table = usual_rule(clause, quorum, with_options=asked.kinds(asked.questions) == {True})
        weighs = {"weighs": "yes", "per": 1} if USUAL_CLAUSES[clause].weighs else {}
        values |= {"rule": Deciding.read(table), **weighs}
    form = ConstitutionForm(formdata=None, data=values)
    form.offer(shown)
    return form


def _values(rule: Constitution | None, questions: Mapping[str, str]) -> Table:
    fields: Table = {} if rule is None else constitution_fields(rule)
    own = fields.get("question", {})
    several: Sequence[str] = list(questions) if len(questions) > 1 or own else []
    entries = [{"question": id, **QuestionRuleEntry.read(own.get(id, {}), combine="")} for id in several]
    values: Table = {"questions": entries, "reballot": fields.get("reballot", [Outcome.INQUORATE.value])}
    if rule is None:
        return {**values, "rule": {"tests": [{}]}}
    weight = fields.get("weight")
    source = {key: fields["source"][key] for key in ("document", "clause", "wording", "approved_by")}
    values |= {**source, "rule": Deciding.read(fields)}
    if weight is not None:
        snapshot = weight["snapshot"].isoformat()
        bands = weight.get("band", ())
        values |= {
            **weight,
            **{key: ", ".join(weight[key]) for key in ("counts", "unit") if key in weight},
            "bands": bands,
            "weighs": "yes",
            "rounding": weight.get("rounding", ""),
            "snapshot": snapshot,
        }
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
    rules = [rule.rule_for(), *(rule.rule_for(part.question) for part in rule.questions)]
    several = [several for one in rules for several in (one.tests, one.locality_tests, one.all_quorums)]
    if max(map(len, [*several, rule.questions])) > MOST_ENTRIES:
        return False
    shown = asked.with_rule(rule)
    whatever = replace(shown, options_of={}, named=shown.options)  # A rule that does not suit the questions is shown
    return said_by(filled_form(rule, asked), rule, whatever, rule.ccg, rule.name) == rule


def said_by(
    form: ConstitutionForm, before: Constitution | None, asked: QuestionsAsked, ccg: str, name: str, encoder: str = ""
) -> Constitution | None:
    """The rule that a form would say if it were sent as it is shown; None if it is not complete."""
    sent: Any = sent_by(form)
    again = ConstitutionForm(formdata=sent, meta={"csrf": False})
    again.offer(asked)
    try:
        return composed(again, before, ccg, name, encoder) if again.validate() else None
    except ConstitutionError:
        return None
